"""What to draw, never how: the only thing that passes from the core to a renderer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np

from wandb_plot.model.figure_choices import DEFAULT_DPI, DEFAULT_SIZE, DEFAULT_STYLE, XScale, YScale
from wandb_plot.model.history import FloatArray

MarkKind = Literal["runs", "crashed"]

_ARRAYS = ("x", "y", "smooth", "low", "high")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A point of a line that deserves notice.

    Attributes:
        kind: `runs`, where the number of runs that make a group's line changes; `crashed`, where a run ended before it
            was done: it crashed, failed, or was killed or preempted.
        x: on the axis, as in `Series.x`.
        y: of the line that is strongest there: the smoothed one where there is one.
        text: what it means, in a few characters: `n=6→4`, `crashed`.
        label: what to write beside it; None for its text, empty where the label of a mark nearby says it too.
    """

    kind: MarkKind
    x: float
    y: float
    text: str
    label: str | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Series:
    """One line: one metric of one run, or of a group of runs.

    All arrays have the shape (n,), are float64 and read-only.

    Attributes:
        label: what the legend calls it.
        metric: the logged name.
        run_ids: the runs that it shows; more than one for a group.
        slot: number of its colour, from 0; a run keeps its slot through all figures of a command.
        x: in drawing order, finite; seconds since the epoch (UTC) where the figure's `xscale` is `time`.
        y: the values; NaN is a gap, at an `x` where something that can't be drawn was logged.
        smooth: the smoothed line, or None; NaN where `y` is.
        low: lower edge of the band, or None; NaN where there is no band. The band is about `smooth` where there is
            one, its edges smoothed alike; else about `y`.
        high: upper edge of the band; None where `low` is.
        color: `#rrggbb` where its user chose one; else the renderer's colour number `slot`.
        marks: points of the line to be marked, in the order of x.
    """

    label: str
    metric: str
    x: FloatArray
    y: FloatArray
    run_ids: tuple[str, ...] = ()
    slot: int = 0
    smooth: FloatArray | None = None
    low: FloatArray | None = None
    high: FloatArray | None = None
    color: str | None = None
    marks: tuple[Mark, ...] = ()

    @property
    def arrays(self) -> dict[str, FloatArray]:
        """Those of its arrays that it has, by the names of their fields."""
        return {name: array for name in _ARRAYS if (array := getattr(self, name)) is not None}

    def take(self, indices: Any) -> Self:
        """The series of some of its points, chosen by anything that numpy takes between brackets."""
        return replace(self, **{name: array[indices] for name, array in self.arrays.items()})

    def __post_init__(self) -> None:
        for name, given in self.arrays.items():
            # Whatever numpy reads as numbers: lists too, and the columns of other libraries.
            array = np.asarray(given, dtype=np.float64).view()
            array.flags.writeable = False
            object.__setattr__(self, name, array)
            if array.ndim != 1 or array.shape != self.x.shape:
                raise ValueError(f"{name} has shape {array.shape}, x has {self.x.shape}: all arrays are one line's")


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """One image to be, or one of its panels.

    Attributes:
        title: above the axes; may be empty.
        xlabel: below them.
        ylabel: beside them.
        series: in the order of the legend; empty only where there are panels.
        xscale: `linear`, `log` or `time` (x is seconds since the epoch, UTC).
        yscale: `linear` or `log`.
        xlim: lower and upper limit; each may be None, for the renderer to choose.
        ylim: the same for y.
        size: width and height in inches; with the default, a style other than `screen` may take its own.
        dpi: pixels an inch, for formats that have pixels.
        style: `screen`, `paper`, or what else the renderer's traits name.
        legend_title: what the labels have in common, to stand above them; may be empty.
        note: small print for a corner of the axes, such as how many points lie outside of them; may be empty.
        alt: the figure in words.
        panels: parts with axes of their own, each drawn from its title, labels, series, scales, limits and note. One
            legend has all their labels, of which one label has one colour.
        across: how many panels stand side by side; 0 where there are none.
        share_y: whether the y axes of all panels reach equally far.
    """

    title: str
    xlabel: str
    ylabel: str
    series: tuple[Series, ...]
    xscale: XScale = "linear"
    yscale: YScale = "linear"
    xlim: tuple[float | None, float | None] = (None, None)
    ylim: tuple[float | None, float | None] = (None, None)
    size: tuple[float, float] = DEFAULT_SIZE
    dpi: int = DEFAULT_DPI
    style: str = DEFAULT_STYLE
    legend_title: str = ""
    note: str = ""
    alt: str = ""
    panels: tuple["Figure", ...] = ()
    across: int = 0
    share_y: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "series", tuple(self.series))


@dataclass(frozen=True, kw_only=True)
class RendererTraits:
    """What a renderer can do; what it can't is refused before anything is read.

    Attributes:
        formats: the file suffixes it writes, without dots, the default first.
        draws: the optional features that it draws: `smooth`, `band`, `panels`.
        decimate: whether it wants of long series only the points that the picture can show.
        styles: what `Figure.style` may be, the default first; `*.mplstyle` stands for any path of that ending.
        prepare: imports what drawing takes. May be called, once and before the first figure, while runs are read.
    """

    formats: tuple[str, ...] = ("png",)
    draws: frozenset[str] = frozenset()
    decimate: bool = False
    styles: tuple[str, ...] = (DEFAULT_STYLE,)
    prepare: Callable[[], None] | None = None

"""What to draw, never how: the only thing that passes from the core to a renderer."""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from wandb_plot.model.history import FloatArray

XScale = Literal["linear", "log", "time"]
YScale = Literal["linear", "log"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Series:
    """One line: one metric of one run, or of a group of runs.

    All arrays have the shape (n,), are float64 and read-only.

    Attributes:
        label: what the legend calls it.
        metric: the logged name.
        run_ids: the runs behind it; more than one for a group.
        slot: number of its colour, from 0; a run keeps its slot through all figures of a command.
        x: in drawing order, finite; seconds since the epoch (UTC) where the figure's `xscale` is `time`.
        y: the values; NaN is a gap, at an `x` where something that can't be drawn was logged.
        smooth: the smoothed line, or None; NaN where `y` is.
        low: lower edge of the band, or None.
        high: upper edge of the band; None where `low` is.
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

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if isinstance(array, np.ndarray):
                view = array.view()
                view.flags.writeable = False
                object.__setattr__(self, field.name, view)
                if view.shape != np.shape(self.x):
                    raise ValueError(f"{field.name} has shape {view.shape}, x has {np.shape(self.x)}")


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """One image to be.

    Attributes:
        title: above the axes; may be empty.
        xlabel: below them.
        ylabel: beside them.
        series: in drawing order, never empty.
        xscale: `linear`, `log` or `time` (x is seconds since the epoch, UTC).
        yscale: `linear` or `log`.
        xlim: lower and upper limit; each may be None, for the renderer to choose.
        ylim: the same for y.
        size: width and height in inches.
        dpi: pixels an inch, for formats that have pixels.
    """

    title: str
    xlabel: str
    ylabel: str
    series: tuple[Series, ...]
    xscale: XScale = "linear"
    yscale: YScale = "linear"
    xlim: tuple[float | None, float | None] = (None, None)
    ylim: tuple[float | None, float | None] = (None, None)
    size: tuple[float, float] = (8.0, 4.5)
    dpi: int = 100


@dataclass(frozen=True, kw_only=True)
class RendererTraits:
    """What a renderer can do; what it can't is refused before anything is read.

    Attributes:
        formats: the file suffixes it writes, without dots, the default first.
        draws: the optional parts of a series that it draws: `smooth`, `band`.
        decimate: whether it wants long series reduced to what the picture can show.
    """

    formats: tuple[str, ...] = ("png",)
    draws: frozenset[str] = frozenset()
    decimate: bool = False

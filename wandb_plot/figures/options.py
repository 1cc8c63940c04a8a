"""How figures shall look; the same for all figures of a command."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wandb_plot.basics.formatting import plain_number
from wandb_plot.model.figure_choices import (
    DEFAULT_AGGREGATE,
    DEFAULT_BAND,
    DEFAULT_DPI,
    DEFAULT_INCOMPLETE,
    DEFAULT_STYLE,
    Aggregate,
    BandKind,
    Incomplete,
    XScale,
    YScale,
)
from wandb_plot.model.metrics import STEP
from wandb_plot.numbers.smoothing import Smoothing


@dataclass(frozen=True, order=True)
class Percentile:
    """A limit at a percentile of what is drawn: `p99`.

    Attributes:
        rank: 0 to 100.
    """

    rank: float

    def __str__(self) -> str:
        return f"p{plain_number(self.rank)}"


Limit = float | Percentile | None
LimitPair = tuple[Limit, Limit]


@dataclass(frozen=True, kw_only=True)
class Presentation:
    """Names, order and colours that a user chose.

    Attributes:
        title: None for the usual one; the same holds for xlabel and ylabel.
        label: a template for the labels of lines, such as `{config.arch} (lr {config.lr:g})`.
        rename: what to call a metric, by its logged name.
        order: labels, values of groups, run names or ids: their lines come first, in this order.
        colors: pairs of what lines to paint, such as `config.arch=vit` or a label, and the colour as `#rrggbb`.
    """

    title: str | None = None
    xlabel: str | None = None
    ylabel: str | None = None
    label: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    colors: tuple[tuple[str, str], ...] = ()

    def metric(self, name: str) -> str:
        """What to call the metric `name`."""
        return self.rename.get(name, name)


@dataclass(frozen=True, kw_only=True)
class FigureOptions:
    """What a user can choose of a figure.

    Attributes:
        x_axis: the name of the axis column: `_step`, `_runtime`, `_timestamp` or a metric.
        xscale: None for `time` over wall time, else `linear`.
        xlim: limits of x, in the units of the axis column.
        ylim: limits of y.
        smoothing: None for none.
        group_by: the keys that make groups of runs, as `run_groups.group_keys` reads them; None for a line a run.
        aggregate: over the runs of a group.
        band: over the runs of a group.
        incomplete: what becomes of a group's line where its runs end or diverge: go on with the rest, stop where the
            first one ends, or leave such runs out.
        panels: `metric`, or a key of runs as in `group_by`; None for a single pair of axes.
        across: panels side by side; 0 for as many as look well.
        share_y: let the y axes of all panels reach equally far.
        style: of `RendererTraits.styles`.
        size: width and height in inches; None for what suits the style and the panels.
    """

    x_axis: str = STEP
    xscale: XScale | None = None
    yscale: YScale = "linear"
    xlim: LimitPair = (None, None)
    ylim: LimitPair = (None, None)
    smoothing: Smoothing | None = None
    group_by: str | None = None
    aggregate: Aggregate = DEFAULT_AGGREGATE
    band: BandKind = DEFAULT_BAND
    incomplete: Incomplete = DEFAULT_INCOMPLETE
    panels: str | None = None
    across: int = 0
    share_y: bool = False
    presentation: Presentation = field(default_factory=Presentation)
    style: str = DEFAULT_STYLE
    size: tuple[float, float] | None = None
    dpi: int = DEFAULT_DPI

"""What a user says of figures: which contradicts itself, and what it asks of renderer and figure."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wandb_plot.errors import UsageError
from wandb_plot.model.figure_choices import (
    DEFAULT_AGGREGATE,
    DEFAULT_BAND,
    DEFAULT_INCOMPLETE,
    Aggregate,
    BandKind,
    Incomplete,
    YScale,
)

if TYPE_CHECKING:
    from wandb_plot.figures.options import FigureOptions, LimitPair
    from wandb_plot.numbers.smoothing import Smoothing


@dataclass(frozen=True, kw_only=True)
class NumberOptions:
    """Which numbers a figure shows, each as its option has it; None where it isn't given."""

    smooth: int | None
    smoothing: str | None
    x_axis: str
    xscale: YScale | None
    yscale: YScale
    xlim: "LimitPair | None"
    ylim: "LimitPair | None"
    group_by: str | None
    aggregate: Aggregate | None
    band: BandKind | None
    incomplete: Incomplete | None

    def check(self) -> None:
        """Refuse what contradicts itself.

        Raises:
            UsageError: it does.
        """
        if self.smooth and self.smoothing:
            raise UsageError(
                "--smooth and --smoothing contradict each other", hint="--smooth N is --smoothing average:N"
            )
        if not self.group_by and (self.aggregate or self.incomplete or self.has_band):
            raise UsageError(
                "--aggregate, --band and --incomplete are over groups", hint="make groups with --group-by KEY"
            )
        for axis, scale, limits in (("x", self.xscale, self.xlim), ("y", self.yscale, self.ylim)):
            numbers = [limit for limit in limits or () if isinstance(limit, float)]
            if scale == "log" and any(number <= 0 for number in numbers):
                raise UsageError(
                    f"--{axis}lim: limits of a log scale are above zero", hint="leave a side out for no limit"
                )

    @property
    def has_band(self) -> bool:
        """Whether something is shaded around lines."""
        return self.band not in (None, "none")

    @property
    def is_smoothed(self) -> bool:
        """Whether lines are smoothed."""
        return bool(self.smooth) or self.smoothing not in (None, "none")

    @property
    def x_column(self) -> str:
        """The name of the axis column."""
        from wandb_plot.model.metrics import AXIS_COLUMNS

        return AXIS_COLUMNS.get(self.x_axis, self.x_axis)

    def figure_options(self) -> "FigureOptions":
        """What figures show, with the usual looks.

        Raises:
            UsageError: a smoothing can't be read.
        """
        from wandb_plot.figures.options import FigureOptions

        return FigureOptions(
            x_axis=self.x_column,
            xscale=self.xscale,
            yscale=self.yscale,
            xlim=self.xlim or (None, None),
            ylim=self.ylim or (None, None),
            smoothing=self._smoothing(),
            group_by=self.group_by,
            aggregate=self.aggregate or DEFAULT_AGGREGATE,
            band=self.band or DEFAULT_BAND,
            incomplete=self.incomplete or DEFAULT_INCOMPLETE,
        )

    def _smoothing(self) -> "Smoothing | None":
        from wandb_plot.numbers.smoothing import parse_smoothing

        text = f"average:{self.smooth}" if self.smooth else self.smoothing
        return parse_smoothing(text) if text else None


@dataclass(frozen=True, kw_only=True)
class LookOptions:
    """How a figure shows its numbers, each as its option has it; None where it isn't given."""

    panels: str | None
    across: int | None
    share_y: bool
    title: str | None
    xlabel: str | None
    ylabel: str | None
    label: str | None
    rename: tuple[tuple[str, str], ...]
    order: tuple[str, ...]
    color: tuple[tuple[str, str], ...]
    style: str
    size: tuple[float, float] | None
    dpi: int

    def check(self, *, combine: bool) -> None:
        """Refuse what contradicts itself.

        Args:
            combine: whether all metrics are drawn on one pair of axes.

        Raises:
            UsageError: it does, or a style sheet isn't there.
        """
        if combine and self.panels == "metric":
            raise UsageError("--combine and --panels metric contradict each other", hint="give one of them")
        if not self.panels and (self.across or self.share_y):
            raise UsageError("--across and --share-y are about panels", hint="make panels with --panels metric or KEY")
        if self.style.endswith(".mplstyle") and not Path(self.style).is_file():
            raise UsageError(
                f"--style {self.style}: there is no such file", hint="give screen, paper, or the path of a style"
            )

    def on(self, options: "FigureOptions") -> "FigureOptions":
        """`options` with these looks."""
        from wandb_plot.figures.options import Presentation

        presentation = Presentation(
            title=self.title,
            xlabel=self.xlabel,
            ylabel=self.ylabel,
            label=self.label,
            rename=dict(self.rename),
            order=tuple(name for text in self.order for name in map(str.strip, text.split(",")) if name),
            colors=self.color,
        )
        return replace(
            options,
            panels=self.panels,
            across=self.across or 0,
            share_y=self.share_y,
            presentation=presentation,
            style=self.style,
            size=self.size,
            dpi=self.dpi,
        )


def features_needed(numbers: NumberOptions, looks: LookOptions) -> list[str]:
    """What a renderer must draw besides lines, as `RendererTraits.draws` names it."""
    needed = {"smooth": numbers.is_smoothed, "band": numbers.has_band, "panels": looks.panels}
    return [feature for feature, is_needed in needed.items() if is_needed]

"""What `generate` was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wandb_plot.actions.figures.given_option import GivenOption
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.view.panels import BY_METRIC


@dataclass(frozen=True, kw_only=True)
class FigureRequest:
    """What `generate` was asked for.

    Attributes:
        metrics: names, lists of names, or globs, as given.
        all_metrics: every numeric metric but `_*` and `system.*`.
        many: draw more than 200 figures without asking.
        samples: about so many points a metric; None for every logged point.
        options: how figures shall look.
        combine: all metrics in one figure.
        by_prefix: a subfolder for each prefix before the first `/`.
        format: the file suffix.
        output: the folder; None for the usual one.
        dry_run: say what would be written, and write nothing.
        report: write index.html beside the figures.
        given: the options that say something of the figures, other than their defaults.
        formulas: of each derived metric, by name, once they are known.
    """

    metrics: Sequence[str]
    all_metrics: bool
    many: bool
    samples: int | None
    options: FigureOptions
    combine: bool
    by_prefix: bool
    format: str
    output: Path | None
    dry_run: bool
    report: bool = False
    given: Sequence[GivenOption] = ()
    formulas: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_one_figure(self) -> bool:
        """Whether all metrics are drawn in one figure, on one pair of axes or in panels."""
        return self.combine or self.options.panels == BY_METRIC

    @property
    def picture_options(self) -> list[str]:
        """The options that make another figure of the same metrics, such as `yscale=log`."""
        return [str(option) for option in self.given if option.makes_other_picture]

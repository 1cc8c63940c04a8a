"""Which metrics and runs share a pair of axes: all of a figure, or those of each of its panels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.run_groups import group_keys, group_runs
from wandb_plot.model.figure_choices import DEFAULT_SIZE, DEFAULT_STYLE
from wandb_plot.model.run import Run

BY_METRIC = "metric"
# More panels are put into several rows.
_MOST_ACROSS = 3

# In inches: a figure, one in a column of a paper, the width of both columns, and a panel.
_PANEL = (4.0, 3.0)


@dataclass(frozen=True)
class PanelContent:
    """What one pair of axes shows: a panel of a figure, or a figure without panels.

    Attributes:
        title: of the panel; empty where the figure has no panels.
        metrics: drawn there, in order.
        run_ids: of the runs drawn there.
    """

    title: str
    metrics: tuple[str, ...]
    run_ids: frozenset[str]


def panel_contents(metrics: Sequence[str], runs: Sequence[Run], options: FigureOptions) -> list[PanelContent]:
    """Divide metrics and runs among the pairs of axes of a figure.

    Raises:
        UsageError: no run has the key that panels shall be made by.
    """
    everyone = frozenset(run.id for run in runs)
    if options.panels is None:
        return [PanelContent("", tuple(metrics), everyone)]
    if options.panels == BY_METRIC:
        return [PanelContent(options.presentation.metric(metric), (metric,), everyone) for metric in metrics]
    groups = group_runs(runs, group_keys(options.panels, runs))
    return [PanelContent(group.title, tuple(metrics), frozenset(run.id for run in group.runs)) for group in groups]


def keys_within(runs: Sequence[Run], options: FigureOptions) -> tuple[str, ...] | None:
    """The keys to group by within each panel; None where each run has its own line.

    Raises:
        UsageError: no run has one of them.
    """
    if options.group_by is None:
        return None
    keys = group_keys(options.group_by, runs)
    if not options.group_by.startswith("!") or options.panels in (None, BY_METRIC):
        return keys
    # All lines of a panel agree in the key that makes the panels.
    of_panels = group_keys(str(options.panels), runs)
    return tuple(key for key in keys if key not in of_panels)


def panels_across(count: int, wanted: int) -> int:
    """Panels in a row: `wanted`, or where that is 0 up to three, in rows as equal as possible."""
    if wanted:
        return min(wanted, count)
    rows = math.ceil(count / _MOST_ACROSS)
    return math.ceil(count / rows)


def size_of(panels: int, columns: int, style: str) -> tuple[float, float]:
    """Width and height in inches of a figure with so many panels in so many columns; 0 panels is one pair of axes.

    In any style but that of screens it is the usual size, which leaves the size to the style.
    """
    if not panels or style != DEFAULT_STYLE:
        return DEFAULT_SIZE
    rows = math.ceil(panels / columns)
    return max(DEFAULT_SIZE[0], _PANEL[0] * columns), max(DEFAULT_SIZE[1], _PANEL[1] * rows)

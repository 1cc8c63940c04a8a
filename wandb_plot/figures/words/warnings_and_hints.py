"""Messages about a figure: what is missing from it, and what would make it better."""

from collections.abc import Sequence

import numpy as np

from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.view.scales import undrawable
from wandb_plot.figures.words.legend import unmatched
from wandb_plot.figures.words.places import x_text
from wandb_plot.model.figure_choices import XScale
from wandb_plot.numbers.bands import FEWEST_FOR_INTERVAL, narrow_interval

# The deviation of so few runs, or fewer, is hardly known.
_FEW_RUNS = 3
# Metrics further apart than this don't share a pair of axes well.
_SCALES_APART = 100
_NAMES_TOLD = 8
# Where all points reach so many times further than those from the 1st to the 99th percentile, few stretch the axis.
_STRETCHED = 5


def warnings_of(lines: Sequence[Line], xscale: XScale, options: FigureOptions) -> list[str]:
    """A warning for each line that lacks points or runs.

    Args:
        lines: all those of the figure, before scales took anything from them.
        xscale: of the figure.
        options: of the figure.
    """
    warnings = []
    for line in lines:
        count = int(np.sum(undrawable(line.series.x, line.series.y, xscale, options.yscale)))
        if count:
            of = f"{count} of {len(line.series.x)} points of {line.metric}"
            warnings.append(f"{line.series.label}: {of} are not above zero on a log scale")
        if ended := _ended(line, xscale):
            warnings.append(
                f"{line.subject.full_name}: {_WHAT_BECOMES[options.incomplete].format(line.metric)}: {ended}"
            )
    return warnings


_WHAT_BECOMES = {
    "keep": "the line of {} goes on without runs that end",
    "stop": "the line of {} stops where the first run ends",
    "drop": "runs that end are left out of {}",
}


def advice_on(lines: Sequence[Line], options: FigureOptions) -> list[str]:
    """Hints at options that would make a figure of these lines say more."""
    advice = unmatched(lines, options.presentation)
    few = min(
        (most for line in lines if line.group_line and (most := int(line.group_line.counts.max())) > 1), default=0
    )
    if options.band == "ci" and 1 < few < FEWEST_FOR_INTERVAL:
        advice.append(f"{narrow_interval('runs')}: --band minmax shows where the runs are")
    if options.band in ("std", "stderr") and 1 < few <= _FEW_RUNS:
        advice.append(f"a band of {few} runs says little: --band minmax shows where they are")
    return advice


def scales_apart(lines: Sequence[Line]) -> list[str]:
    """A warning where metrics on one pair of axes are a hundredfold apart."""
    reach: dict[str, float] = {}
    for line in lines:
        size = np.abs(line.series.y[np.isfinite(line.series.y)])
        if size.any():
            reach[line.metric] = max(reach.get(line.metric, 0.0), float(np.percentile(size, 95)))
    if not reach or max(reach.values()) / _SCALES_APART < min(reach.values()):
        return []
    low, high = min(reach, key=lambda name: reach[name]), max(reach, key=lambda name: reach[name])
    times = f"{reach[high] / reach[low]:,.0f}" if reach[low] > 0 else "many"
    return [f"{high} is {times} times as large as {low}, which looks flat beside it: --panels metric draws each alone"]


def stretched(lines: Sequence[Line], options: FigureOptions) -> list[str]:
    """A hint where a few points of lines on one pair of axes leave the others little of its height."""
    values = np.concatenate([line.series.y for line in lines])
    values = values[np.isfinite(values)]
    if options.ylim != (None, None) or options.yscale == "log" or not len(values):
        return []
    # Quarters: the span of the greatest floats is no float.
    least, low, high, most = np.percentile(values / 4, [0, 1, 99, 100]).tolist()
    if not (most - least) / _STRETCHED > high - low > 0:
        return []
    limits = "p1:" if most - high < low - least else ":p99"
    return [f"a few points stretch the y axis: --ylim {limits} draws the rest larger, and counts them"]


def _ended(line: Line, xscale: XScale) -> str:
    ends = [f"{name} ({what} {x_text(x, xscale)})" for name, what, x in line.incomplete_runs]
    more = [f"{len(ends) - _NAMES_TOLD} more"] if len(ends) > _NAMES_TOLD else []
    return ", ".join([*ends[:_NAMES_TOLD], *more])

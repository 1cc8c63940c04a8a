"""Messages about a figure: what is missing from it, and what would make it better."""

import shlex
from collections.abc import Sequence

import numpy as np

from wandb_plot.basics.formatting import value_text
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.view.scales import undrawable
from wandb_plot.figures.words.legend import MANY_LINES, unmatched
from wandb_plot.figures.words.places import x_text
from wandb_plot.model.config_differences import config_differences
from wandb_plot.model.figure_choices import XScale
from wandb_plot.model.run import Run
from wandb_plot.numbers.bands import FEWEST_FOR_INTERVAL, narrow_interval

# The deviation of so few runs, or fewer, is hardly known.
_FEW_RUNS = 3
# Metrics further apart than this don't share a pair of axes well.
_SCALES_APART = 100
_NAMES_TOLD = 8
# More groups are no easier to tell apart than runs.
_MOST_GROUPS = 8
# Where all points reach so many times further than those from the 1st to the 99th percentile, few stretch the axis.
_STRETCHED = 10


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


def crowded(lines: Sequence[Line], options: FigureOptions) -> list[str]:
    """A hint at groups where the runs on one pair of axes are too many to be told apart."""
    runs = list({run.id: run for line in lines for run in line.subject.runs}.values())
    if options.group_by is not None or len(runs) <= MANY_LINES:
        return []
    found = _grouping(runs)
    told = f"{len(runs)} runs are hard to tell apart"
    if found is None:
        return [f"{told}: name fewer, or choose some with --filter, --sort and --limit"]
    key, groups = found
    return [f"{told}: --group-by {key} makes {groups} lines of them"]


def _grouping(runs: Sequence[Run]) -> tuple[str, int] | None:
    """A `--group-by` for runs, as shells take it, and the number of its groups: all keys but seeds, or one key."""
    differing = {key: list(map(value_text, values)) for key, values in config_differences(runs).items()}
    seeds = [key for key in differing if "seed" in key.rpartition(".")[2].lower()]
    others = {key: values for key, values in differing.items() if key not in seeds}
    if len(seeds) == 1 and others:
        groups = len(set(zip(*others.values(), strict=True)))
        if groups <= _MOST_GROUPS:
            return f"'!config.{seeds[0]}'", groups
    counts = {key: len(set(values)) for key, values in others.items()}
    few = {key: count for key, count in counts.items() if count <= min(_MOST_GROUPS, len(runs) // 2)}
    if not few:
        return None
    key = max(few, key=lambda key: few[key])
    return shlex.quote(f"config.{key}"), few[key]


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

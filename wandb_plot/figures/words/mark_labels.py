"""Labels of marks: those of one line that are near to one another have one, so that none hides another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wandb_plot.figures.lines.group_line import run_count_text
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.view.limits import Bounds, within
from wandb_plot.model.figure import Mark, Series
from wandb_plot.model.figure_choices import XScale

# A label is about as wide as this share of the axes.
_WIDTH = 0.08


def with_mark_labels(lines: Sequence[Line], xlim: Bounds, xscale: XScale) -> list[Line]:
    """The lines of a pair of axes, with one label for changes of n that are seen near to one another.

    The label says the change from before the first to after the last, and stands at the mark in the middle.
    """
    x = np.concatenate([line.series.x for line in lines])
    seen = x[within(x, xlim)]
    if not len(seen):
        return list(lines)
    ends = (seen.min() if xlim[0] is None else xlim[0], seen.max() if xlim[1] is None else xlim[1])
    low, high = (_scaled(end, xscale) for end in ends)
    return [replace(line, series=_labelled(line, low, _WIDTH * (high - low), xlim, xscale)) for line in lines]


def _labelled(line: Line, low: float, width: float, xlim: Bounds, xscale: XScale) -> Series:
    if line.group_line is None:
        return line.series
    groups: list[list[Mark]] = []
    start = low
    for mark in line.series.marks:
        if not within(np.array(mark.x), xlim):
            continue
        if not groups or _scaled(mark.x, xscale) - start > width:
            start = _scaled(mark.x, xscale)
            groups.append([])
        groups[-1].append(mark)
    labels: dict[float, str] = {}
    for group in groups:
        if len(group) > 1:
            first, last = np.searchsorted(line.group_line.x, [group[0].x, group[-1].x])
            labels |= dict.fromkeys((mark.x for mark in group), "")
            labels[group[len(group) // 2].x] = run_count_text(line.group_line.counts[first - 1 : last + 1])
    marks = (replace(mark, label=labels.get(mark.x)) for mark in line.series.marks)
    return replace(line.series, marks=tuple(marks))


def _scaled(x: float, xscale: XScale) -> float:
    return float(np.log10(x)) if xscale == "log" and x > 0 else float(x)

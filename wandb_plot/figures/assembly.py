"""Histories to figures: which series, over which axis, smoothed and grouped how.

The numbers are made here, so that every renderer shows the same ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.figures.axes import axis_label, axis_of
from wandb_plot.figures.document import figure_document
from wandb_plot.figures.groups import group_runs
from wandb_plot.figures.labels import labels_for
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.run_series import Histories, RunSeries, run_series
from wandb_plot.model.documents import FigureDocument, GroupEntry
from wandb_plot.model.figure import Figure, Series
from wandb_plot.model.history import TIMESTAMP
from wandb_plot.model.run import Run
from wandb_plot.numbers.alignment import align, run_counts
from wandb_plot.numbers.grouping import aggregate, band
from wandb_plot.numbers.smoothing import Smoothing, smooth


@dataclass(frozen=True, eq=False)
class Assembled:
    """A figure with what metadata.json says of it, and what its user should be told."""

    figure: Figure
    document: FigureDocument
    warnings: Sequence[str]


def assemble(metrics: Sequence[str], histories: Histories, options: FigureOptions) -> Assembled:
    """One figure of `metrics`, with a line for each run or group.

    Args:
        metrics: one, or several for a combined figure.
        histories: the runs and what was read of each, in the order of their colours.
        options: how it shall look.

    Raises:
        NotFoundError: no run has anything of it to draw.
        UsageError: the axis and the metrics don't go together.
    """
    lines, warnings = run_series(metrics, histories, options.x_axis)
    axes = {axis_of(line.column, options.x_axis) for line in lines}
    if len(axes) > 1:
        raise UsageError(
            f"one figure can't be over {' and '.join(sorted(axes))} at once",
            hint="the system stream has no steps: add --x-axis runtime, or draw it without --combine",
        )
    if not lines:
        raise NotFoundError(
            f"nothing of {', '.join(metrics)} can be drawn over {options.x_axis}",
            hint="; ".join(warnings),
            code="metric_not_found",
        )
    runs = [run for run, _ in histories]
    groups = _grouped(lines, metrics, runs, options) if options.group_by else {}
    series = list(groups) if options.group_by else _ungrouped(lines, metrics, runs)
    if options.smoothing:
        series = _smoothed(series, options.smoothing)
    warnings += [words for one in series if (words := _undrawable_words(one, options))]
    figure = _figure(metrics, lines, [_on_log_scales(one, options) for one in series], options)
    return Assembled(figure, figure_document(figure, lines, histories, options, groups), warnings)


def _ungrouped(lines: Sequence[RunSeries], metrics: Sequence[str], runs: Sequence[Run]) -> list[Series]:
    labels = dict(zip([run.id for run in runs], labels_for(runs), strict=True))
    slots = {(metric, run.id): slot for slot, (metric, run) in enumerate((m, r) for m in metrics for r in runs)}
    return [
        Series(
            label=_label(line.metric, labels[line.run.id], metrics, runs),
            metric=line.metric,
            run_ids=(line.run.id,),
            slot=slots[line.metric, line.run.id],
            x=line.x,
            y=line.y,
        )
        for line in lines
    ]


def _grouped(
    lines: Sequence[RunSeries], metrics: Sequence[str], runs: Sequence[Run], options: FigureOptions
) -> dict[Series, GroupEntry]:
    """A series for each group that has any of the lines, with what metadata.json says of it."""
    members = group_runs(runs, str(options.group_by))
    groups: dict[Series, GroupEntry] = {}
    for slot, (metric, name) in enumerate((metric, name) for metric in metrics for name in members):
        ids = {run.id for run in members[name]}
        own = [line for line in lines if line.metric == metric and line.run.id in ids]
        if not own:
            continue
        aligned = align([(line.x, line.y) for line in own])
        center = aggregate(aligned.values, options.aggregate)
        low, high = band(aligned.values, center, options.band, of=options.aggregate) or (None, None)
        label = _label(metric, name, metrics, list(members))
        run_ids = tuple(line.run.id for line in own)
        series = Series(
            label=label, metric=metric, run_ids=run_ids, slot=slot, x=aligned.x, y=center, low=low, high=high
        )
        groups[series] = {
            "label": name,
            "metric": metric,
            "run_ids": list(run_ids),
            "aggregate": options.aggregate,
            "band": options.band,
            "alignment": aligned.method,
            "n": run_counts(aligned),
        }
    return groups


def _label(metric: str, who: str, metrics: Sequence[str], everyone: Sequence[object]) -> str:
    """What tells a line from the others of its figure."""
    if len(metrics) == 1:
        return who
    return f"{metric} · {who}" if len(everyone) > 1 else metric


def _smoothed(series: Sequence[Series], smoothing: Smoothing) -> list[Series]:
    # The range of the whole figure: the same x-distance smooths alike in all of its lines.
    x_range = max(one.x.max() for one in series) - min(one.x.min() for one in series)
    return [replace(one, smooth=smooth(smoothing, one.x, one.y, x_range)) for one in series]


def _undrawable_words(series: Series, options: FigureOptions) -> str:
    count = int(np.sum(options.undrawable(series.x, series.y)))
    if not count:
        return ""
    return f"{series.label}: {count} of {len(series.x)} points of {series.metric} are not above zero on a log scale"


def _on_log_scales(series: Series, options: FigureOptions) -> Series:
    """Make gaps of what a logarithm doesn't have."""
    # An x that can't be drawn leaves no place for a gap to be marked at.
    kept = series.take(series.x > 0) if options.xscale == "log" else series
    if options.yscale != "log":
        return kept
    lines: dict[str, Any] = {
        name: np.where(array > 0, array, np.nan) for name, array in kept.arrays.items() if name != "x"
    }
    return replace(kept, **lines)


def _figure(
    metrics: Sequence[str], lines: Sequence[RunSeries], series: Sequence[Series], options: FigureOptions
) -> Figure:
    axis = axis_of(lines[0].column, options.x_axis)
    name = ", ".join(metrics)
    return Figure(
        title=lines[0].run.name if len({line.run.id for line in lines}) == 1 else name,
        xlabel=axis_label(axis),
        ylabel=name if len(metrics) == 1 else "",
        series=tuple(series),
        xscale=options.xscale or ("time" if axis == TIMESTAMP else "linear"),
        yscale=options.yscale,
        xlim=options.xlim,
        ylim=options.ylim,
        size=options.size,
        dpi=options.dpi,
    )

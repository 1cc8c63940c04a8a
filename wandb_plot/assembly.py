"""Histories to figures: which series, over which axis, smoothed and grouped how, and the words for all that.

The numbers are made here, so that every renderer shows the same ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from wandb_plot.axes import STEP, WALL, axis_label, axis_of, axis_values
from wandb_plot.description import LineFacts, alt_text
from wandb_plot.differences import group_runs, labels_for
from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.figure import Figure, Series, XScale, YScale
from wandb_plot.grouping import Aggregate, Aligned, BandKind, aggregate, align, band, where_counts_change
from wandb_plot.history import Column, FloatArray, History
from wandb_plot.run import Run
from wandb_plot.smoothing import Smoothing, smooth
from wandb_plot.statistics import series_document, summarize

_ARRAYS = ("x", "y", "smooth", "low", "high")

Limits = tuple[float | None, float | None]
Histories = Sequence[tuple[Run, History]]


@dataclass(frozen=True, kw_only=True)
class FigureOptions:
    """How figures shall look; the same for all figures of a command.

    Attributes:
        x_axis: the name of the axis column: `_step`, `_runtime`, `_timestamp` or a metric.
        xscale: None for `time` over wall time, else `linear`.
        smoothing: None for none.
        group_by: the key that makes groups of runs; None for a line a run.
        aggregate: `mean` or `median`, over the runs of a group.
        band: `none`, `std`, `stderr`, `minmax` or `ci`, over the runs of a group.
    """

    x_axis: str = STEP
    xscale: XScale | None = None
    yscale: YScale = "linear"
    xlim: Limits = (None, None)
    ylim: Limits = (None, None)
    smoothing: Smoothing | None = None
    group_by: str | None = None
    aggregate: Aggregate = "mean"
    band: BandKind = "none"
    size: tuple[float, float] = (8.0, 4.5)
    dpi: int = 100


@dataclass(frozen=True, eq=False)
class Assembled:
    """A figure with what metadata.json says of it, and what its user should be told."""

    figure: Figure
    document: Mapping[str, Any]
    warnings: Sequence[str]


@dataclass(frozen=True, eq=False)
class _Line:
    """One metric of one run over the axis: x is finite, values are as logged."""

    run: Run
    column: Column
    x: FloatArray
    values: FloatArray
    sampled: bool

    @property
    def y(self) -> FloatArray:
        """The values, with NaN for what can't be drawn."""
        return np.where(np.isfinite(self.values), self.values, np.nan)


def assemble(metrics: Sequence[str], histories: Histories, options: FigureOptions) -> Assembled:
    """One figure of `metrics`, with a line for each run or group.

    Args:
        metrics: one, or several for a combined figure.
        histories: the runs and what was read of each, in the order of their colours.
        options: how it shall look.

    Raises:
        NotFoundError: no run has anything of it to draw.
        UsageError: the axis and the metric don't go together.
    """
    axes = {axis_of(metric, options.x_axis) for metric in metrics}
    if len(axes) > 1:
        raise UsageError(
            f"one figure can't be over {' and '.join(sorted(axes))} at once",
            hint="the system stream has no steps: add --x-axis runtime, or draw it without --combine",
        )
    warnings: list[str] = []
    lines = [line for metric in metrics for line in _lines(metric, histories, options, warnings)]
    if not lines:
        raise NotFoundError(
            f"nothing of {', '.join(metrics)} can be drawn over {options.x_axis}",
            hint="; ".join(warnings) or "list the metrics with: wandb-plot metrics PROJECT RUN",
            code="metric_not_found",
        )
    groups: list[dict[str, Any]] = []
    if options.group_by:
        series = _grouped(lines, metrics, [run for run, _ in histories], options, groups)
    else:
        series = _ungrouped(lines, metrics, [run for run, _ in histories])
    if options.smoothing:
        series = _smoothed(series, options.smoothing)
    drawable = [_on_log_scales(one, options, warnings) for one in series]
    figure = _figure(metrics, lines, drawable, options)
    facts = _group_facts(series, lines, options) if options.group_by else _line_facts(lines, options)
    document = {
        "metrics": list(metrics),
        "x_axis": axis_of(metrics[0], options.x_axis),
        "resolution": _resolution(lines, histories),
        "smoothing": str(options.smoothing) if options.smoothing else None,
        "alt": _alt(facts, figure, options),
        "series": [
            series_document(line.run.id, line.column.name, line.column.steps, line.column.values) for line in lines
        ],
    }
    return Assembled(figure, document | ({"groups": groups} if groups else {}), warnings)


def _lines(metric: str, histories: Histories, options: FigureOptions, warnings: list[str]) -> list[_Line]:
    lines = []
    for run, history in histories:
        column = history.columns.get(metric)
        if column is None or not column.is_numeric:
            warnings.append(f"{run} has no numbers of {metric}")
            continue
        x = axis_values(run, history, column, options.x_axis)
        known = np.isfinite(x)
        if not known.all():
            warnings.append(f"{run}: {np.sum(~known)} points of {metric} have no {options.x_axis} and are left out")
        if known.any():
            lines.append(_Line(run, column, x[known], column.values[known], metric in history.sampled))
    return lines


def _ungrouped(lines: Sequence[_Line], metrics: Sequence[str], runs: Sequence[Run]) -> list[Series]:
    labels = dict(zip([run.id for run in runs], labels_for(runs), strict=True))
    slots = {(metric, run.id): slot for slot, (metric, run) in enumerate((m, r) for m in metrics for r in runs)}
    return [
        Series(
            label=_label(labels[line.run.id], line.column.name, len(runs) > 1, len(metrics) > 1),
            metric=line.column.name,
            run_ids=(line.run.id,),
            slot=slots[line.column.name, line.run.id],
            x=line.x,
            y=line.y,
        )
        for line in lines
    ]


def _grouped(
    lines: Sequence[_Line],
    metrics: Sequence[str],
    runs: Sequence[Run],
    options: FigureOptions,
    documents: list[dict[str, Any]],
) -> list[Series]:
    members = group_runs(runs, str(options.group_by))
    series = []
    for slot, (metric, label) in enumerate((metric, label) for metric in metrics for label in members):
        ids = {run.id for run in members[label]}
        own = [line for line in lines if line.column.name == metric and line.run.id in ids]
        if not own:
            continue
        aligned = align([(line.x, line.y) for line in own])
        center = aggregate(aligned.values, options.aggregate)
        edges = band(aligned.values, center, options.band, of=options.aggregate)
        series.append(
            Series(
                label=_label(label, metric, len(members) > 1, len(metrics) > 1),
                metric=metric,
                run_ids=tuple(line.run.id for line in own),
                slot=slot,
                x=aligned.x,
                y=center,
                low=edges[0] if edges else None,
                high=edges[1] if edges else None,
            )
        )
        documents.append(_group_document(label, metric, own, aligned))
    return series


def _group_document(label: str, metric: str, lines: Sequence[_Line], aligned: Aligned) -> dict[str, Any]:
    return {
        "label": label,
        "metric": metric,
        "run_ids": [line.run.id for line in lines],
        "alignment": aligned.method,
        "n": where_counts_change(aligned),
    }


def _label(who: str, metric: str, tell_runs: bool, tell_metrics: bool) -> str:
    if tell_metrics:
        return f"{metric} · {who}" if tell_runs else metric
    return who


def _smoothed(series: Sequence[Series], smoothing: Smoothing) -> list[Series]:
    x_range = max(one.x.max() for one in series) - min(one.x.min() for one in series)
    return [replace(one, smooth=smooth(smoothing, one.x, one.y, x_range)) for one in series]


def _has_logarithm(x: FloatArray, y: FloatArray, options: FigureOptions) -> npt.NDArray[np.bool_]:
    """Which points the figure's log scales, if any, have a place for."""
    drawable = np.ones(len(x), dtype=bool)
    if options.xscale == "log":
        drawable &= x > 0
    if options.yscale == "log":
        drawable &= y > 0
    return drawable


def _on_log_scales(series: Series, options: FigureOptions, warnings: list[str]) -> Series:
    """Make gaps of what a logarithm doesn't have, and say how many there are."""
    undrawable = int(np.sum(~_has_logarithm(series.x, series.y, options) & np.isfinite(series.y)))
    if undrawable:
        warnings.append(f"{series.label}: {undrawable} points of {series.metric} are not above zero on a log scale")
    # An x that can't be drawn leaves no place for a gap to be marked at.
    kept = series.x > 0 if options.xscale == "log" else slice(None)
    lines = {name: array[kept] for name in _ARRAYS if (array := getattr(series, name)) is not None}
    if options.yscale == "log":
        lines |= {name: np.where(array > 0, array, np.nan) for name, array in lines.items() if name != "x"}
    return replace(series, **lines)


def _figure(metrics: Sequence[str], lines: Sequence[_Line], series: Sequence[Series], options: FigureOptions) -> Figure:
    run_ids = {line.run.id for line in lines}
    axis = axis_of(metrics[0], options.x_axis)
    name = ", ".join(metrics)
    return Figure(
        title=lines[0].run.name if len(run_ids) == 1 else name,
        xlabel=axis_label(axis),
        ylabel=name if len(metrics) == 1 else "",
        series=tuple(series),
        xscale=options.xscale or ("time" if axis == WALL else "linear"),
        yscale=options.yscale,
        xlim=options.xlim,
        ylim=options.ylim,
        size=options.size,
        dpi=options.dpi,
    )


def _line_facts(lines: Sequence[_Line], options: FigureOptions) -> list[LineFacts]:
    return [
        LineFacts(
            label=str(line.run),
            metric=line.column.name,
            summary=summarize(line.x, line.values),
            sampled=line.sampled,
            undrawable=int(np.sum(~_has_logarithm(line.x, line.values, options) & np.isfinite(line.values))),
        )
        for line in lines
    ]


def _group_facts(series: Sequence[Series], lines: Sequence[_Line], options: FigureOptions) -> list[LineFacts]:
    sampled = {(line.column.name, line.run.id) for line in lines if line.sampled}
    return [
        LineFacts(
            label=one.label,
            metric=one.metric,
            summary=summarize(one.x, one.y),
            runs=len(one.run_ids),
            sampled=any((one.metric, run_id) in sampled for run_id in one.run_ids),
            undrawable=int(np.sum(~_has_logarithm(one.x, one.y, options) & np.isfinite(one.y))),
        )
        for one in series
    ]


def _alt(facts: Sequence[LineFacts], figure: Figure, options: FigureOptions) -> str:
    return alt_text(
        facts,
        x_axis=axis_of(facts[0].metric, options.x_axis),
        xscale=figure.xscale,
        yscale=figure.yscale,
        smoothing=str(options.smoothing) if options.smoothing else None,
        aggregate=options.aggregate if options.group_by else None,
        band=options.band,
    )


def _resolution(lines: Sequence[_Line], histories: Histories) -> dict[str, Any]:
    points = sum(len(line.column.steps) for line in lines)
    sampled = {line.run.id for line in lines if line.sampled}
    if not sampled:
        return {"kind": "full", "points": points}
    return {"kind": "sampled", "points": points, "of": sum(h.rows for run, h in histories if run.id in sampled)}

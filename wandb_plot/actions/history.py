"""Reads the values that runs logged into a table, each metric on its own steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from wandb_plot.actions.read_runs import RunReader, Wanted
from wandb_plot.actions.tables.value_table import PointSelection, axis_name, drawn_table, long_table, wide_table
from wandb_plot.basics.formatting import count_text, names_text, plain_number
from wandb_plot.figures.assembly import assemble
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.lines.run_series import Histories, RunSeries, run_series
from wandb_plot.figures.options import FigureOptions
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.metrics import STEP
from wandb_plot.model.queries.metric_selection import MetricSelection
from wandb_plot.model.run import Run
from wandb_plot.sources.derived_metrics import add_derived
from wandb_plot.sources.source_protocol import Source

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class HistoryRequest:
    """What `history` was asked for.

    Attributes:
        metrics: names, lists, globs or definitions, as given; empty for every numeric metric but `_*` and `system.*`.
        include_system: without `metrics`, include the system stream.
        x_axis: the name of the axis column, or a metric or formula.
        points: which points of each line.
        samples: about so many points a metric from a server; None for every logged one.
        wide: one column per metric on the union of their x, instead of one row per value.
        drawn: the options of the figures whose points are wanted; None for the logged values.
    """

    metrics: Sequence[str] = ()
    include_system: bool = False
    x_axis: str = STEP
    points: PointSelection = field(default_factory=PointSelection)
    samples: int | None = None
    wide: bool = False
    drawn: FigureOptions | None = None


def read_values(source: Source, runs: Sequence[Run], request: HistoryRequest, listener: Listener) -> "pa.Table":
    """The values of `runs`, run by run, as `long_table` or `wide_table` has them.

    Raises:
        NotFoundError: a metric isn't there.
        UsageError: the metrics have no axis in common.
    """
    listener.progress(f"reading {count_text(len(runs), 'run')}")
    reader = RunReader(source, runs, _wanted(request), warn=listener.warn)
    named = add_derived(source, request.metrics, reader.types, axis=request.x_axis, warn=listener.warn)
    selection = MetricSelection(named.types)
    if not request.x_axis.startswith("_"):
        selection.require(request.x_axis)
    names = _names(selection, named.texts, include_system=request.include_system)
    histories = reader.histories(named.source, names, named.types)
    if request.drawn is not None:
        return _drawn(names, histories, request, request.drawn, listener)
    series, warnings = run_series(names, histories, request.x_axis)
    for warning in [
        *warnings,
        *_sampled_words(series),
        *_empty_words(series, request.points),
        *_repeated_words(series, request.points),
    ]:
        listener.warn(warning)
    order = {run.id: index for index, run in enumerate(runs)}
    series.sort(key=lambda one: order[one.run.id])
    make_table = wide_table if request.wide else long_table
    return make_table(series, request.points, axis_name([one.column for one in series], request.x_axis))


def _wanted(request: HistoryRequest) -> Wanted:
    """What is read of each run, as `_names` has it for all."""
    return Wanted(
        texts=request.metrics or (["system.*"] if request.include_system else []),
        all_metrics=not request.metrics,
        axis=request.x_axis,
        samples=request.samples,
        findings=request.drawn is not None,
    )


def _drawn(
    names: Sequence[str], histories: Histories, request: HistoryRequest, options: FigureOptions, listener: Listener
) -> "pa.Table":
    """The points that figures of one metric each show, within their limits of x."""
    lines: list[Line] = []
    for name in names:
        assembled = assemble([name], histories, options, in_seconds=True)
        for warning in assembled.warnings:
            listener.warn(warning)
        points = replace(request.points, xlim=assembled.figure.xlim)
        lines += [replace(line, series=line.series.take(points.indices(line.series.x))) for line in assembled.lines]
    return drawn_table(lines, axis_name([line.members[0].column for line in lines], request.x_axis))


def _names(selection: MetricSelection, texts: Sequence[str], *, include_system: bool) -> list[str]:
    if texts:
        return selection.find_all(texts)
    found, _ = selection.find("system.*") if include_system else ([], [])
    return [*selection.all(), *found]


def _empty_words(series: Sequence[RunSeries], points: PointSelection) -> Iterator[str]:
    """Which metrics have none of the points that were asked for."""
    empty: dict[str, list[str]] = {}
    for one in series:
        if not len(points.indices(one.x)):
            empty.setdefault(one.metric, []).append(one.run.id)
    for metric, ids in empty.items():
        yield f"{metric} has no point there in {names_text(ids)}"


def _repeated_words(series: Sequence[RunSeries], points: PointSelection) -> Iterator[str]:
    """Which of the steps that were asked for have no row of their own."""
    without: dict[tuple[str, tuple[float, ...]], list[str]] = {}
    for one in series:
        if (repeated := points.repeated(one.x)) and len(points.indices(one.x)):
            without.setdefault((one.metric, tuple(repeated)), []).append(one.run.id)
    for (metric, at), ids in without.items():
        asked = ", ".join(str(plain_number(one)) for one in at)
        yield f"--at {asked} gives no row for {metric} in {names_text(ids)}: no point since the step before it"


def _sampled_words(series: Sequence[RunSeries]) -> Iterator[str]:
    sampled = sorted({one.metric for one in series if one.sampled})
    if sampled:
        yield f"only a sample was read of {', '.join(sampled)}; without --samples every logged point is read"

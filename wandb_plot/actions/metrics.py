"""Exact statistics of the metrics of runs, from every logged row."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial

from wandb_plot.model.message_listener import Listener
from wandb_plot.model.queries.metric_selection import is_plain
from wandb_plot.model.run import Run
from wandb_plot.numbers.statistics import MetricDocument, metric_document
from wandb_plot.sources.map_runs import map_runs
from wandb_plot.sources.source_protocol import Source


def read_metrics(
    source: Source, run: Run, *, glob: str | None = None, include_system: bool = False
) -> dict[str, MetricDocument]:
    """The statistics of the metrics of `run`, by name; no other metric is read.

    Args:
        source: that `run` is from.
        run: whose metrics.
        glob: only metrics whose name matches it; None for all.
        include_system: also `_step`, `_runtime`, `_timestamp` and the system stream.
    """

    def asked_for(types: Mapping[str, str]) -> list[str]:
        return [name for name in types if (include_system or is_plain(name)) and fnmatchcase(name, glob or "*")]

    # Naming no metric reads the system stream too, which costs a server's user a request.
    is_all = glob is None and include_system
    history = source.history(run, None) if is_all else source.read(run, asked_for).history
    return {name: metric_document(column, history.rows_of(name)) for name, column in history.columns.items()}


def metrics_of_runs(
    source: Source, runs: Sequence[Run], listener: Listener, *, glob: str | None, include_system: bool
) -> list[tuple[Run, dict[str, MetricDocument]]]:
    """Each of `runs` with its `read_metrics`, several at once."""
    listener.progress(f"reading the histories of {len(runs)} runs")
    read = partial(read_metrics, glob=glob, include_system=include_system)
    return list(map_runs(source, runs, read, warn=listener.warn))

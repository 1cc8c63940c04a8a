"""Run folders on disk as a source: no server, no key, no network."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from wandb_plot.engines.lazy_engine import EngineOptions
from wandb_plot.model.history import History
from wandb_plot.model.metrics import NUMERIC
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Run, RunFile, runs_named
from wandb_plot.sources.disk_source import DiskSource
from wandb_plot.sources.local.described_runs import DescribedRuns
from wandb_plot.sources.local.logged_files import copy_file, list_files
from wandb_plot.sources.local.run_folders import find_segments
from wandb_plot.sources.local.run_index import RunIndex
from wandb_plot.sources.log.environment import read_environment
from wandb_plot.sources.log.format.damage import CUT
from wandb_plot.sources.log.format.transaction_log import read_ends
from wandb_plot.sources.log.history_columns import keep_all, read_history, read_types
from wandb_plot.sources.rows_to_columns import select_columns
from wandb_plot.sources.source_protocol import Choose, LoggedMetrics, PortablePath, Warn

# Logs up to this size are read whole where only the types of their metrics are asked for: it costs no more.
_SMALL_BYTES = 2**26


@dataclass(frozen=True)
class LocalOpener:
    """Opens run folders in a worker."""

    path: PortablePath
    follow_links: bool

    def __call__(self, warn: Warn) -> "LocalSource":
        """The source of these folders."""
        return LocalSource(self.path.here(), warn=warn, follow_links=self.follow_links)


class _LastRead(threading.local):
    """The run whose types a thread has read last, and its history where all of it was read for them."""

    run_id: str | None = None
    history = History({}, 0)


class LocalSource(DiskSource):
    """The runs of a `wandb/` folder, of one run folder, or of one `.wandb` file.

    Args:
        path: where they lie.
        warn: called with a line for the user whenever something was skipped or chosen.
        follow_links: also list and copy files outside of a run's folder that symbolic links in it lead to.
        index: what is known of finished logs; None to open each.
        engine: who reads many runs.
    """

    def __init__(
        self,
        path: Path,
        *,
        warn: Warn,
        follow_links: bool = False,
        index: RunIndex | None = None,
        engine: EngineOptions | None = None,
    ) -> None:
        super().__init__(LocalOpener(PortablePath(path, Path.cwd()), follow_links), engine)
        self._warn = cache(warn)  # each thing is said once
        self._segments = find_segments(path, warn=self._warn)
        self._follow_links = follow_links
        self._runs = DescribedRuns(self._segments, index, self._warn)
        # A formula is understood once the types are known, and then its metrics are read: mostly of the same run.
        self._last_read = _LastRead()
        only = next(iter(self._segments.values())) if len(self._segments) == 1 else []
        self.named_run = next((segment.run_id for segment in only if segment.is_at(path)), None)

    def find(self, *names: str) -> list[Run]:
        """Of each of `names`, the run whose id it is, else every run with that display name.

        A list of ids with commas between is not tried as a display name: that would open every log.

        Raises:
            MachineError: there is a run of such an id, but nothing of it can be read.
        """
        ids = [name for name in names if name in self._segments]
        others = [name for name in names if name not in self._segments and not self._names_ids(name)]
        self._runs.describe(list(self._segments) if others else ids)
        found = [self._runs.run(run_id) for run_id in ids]
        return runs_named([*(self._runs.listed(list(self._segments)) if others else []), *found], *names)

    def metric_types(self, run: Run) -> dict[str, str]:
        """Every logged metric with its type."""
        return self._read_types(run, lambda _: False)[0]

    def read(self, run: Run, choose: Choose, *, samples: int | None = None, over: str | None = None) -> LoggedMetrics:
        """The metric types, and every number of what is chosen by them."""

        def is_chosen_alone(name: str) -> bool:
            return name == over or name in choose({name: NUMERIC})

        types, found = self._read_types(run, is_chosen_alone)
        names = choose(types)
        is_read = all(name in found.columns for name in names if name in types)
        history = select_columns(found, names) if is_read else self.history(run, names, samples=samples, over=over)
        return LoggedMetrics(types, history)

    def history(
        self,
        run: Run,
        metrics: Sequence[str] | None,
        *,
        samples: int | None = None,  # noqa: ARG002
        over: str | None = None,  # noqa: ARG002
    ) -> History:
        """Every logged number of `metrics`: reading all costs less than choosing would."""
        if self._last_read.run_id == run.id:
            return select_columns(self._last_read.history, metrics)
        return read_history(self._logs(run), metrics, start_time=_start_time(run), warn=self._warn_of(run))

    def files(self, run: Run) -> list[RunFile]:
        """The files of all segments; where two hold the same name, the newest one's."""
        return list_files(
            self._segments[run.id],
            follow_links=self._follow_links,
            warn=self._warn,
            warn_of_log=self._warn_of(run),
        )

    def environment(self, run: Run) -> dict[str, Any]:
        """What the newest log notes of machine, program and commit."""
        return read_environment(read_ends(self._segments[run.id][-1].log))

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:
        """Copy the file of that name, the newest segment's."""
        copy_file(self._segments[run.id], file.name, target, follow_links=self._follow_links)

    def _candidates(self, query: RunQuery) -> list[Run]:
        """All runs; where only the newest or oldest are wanted, those that the names of the folders tell to be."""
        if query.limit is not None and not query.filter and query.sort == "created_at":
            return self._runs.first_started(query.limit, newest=query.descending)
        return self._runs.listed(list(self._segments))

    def _size_of(self, run: Run) -> int:
        return sum(segment.log.stat().st_size for segment in self._segments[run.id] if segment.log.exists())

    def _read_types(self, run: Run, is_kept: Callable[[str], bool]) -> tuple[dict[str, str], History]:
        """The type of every metric, and the numbers of all where that costs no more, else of those that are kept."""
        logs = self._logs(run)
        is_small = sum(log.stat().st_size for log in logs) <= _SMALL_BYTES
        types, history = read_types(
            logs, keep_all if is_small else is_kept, start_time=_start_time(run), warn=self._warn_of(run)
        )
        last = self._last_read
        last.run_id, last.history = (run.id, history) if is_small else (None, History({}, 0))
        return types, history

    def _warn_of(self, run: Run) -> Callable[[Path, str], None]:
        return partial(self._warn_of_log, run)

    def _logs(self, run: Run) -> list[Path]:
        """The logs that make up a run, with a warning of those that were left out or joined."""
        segments = self._segments[run.id]
        joined = [segment for segment in segments if segment.name in run.segments]
        if len(joined) < len(segments):
            self._warn(
                f"run {run.id} lies in {len(segments)} folders whose steps overlap; read only {', '.join(run.segments)}"
            )
        elif len(joined) > 1:
            self._warn(f"run {run.id} was joined from {len(joined)} folders: {', '.join(run.segments)}")
        return [segment.log for segment in joined]

    def _warn_of_log(self, run: Run, log: Path, problem: str) -> None:
        newest = self._segments[run.id][-1].log
        if not (problem == CUT and run.truncated and log == newest):  # the run says that of itself
            self._warn(f"{log}: {problem}")

    def _names_ids(self, name: str) -> bool:
        return all(run_id.strip() in self._segments for run_id in name.split(","))


def _start_time(run: Run) -> float | None:
    return run.created_at.timestamp() if run.created_at else None

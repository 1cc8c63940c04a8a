"""Run folders on disk as a source: no server, no key, no network."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Self

from wandb_plot.errors import MachineError, UsageError
from wandb_plot.model.filters import check_patterns, matches
from wandb_plot.model.history import History
from wandb_plot.model.patterns import compile_pattern
from wandb_plot.model.query import RunQuery, sort_runs
from wandb_plot.model.run import Project, Run, RunFile, runs_named
from wandb_plot.sources.local.description import describe
from wandb_plot.sources.local.files import copy_file, list_files
from wandb_plot.sources.local.folders import Segment, find_segments
from wandb_plot.sources.log.columns import read_history, read_types
from wandb_plot.sources.log.transaction_log import LogEnds, read_ends
from wandb_plot.sources.source import Warn


class LocalSource:
    """The runs of a `wandb/` folder, of one run folder, or of one `.wandb` file.

    Args:
        path: where they lie.
        warn: called with a line for the user whenever something was skipped or chosen.
        follow_links: list and copy files too that a symbolic link shows elsewhere than in the run's folder.
    """

    def __init__(self, path: Path, *, warn: Warn, follow_links: bool = False) -> None:
        self._segments = find_segments(path)
        self._warn = cache(warn)  # each thing is said once
        self._follow_links = follow_links
        self._describe = cache(self._describe_run)
        only = next(iter(self._segments.values())) if len(self._segments) == 1 else []
        self.named_run = next((segment.run_id for segment in only if segment.is_at(path)), None)
        self.entity: str | None = None
        self.project: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing is kept open."""

    def projects(self, limit: int) -> list[Project]:  # noqa: ARG002
        """Refuse: folders don't know their projects."""
        raise UsageError("projects are listed from a server only", hint="list a folder's runs: wandb-plot runs PATH")

    def runs(self, query: RunQuery) -> list[Run]:
        """The runs that `query` selects, from the heads and tails of their logs."""
        check_patterns(query.filter, compile_pattern)
        described = filter(None, map(self._listed, self._segments))
        runs = [run for run in described if matches(query.filter, run)]
        return sort_runs(runs, query.sort, descending=query.descending)[: query.limit]

    def find(self, *names: str) -> list[Run]:
        """Of each of `names`, the run whose id it is, else every run with that display name.

        Raises:
            MachineError: there is a run of such an id, but nothing of it can be read.
        """
        found = [self._describe(name) for name in names if name in self._segments]
        others = [] if len(found) == len(names) else self.runs(RunQuery())
        return runs_named([*others, *found], *names)

    def metric_types(self, run: Run) -> dict[str, str]:
        """Every logged metric with its type."""
        return read_types(self._logs(run), warn=self._warn_of_log)

    def history(
        self,
        run: Run,
        metrics: Sequence[str] | None,
        *,
        samples: int | None = None,  # noqa: ARG002
        over: str | None = None,  # noqa: ARG002
    ) -> History:
        """Every logged number of `metrics`: reading all costs less than choosing would."""
        start = run.created_at.timestamp() if run.created_at else None
        return read_history(self._logs(run), metrics, start_time=start, warn=self._warn_of_log)

    def files(self, run: Run) -> list[RunFile]:
        """The files of all segments; where two hold the same name, the newest one's."""
        return list_files(
            self._segments[run.id],
            follow_links=self._follow_links,
            warn=self._warn,
            warn_of_log=self._warn_of_log,
        )

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:
        """Copy the file of that name, the newest segment's."""
        copy_file(self._segments[run.id], file.name, target, follow_links=self._follow_links)

    def _logs(self, run: Run) -> list[Path]:
        """The logs that make up a run, with a word on those that were left out or joined."""
        segments = self._segments[run.id]
        joined = [segment for segment in segments if segment.folder.name in run.segments]
        if len(joined) < len(segments):
            self._warn(
                f"run {run.id} lies in {len(segments)} folders whose steps overlap; read only {', '.join(run.segments)}"
            )
        elif len(joined) > 1:
            self._warn(f"run {run.id} was joined from {len(joined)} folders: {', '.join(run.segments)}")
        return [segment.log for segment in joined]

    def _warn_of_log(self, log: Path, problem: str) -> None:
        self._warn(f"{log}: {problem}")

    def _listed(self, run_id: str) -> Run | None:
        """What can be said of one run among several; None, with a warning, where nothing of it can be read."""
        try:
            return self._describe(run_id)
        except MachineError as error:
            if len(self._segments) == 1:
                raise
            self._warn(f"left out run {run_id}: {error}")
            return None

    def _describe_run(self, run_id: str) -> Run:
        """What heads and tails of its logs say of a run; those that can't be read don't count from here on."""
        ends: dict[Segment, LogEnds] = {}
        failures: list[MachineError] = []
        for segment in self._segments[run_id]:
            try:
                ends[segment] = _read_ends(segment.log)
            except MachineError as error:
                failures.append(error)
        if not ends:
            raise failures[-1]
        for failure in failures:
            self._warn(f"left out a part of run {run_id}: {failure}")
        self._segments[run_id] = list(ends)
        try:
            return describe(run_id, ends)
        except Exception as error:
            raise _senseless(self._segments[run_id][-1].log, error) from error


def _read_ends(path: Path) -> LogEnds:
    try:
        return read_ends(path)
    except OSError as error:
        raise MachineError(f"can't read {path}: {error.strerror}", hint="check its permissions") from error
    except (MachineError, MemoryError):
        raise
    except Exception as error:
        raise _senseless(path, error) from error


def _senseless(log: Path, error: Exception) -> MachineError:
    """What to say where something unforeseen was written to a log: other runs are to be read all the same."""
    return MachineError(
        f"what {log} says makes no sense: {type(error).__name__}: {error}",
        hint="the file is damaged, or was not written by wandb",
        code="log_unreadable",
    )

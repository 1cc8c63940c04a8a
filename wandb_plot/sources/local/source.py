"""Run folders on disk as a source: no server, no key, no network."""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from wandb_plot.errors import MachineError, UsageError
from wandb_plot.model.filters import check_patterns, matches
from wandb_plot.model.history import Column, History
from wandb_plot.model.patterns import compile_pattern
from wandb_plot.model.query import RunQuery, sort_runs
from wandb_plot.model.run import Project, Run, RunFile, runs_named
from wandb_plot.sources.local.folders import Segment, find_segments
from wandb_plot.sources.log.columns import read_history, read_types
from wandb_plot.sources.log.media import read_media
from wandb_plot.sources.log.records import RunRecord, read_exit, read_run, read_step_range, read_summary
from wandb_plot.sources.log.transaction_log import Log, read_ends, read_log
from wandb_plot.sources.source import Warn

# What wandb-core goes by: a log without an exit record that nobody wrote to for so long belongs to a crashed run.
_CRASHED_AFTER_SECONDS = 600.0


class LocalSource:
    """The runs of a `wandb/` folder, of one run folder, or of one `.wandb` file."""

    def __init__(self, path: Path, *, warn: Warn) -> None:
        self._segments = find_segments(path)
        self._warn = cache(warn)  # each thing is said once
        self._read_log = cache(read_log)
        self._describe = cache(self._describe_run)
        only = next(iter(self._segments.values())) if len(self._segments) == 1 else []
        self.named_run = next((segment.run_id for segment in only if segment.is_at(path)), None)
        self.entity: str | None = None
        self.project: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._read_log.cache_clear()

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
        types: dict[str, str] = {}
        for segment in self._read_segments(run):
            types |= read_types(self._log(segment))
        return types

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
        return _join([read_history(self._log(part), metrics, start_time=start) for part in self._read_segments(run)])

    def files(self, run: Run) -> list[RunFile]:
        """The files of all segments; where two hold the same name, the newest one's."""
        found: dict[str, RunFile] = {}
        for segment in self._segments[run.id]:
            paths = [path for path in segment.files.rglob("*") if path.is_file()]
            logged = {media.path: media for media in read_media(self._log(segment))} if paths else {}
            for path in paths:
                name = path.relative_to(segment.files).as_posix()
                media = logged.get(name)
                step, caption = (media.step, media.caption) if media else (None, None)
                found[name] = RunFile(name, path.stat().st_size, step=step, caption=caption)
        return [found[name] for name in sorted(found)]

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:
        """Copy the file of that name, the newest segment's."""
        for segment in reversed(self._segments[run.id]):
            if (segment.files / file.name).is_file():
                shutil.copyfile(segment.files / file.name, target)
                return
        raise MachineError(f"{file.name} is gone from {self._segments[run.id][-1].files}")

    def _log(self, segment: Segment) -> Log:
        log = self._read_log(segment.log)
        for problem in log.problems:
            self._warn(f"{segment.log}: {problem}")
        return log

    def _read_segments(self, run: Run) -> list[Segment]:
        names = set(run.segments)
        segments = [segment for segment in self._segments[run.id] if segment.folder.name in names]
        if len(segments) < len(self._segments[run.id]):
            self._warn(
                f"run {run.id} lies in {len(self._segments[run.id])} folders whose steps overlap; "
                f"read only {', '.join(run.segments)}"
            )
        elif len(segments) > 1:
            self._warn(f"run {run.id} was joined from {len(segments)} folders: {', '.join(run.segments)}")
        return segments

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
        ends: dict[Segment, Log] = {}
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
        return _describe(run_id, ends)


def _read_ends(path: Path) -> Log:
    try:
        return read_ends(path)
    except OSError as error:
        raise MachineError(f"can't read {path}: {error.strerror}", hint="check its permissions") from error


def _describe(run_id: str, ends: Mapping[Segment, Log]) -> Run:
    """A run from the ends of the logs of its segments, oldest first."""
    records = {segment: read_run(log) or RunRecord() for segment, log in ends.items()}
    segments = list(ends)
    first, newest = segments[0], segments[-1]
    record = records[newest]
    ranges = {segment: read_step_range(log) for segment, log in ends.items()}
    joined = _going_on(ranges)
    summary: dict[str, Any] = {}
    for segment in joined:
        summary |= _summary(segment, ends[segment])
    return Run(
        id=run_id,
        name=record.display_name or run_id,
        entity=record.entity or "",
        project=record.project or "",
        state=_state(ends[newest]),
        created_at=records[first].start_time,
        summary=summary,
        config=record.config,
        tags=tuple(record.tags),
        group=record.group or None,
        job_type=record.job_type or None,
        notes=record.notes or None,
        last_step=max((steps[1] for segment in joined if (steps := ranges[segment])), default=None),
        segments=tuple(segment.folder.name for segment in joined),
    )


def _summary(segment: Segment, log: Log) -> dict[str, Any]:
    """The latest value of every key; of a log read at its ends, of the keys that can be told all the same.

    What its head says may have changed since, so only the tail counts, and the summary file that some SDKs write.
    """
    if log.complete:
        return read_summary(log)
    try:
        written = json.loads((segment.files / "wandb-summary.json").read_bytes())
    except (OSError, ValueError):
        written = {}
    known = {key: value for key, value in written.items() if key != "_wandb"} if isinstance(written, dict) else {}
    return known | read_summary(log.tail)


def _going_on(ranges: Mapping[Segment, tuple[int, int] | None]) -> list[Segment]:
    """The newest segments whose steps strictly go on from one to the next; those without steps don't count."""
    with_steps = [(segment, steps) for segment, steps in ranges.items() if steps]
    if not with_steps:
        return [list(ranges)[-1]]
    joined, (first_step, _) = [with_steps[-1][0]], with_steps[-1][1]
    for segment, (start, stop) in reversed(with_steps[:-1]):
        if stop >= first_step:
            break
        joined.insert(0, segment)
        first_step = start
    return joined


def _state(log: Log) -> str:
    ending = read_exit(log)
    if ending:
        return "failed" if ending.exit_code else "finished"
    return "running" if time.time() - log.mtime < _CRASHED_AFTER_SECONDS else "crashed"


def _join(parts: Sequence[History]) -> History:
    """One history of segments whose steps go on; their system streams are told apart by time."""
    if len(parts) == 1:
        return parts[0]
    names = sorted({name for part in parts for name in part.columns})
    return History(
        columns={name: _join_columns([part.columns[name] for part in parts if name in part.columns]) for name in names},
        rows=sum(part.rows for part in parts),
        system_rows=sum(part.system_rows for part in parts),
    )


def _join_columns(columns: Sequence[Column]) -> Column:
    types = {column.type for column in columns}
    numeric = [column.type for column in columns if column.is_numeric]
    joined = columns[-1].type if not numeric else "numeric" if types == {"numeric"} else "mixed"
    return Column(
        columns[-1].name,
        joined,
        np.concatenate([column.steps for column in columns]),
        np.concatenate([column.values for column in columns]),
        sum(column.non_null for column in columns),
        columns[-1].is_system,
    )

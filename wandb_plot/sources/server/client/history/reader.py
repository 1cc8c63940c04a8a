"""The history of a run on a server, in as few requests as its points allow.

Exact: the parquet exports, then the rows that no export holds yet. Sampled: one series a metric, all in one request.
Either way each metric is read on its own steps.
"""

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from wandb_plot.basics.arrow import union
from wandb_plot.model.history import Column, History, values_at
from wandb_plot.model.metrics import RUNTIME, STEP, SYSTEM_PREFIX, TIMESTAMP
from wandb_plot.sources.rows_to_columns import columns_from_rows, join_all, select_columns, settled
from wandb_plot.sources.server.client.download_progress import download_progress
from wandb_plot.sources.server.client.errors import BrokenAnswerError, TooOldError, last_line
from wandb_plot.sources.server.client.history.cache import HistoryCache, StoredHistory
from wandb_plot.sources.server.client.history.exports import columns_from_export
from wandb_plot.sources.server.client.history.pages import most_rows, read_rows
from wandb_plot.sources.server.client.history.sampling import sample_history
from wandb_plot.sources.server.client.logged_metrics import is_of_system, system_name
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.client.run import ServerRun
from wandb_plot.sources.source_protocol import Warn

_BYTES_A_VALUE = 1 << 10


class HistoryReader:
    """Reads the history of one run.

    Args:
        run: from the server.
        calls: asks the server.
        cache: histories read before; None for none.
        folder: where exports may lie while they are read.
        warn: told where the server gives less than it says it has.
    """

    def __init__(
        self, run: ServerRun, *, calls: ServerCalls, cache: HistoryCache | None, folder: Path, warn: Warn
    ) -> None:
        self._run = run
        self._calls = calls
        self._cache = cache
        self._folder = folder
        self._warn = warn

    def read(self, metrics: Sequence[str] | None, samples: int | None, over: str | None = None) -> History:
        """The history of `metrics` (None: of all there is).

        Args:
            metrics: exact names. What was never logged is no column.
            samples: read about this many points a metric where the run has more rows, the last among them.
            over: which of `metrics` the others are drawn over.

        Raises:
            ServerError: not all of it can be read.
        """
        # A metric that was logged under such a name is none of the system stream's.
        names = () if metrics is None else metrics
        of_system = {name: system_name(name) for name in names if is_of_system(name)}
        of_system = {name: column for name, column in of_system.items() if name not in self._run.value_counts}
        logged = None if metrics is None else [name for name in names if name not in of_system]
        system = None if metrics is None else list(of_system.values())
        if samples is not None and logged and self._run.version.row_count > samples:
            main = self._sampled(logged, samples, over) or self._exact(logged)
        else:
            main = self._exact(logged)
        stream = History({}, 0) if system == [] else self._system(system)
        columns = {**stream.columns, **main.columns}
        columns = {name: settled(columns[name]) for name in sorted(columns)}
        return History(columns, main.rows, stream.system_rows, main.sampled | stream.sampled)

    def _exact(self, wanted: Sequence[str] | None) -> History:
        version = self._run.version
        if not version.row_count or wanted == []:
            return History({}, version.row_count)
        if self._cache is None or not self._is_cacheable(self._cache):
            return self._read_all(wanted)
        key = self._key("history")
        stored = self._cache.load(key, wanted)
        if stored and stored.version == version:
            return stored.history
        whole = self._cache.load(key) if stored and stored.version.may_grow_into(version) else None
        history = (self._grown(whole.history) if whole else None) or self._read_all(None)
        if history.rows >= version.row_count:
            self._cache.store(key, StoredHistory(version, history))
        return select_columns(history, wanted)

    def _sampled(self, wanted: Sequence[str], samples: int, over: str | None) -> History | None:
        """A sample; None where the server is too old to draw one for each metric."""
        key = self._key("sampled", str(samples), over or "", *sorted(wanted))
        try:
            return self._remembered(key, lambda: sample_history(self._run, self._calls, wanted, samples, over))
        except TooOldError:
            return None

    def _system(self, wanted: Sequence[str] | None) -> History:
        return select_columns(self._remembered(self._key("system"), self._read_system), wanted)

    def _remembered(self, key: tuple[str, ...], read: Callable[[], History]) -> History:
        stored = self._cache.load(key) if self._cache else None
        if stored and stored.version == self._run.version:
            return stored.history
        history = read()
        if self._cache:
            self._cache.store(key, StoredHistory(self._run.version, history))
        return history

    def _key(self, *names: str) -> tuple[str, ...]:
        return (*self._run.address, *names)

    def _is_cacheable(self, cache: HistoryCache) -> bool:
        """Whether it leaves room for others, as floats before compression."""
        floats = self._run.version.row_count * max(1, len(self._run.value_counts))
        return floats * np.dtype(float).itemsize <= cache.limit // 2

    def _grown(self, old: History) -> History | None:
        """`old` with the rows that came since; None where the history doesn't begin with it any more."""
        if not old.rows:
            return None
        last = old.columns[STEP].steps[-1]
        rows = read_rows(self._run, self._calls, int(last), before=old.rows - 1)
        before = columns_from_rows([row for row in rows if row[STEP] <= last], is_partial=True)
        if not _agree(old, before, last):
            return None
        added = columns_from_rows([row for row in rows if row[STEP] > last], is_partial=True)
        history = _history([old.columns, added])
        return history if history.rows >= self._run.version.row_count else None

    def _read_all(self, wanted: Sequence[str] | None) -> History:
        read = None if wanted is None else {STEP, *wanted}
        column_sets, is_live = self._read_exports(read)

        def add_rows(start: int, stop: int | None = None) -> None:
            rows = read_rows(self._run, self._calls, start, stop, before=_row_count(column_sets))
            if rows:
                column_sets.append(columns_from_rows(rows, wanted=read, is_partial=True))

        count = self._run.version.row_count
        gaps = _gaps(column_sets)
        # Some servers don't say that there are rows in no export.
        if is_live or _row_count(column_sets) < count:
            add_rows(*gaps.pop())
        while gaps and _row_count(column_sets) < count:
            add_rows(*gaps.pop())
        history = _history(column_sets)
        if history.rows < count and self._run.knows_row_count:
            self._warn(f"the server has {count} rows of {self._run.name}, but gave {history.rows}")
        return select_columns(history, wanted)

    def _read_exports(self, wanted: set[str] | None) -> tuple[list[dict[str, Column]], bool]:
        """The columns of each export that has rows, in order of steps, and whether there are rows in none of them."""
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as name:
            folder = Path(name)

            def download() -> tuple[list[dict[str, Column]], bool]:
                paths, errors, is_live = self._run.download_exports(folder)
                if errors:
                    raise BrokenAnswerError(
                        f"an export of the history did not arrive: {last_line(errors[0])}",
                        hint="try again",
                        code="server",
                    )
                most = most_rows(self._run.version.row_count)
                exported: list[dict[str, Column]] = []
                try:
                    for path in paths:
                        known = [columns[STEP].steps for columns in exported if STEP in columns]
                        exported.append(columns_from_export(path, wanted, most_rows=most, known_steps=known))
                except (OSError, pa.ArrowException) as error:
                    raise BrokenAnswerError(f"an export of the history arrived damaged: {error}") from error
                return exported, is_live

            # No export says how large it is; but so many values, even if they are texts, aren't larger than this.
            announced = self._run.version.row_count * (1 + len(self._run.value_counts)) * _BYTES_A_VALUE
            try:
                exported, is_live = self._calls(
                    download, progress=download_progress(folder, self._calls, announced=announced)
                )
            except TooOldError:
                exported, is_live = [], True
        with_rows = [columns for columns in exported if STEP in columns]
        return sorted(with_rows, key=lambda columns: columns[STEP].steps[0]), is_live

    def _read_system(self) -> History:
        try:
            rows, count = self._calls(self._run.events)
        except TooOldError:
            self._warn("the server is too old to give the system stream")
            rows, count = [], 0
        rows = [_on_runtime(row, self._run) for row in rows]
        columns = columns_from_rows(rows, axis=RUNTIME)
        system = {
            name: replace(column, is_system=True) for name, column in columns.items() if name.startswith(SYSTEM_PREFIX)
        }
        return History(system, 0, len(rows), frozenset(system) if len(rows) < count else frozenset())


def _row_count(column_sets: Sequence[Mapping[str, Column]]) -> int:
    """Rows with a step of their own."""
    return len(union(columns[STEP].steps for columns in column_sets if STEP in columns))


def _gaps(column_sets: Sequence[Mapping[str, Column]]) -> list[tuple[int, int | None]]:
    """Where rows may be that none of `column_sets` has, from a step up to another: before them, between, after."""
    gaps: list[tuple[int, int | None]] = []
    start = 0
    for steps in (columns[STEP].steps for columns in column_sets):
        if steps[0] > start:
            gaps.append((start, int(steps[0])))
        start = max(start, int(steps[-1]) + 1)
    return [*gaps, (start, None)]


def _history(column_sets: Sequence[Mapping[str, Column]]) -> History:
    columns = join_all(column_sets)
    return History(columns, len(columns[STEP].steps) if STEP in columns else 0)


def _agree(old: History, now: Mapping[str, Column], step: float) -> bool:
    """Whether the row at `step` is what it was; a rewound run would have logged it again, at another time."""
    at = np.array([step])
    then = {name: values_at(column, at)[0] for name, column in old.columns.items() if step in column.steps[-1:]}
    seen = {name: values_at(column, at)[0] for name, column in now.items() if len(column.steps)}
    return then.keys() == seen.keys() and all(
        then[name] == seen[name] or (math.isnan(then[name]) and math.isnan(seen[name])) for name in then
    )


def _on_runtime(row: dict[str, Any], run: ServerRun) -> dict[str, Any]:
    """The row with its `_runtime`, which old clients don't log, from its timestamp."""
    if row.get(RUNTIME) is None and run.created_at and isinstance(row.get(TIMESTAMP), (int, float)):
        return row | {RUNTIME: row[TIMESTAMP] - run.created_at.timestamp()}
    return row

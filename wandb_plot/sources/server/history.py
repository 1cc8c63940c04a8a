"""The history of a run on a server, in as few requests as its points allow.

Exact: the parquet exports, then the rows that no export holds yet. Sampled: one series a metric, all in one request.
Either way each metric is read on its own steps.
"""

import json
import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from wandb_plot.model.history import RUNTIME, STEP, SYSTEM_PREFIX, TIMESTAMP, Column, History, values_at
from wandb_plot.sources.rows import columns_from_rows, join_all, select_columns
from wandb_plot.sources.server.calls import ServerCalls, bytes_below
from wandb_plot.sources.server.errors import BrokenAnswerError, last_line
from wandb_plot.sources.server.exports import columns_from_export
from wandb_plot.sources.server.history_cache import HistoryCache, StoredHistory
from wandb_plot.sources.server.run import ServerRun
from wandb_plot.sources.server.sampling import sample_history
from wandb_plot.sources.source import Warn

# A page of a wide history has fewer rows, so that none takes much longer than another.
_PAGE_VALUES = 200_000
_SMALLEST_PAGE = 500
_LARGEST_PAGE = 10_000
_LARGEST_INT = 2**31 - 1


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
            ServerError: not all of it can be had.
        """
        # A metric that was logged under such a name is none of the system stream's.
        names = () if metrics is None else metrics
        of_system = {name for name in names if name.startswith(SYSTEM_PREFIX)} - self._run.value_counts.keys()
        logged = None if metrics is None else [name for name in names if name not in of_system]
        system = None if metrics is None else [name for name in names if name in of_system]
        if samples is not None and logged and self._run.version.line_count > samples:
            main = self._sampled(logged, samples, over)
        else:
            main = self._exact(logged)
        stream = History({}, 0) if system == [] else self._system(system)
        columns = {**stream.columns, **main.columns}
        columns = {name: columns[name] for name in sorted(columns)}
        return History(columns, main.rows, stream.system_rows, main.sampled | stream.sampled)

    def _exact(self, wanted: Sequence[str] | None) -> History:
        version = self._run.version
        if not version.line_count or wanted == []:
            return History({}, version.line_count)
        if self._cache is None or not self._is_cacheable(self._cache):
            return self._read_all(wanted)
        key = self._key("history")
        stored = self._cache.load(key, wanted)
        if stored and stored.version == version:
            return stored.history
        whole = self._cache.load(key) if stored and stored.version.may_grow_into(version) else None
        history = (self._grown(whole.history) if whole else None) or self._read_all(None)
        if history.rows >= version.line_count:
            self._cache.store(key, StoredHistory(version, history))
        return select_columns(history, wanted)

    def _sampled(self, wanted: Sequence[str], samples: int, over: str | None) -> History:
        key = self._key("sampled", str(samples), over or "", *sorted(wanted))
        return self._remembered(key, lambda: sample_history(self._run, self._calls, wanted, samples, over))

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

    def _key(self, *parts: str) -> tuple[str, ...]:
        return (*self._run.address, *parts)

    def _is_cacheable(self, cache: HistoryCache) -> bool:
        """Whether it leaves room for others, as floats before compression."""
        floats = self._run.version.line_count * max(1, len(self._run.value_counts))
        return floats * np.dtype(float).itemsize <= cache.limit // 2

    def _grown(self, old: History) -> History | None:
        """`old` with the rows that came since; None where the history doesn't begin with it any more."""
        if not old.rows:
            return None
        last = old.columns[STEP].steps[-1]
        rows = self._read_pages(int(last), old.rows - 1)
        before = columns_from_rows([row for row in rows if row[STEP] <= last])
        if not _agree(old, before, last):
            return None
        added = columns_from_rows([row for row in rows if row[STEP] > last])
        history = _history([old.columns, added])
        return history if history.rows >= self._run.version.line_count else None

    def _read_all(self, wanted: Sequence[str] | None) -> History:
        read = None if wanted is None else {STEP, *wanted}
        parts, is_live = self._read_exports(read)
        if is_live or not parts:
            last = parts[-1][STEP].steps[-1] if parts else -1
            rows = self._read_pages(int(last) + 1, sum(len(part[STEP].steps) for part in parts))
            parts = [*parts, columns_from_rows(rows, wanted=read)]
        history = _history(parts)
        if history.rows < self._run.version.line_count:
            self._warn(
                f"the server has {self._run.version.line_count} rows of {self._run.name}, but gave {history.rows}"
            )
        return select_columns(history, wanted)

    def _read_exports(self, wanted: set[str] | None) -> tuple[list[dict[str, Column]], bool]:
        """The exported parts in order of steps, and whether there are rows in none of them."""
        with tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as name:
            folder = Path(name)

            def download() -> tuple[list[dict[str, Column]], bool]:
                paths, errors, is_live = self._run.download_exports(folder)
                if errors:
                    raise BrokenAnswerError(
                        f"a part of the history did not arrive: {last_line(errors[0])}", hint="try again", code="server"
                    )
                try:
                    parts = [columns_from_export(path, wanted, encoded=self._run.encoded) for path in paths]
                except (OSError, pa.ArrowInvalid) as error:
                    raise BrokenAnswerError(f"a part of the history arrived damaged: {error}") from error
                return parts, is_live

            parts, is_live = self._calls(download, progress=lambda: bytes_below(folder))
        return sorted((part for part in parts if STEP in part), key=lambda part: part[STEP].steps[0]), is_live

    def _read_pages(self, start: int, before: int) -> list[dict[str, Any]]:
        """Whole rows from the step `start` on; `before` of them are known to come earlier.

        The client's own scan of the rest would fetch every export again, so each page is asked for as it asks for it.
        """
        version = self._run.version
        end = version.last_step + 1 if version.last_step >= 0 else _LARGEST_INT
        rows = max(1, version.line_count - before)
        wide = max(1, len(self._run.value_counts))
        page_rows = min(max(_PAGE_VALUES // wide, _SMALLEST_PAGE), _LARGEST_PAGE)
        size = math.ceil((end - start) / math.ceil(rows / page_rows)) if end > start else 1

        def ask(low: int) -> Callable[[], list[str]]:
            return lambda: self._run.history_page(low, min(low + size, end), min(size, _LARGEST_INT))

        return [json.loads(line) for page in self._calls.each(map(ask, range(start, end, size))) for line in page]

    def _read_system(self) -> History:
        lines, count = self._calls(self._run.events)
        rows = [_on_runtime(json.loads(line), self._run) for line in lines]
        columns = columns_from_rows(rows, axis=RUNTIME)
        system = {
            name: replace(column, is_system=True) for name, column in columns.items() if name.startswith(SYSTEM_PREFIX)
        }
        return History(system, 0, len(rows), frozenset(system) if len(rows) < count else frozenset())


def _history(parts: Sequence[Mapping[str, Column]]) -> History:
    columns = join_all(parts)
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
    """The row with its `_runtime`, which old clients left to be worked out."""
    if row.get(RUNTIME) is None and run.created_at and isinstance(row.get(TIMESTAMP), (int, float)):
        return row | {RUNTIME: row[TIMESTAMP] - run.created_at.timestamp()}
    return row

"""Histories that were read before, on disk: one file each, checked against the version it had when it was read."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import feather

from wandb_plot.model.arrow import to_arrow, to_numpy
from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.sources.server.run import HistoryVersion

# 1 GB holds some hundred long runs.
DEFAULT_LIMIT = 10**9

_FORMAT = b"wandb-plot-history-3"


@dataclass(frozen=True, eq=False)
class StoredHistory:
    """A history as it was read once.

    Attributes:
        version: that of the history just before it was read.
        history: what was read, or the columns of it that were asked for.
    """

    version: HistoryVersion
    history: History


class HistoryCache:
    """A folder of histories, the least recently used of which make room for new ones.

    Neither a damaged file nor a folder that can't be written is an error: what can't be had is read from the server.
    """

    def __init__(self, folder: Path, *, limit: int = DEFAULT_LIMIT) -> None:
        self._folder = folder
        self.limit = limit

    def load(self, key: tuple[str, ...], wanted: Collection[str] | None = None) -> StoredHistory | None:
        """The history under `key`, if it is there and whole.

        Args:
            key: what it was stored under.
            wanted: the columns to read; None for all.
        """
        path = self._path(key)
        try:
            stored = _read(path, wanted)
            os.utime(path)  # what is used stays longest
        except (OSError, ValueError, KeyError, TypeError):  # ArrowInvalid is a ValueError
            return None
        return stored

    def store(self, key: tuple[str, ...], stored: StoredHistory) -> None:
        """Keep a history under `key`, in place of what was there."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".tmp")
            os.close(handle)
            try:
                feather.write_feather(_table(stored), temporary, compression="zstd")
                Path(temporary).replace(self._path(key))
            finally:
                Path(temporary).unlink(missing_ok=True)
            self._make_room()

    def _path(self, key: tuple[str, ...]) -> Path:
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        return self._folder / f"{digest}.arrow"

    def _make_room(self) -> None:
        files = sorted(self._entries(), key=lambda entry: entry[1].st_mtime_ns, reverse=True)
        kept = 0
        for path, status in files:
            kept += status.st_size
            if kept > self.limit:
                path.unlink(missing_ok=True)

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                yield path, path.stat()


def _table(stored: StoredHistory) -> pa.Table:
    """One row for each step at which anything was logged; a metric is null where it was not."""
    columns = list(stored.history.columns.values())
    steps = np.unique(np.concatenate([np.empty(0), *(column.steps for column in columns)]))
    header = {
        "version": asdict(stored.version),
        "rows": stored.history.rows,
        "system_rows": stored.history.system_rows,
        "sampled": sorted(stored.history.sampled),
        "columns": [(column.name, column.type, column.non_null, column.is_system) for column in columns],
    }
    # Names may repeat nothing and hold anything in the header; in the file columns are only numbered.
    arrays = {"steps": to_arrow(steps)} | {str(at): _spread(column, steps) for at, column in enumerate(columns)}
    return pa.table(arrays, metadata={_FORMAT: json.dumps(header).encode()})


def _spread(column: Column, steps: FloatArray) -> pa.Array:
    values = np.zeros(len(steps))
    missing = np.ones(len(steps), bool)
    at = np.searchsorted(steps, column.steps)
    values[at] = column.values
    missing[at] = False
    return to_arrow(values, missing)


def _read(path: Path, wanted: Collection[str] | None) -> StoredHistory:
    with pa.OSFile(str(path)) as file:
        header = json.loads(pa.ipc.open_file(file).schema.metadata[_FORMAT])
    described: list[tuple[str, str, int, bool]] = header["columns"]
    chosen = [at for at, (name, *_) in enumerate(described) if wanted is None or name in wanted]
    table = feather.read_table(path, columns=["steps", *map(str, chosen)], memory_map=False)
    steps = to_numpy(table["steps"])
    columns = {described[at][0]: _column(described[at], steps, table[str(at)]) for at in chosen}
    history = History(columns, header["rows"], header["system_rows"], frozenset(header["sampled"]))
    return StoredHistory(HistoryVersion(**header["version"]), history)


def _column(described: Any, steps: FloatArray, cells: pa.ChunkedArray) -> Column:
    name, kind, non_null, is_system = described
    return Column(name, kind, steps[to_numpy(cells.is_valid())], to_numpy(cells.drop_null()), non_null, is_system)

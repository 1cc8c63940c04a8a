"""Histories that were read before, on disk: one file each, checked against the version it had when it was read."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import feather

from wandb_plot.basics.arrow import spread, to_arrow, to_numpy, union
from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.sources.column_attributes import column_attributes, column_from_attributes
from wandb_plot.sources.server.client.run import HistoryVersion

# 1 GB holds some hundred long runs.
DEFAULT_LIMIT = 10**9

_FORMAT = b"wandb-plot-history-6"

_CHECKSUM_BYTES = 16


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

    Neither a damaged file nor a folder that can't be written is an error: what can't be loaded is read from the server.
    A file begins with a checksum of all that follows, so that damage is never taken for numbers.
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
            stored = _decode(_checked(path), wanted)
            os.utime(path)  # what is used stays longest
        except Exception:  # noqa: BLE001 -- however it fails, the server has what it should hold
            return None
        return stored

    def store(self, key: tuple[str, ...], stored: StoredHistory) -> None:
        """Keep a history under `key`, in place of what was there."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)  # runs may be private; also where an earlier version made the folder
            descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=".", suffix=".tmp")
            try:
                with open(descriptor, "wb") as file:  # noqa: PTH123 -- a descriptor has no path
                    content = _encode(stored)
                    file.write(_checksum(content))
                    file.write(content)
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


def _encode(stored: StoredHistory) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    feather.write_feather(_table(stored), sink, compression="zstd")
    return sink.getvalue()


def _checksum(content: pa.Buffer | memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=_CHECKSUM_BYTES).digest()


def _checked(path: Path) -> memoryview:
    """The content of a file, which follows its checksum.

    Raises:
        OSError: it can't be read.
        ValueError: the checksum is another's.
    """
    whole = memoryview(path.read_bytes())
    content = whole[_CHECKSUM_BYTES:]
    if _checksum(content) != whole[:_CHECKSUM_BYTES]:
        raise ValueError("damaged")
    return content


def _table(stored: StoredHistory) -> pa.Table:
    """One row for each step at which anything was logged; a metric is null where it was not."""
    columns = list(stored.history.columns.values())
    steps = union(column.steps for column in columns)
    header = {
        "version": asdict(stored.version),
        "rows": stored.history.rows,
        "system_rows": stored.history.system_rows,
        "sampled": sorted(stored.history.sampled),
        "columns": [column_attributes(column) for column in columns],
    }
    # The header holds the names, as arrow has rules for names of columns; here columns are numbered.
    arrays = {"steps": to_arrow(steps)}
    arrays |= {str(at): spread(column.steps, column.values, steps) for at, column in enumerate(columns)}
    return pa.table(arrays, metadata={_FORMAT: json.dumps(header).encode()})


def _decode(content: memoryview, wanted: Collection[str] | None) -> StoredHistory:
    file = pa.BufferReader(content)
    header = json.loads(pa.ipc.open_file(file).schema.metadata[_FORMAT])
    described: list[dict[str, Any]] = header["columns"]
    names = None if wanted is None else set(wanted)
    chosen = [at for at, one in enumerate(described) if names is None or one["name"] in names]
    table = feather.read_table(file, columns=["steps", *map(str, chosen)])
    steps = to_numpy(table["steps"])
    columns = {described[at]["name"]: _column(described[at], steps, table[str(at)]) for at in chosen}
    history = History(columns, header["rows"], header["system_rows"], frozenset(header["sampled"]))
    return StoredHistory(HistoryVersion(**header["version"]), history)


def _column(described: Mapping[str, Any], steps: FloatArray, cells: pa.ChunkedArray) -> Column:
    return column_from_attributes(described, steps[to_numpy(cells.is_valid())], to_numpy(cells.drop_null()))

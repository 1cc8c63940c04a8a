"""One `.wandb` file -> its records by kind. Knows nothing of runs.

The file is a header of 7 bytes (`:W&B`, 0xBEE1, a version), then LevelDB's log format (blocks.py), whose records are
protobuf messages (protobuf.py): a running number and one field that says by its number what the record is about.
It is read in extents, each some consecutive blocks and the records that begin in them.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import BinaryIO, TypeVar

import numpy as np

from wandb_plot.basics.untrusted_files import open_regular
from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import MachineError
from wandb_plot.sources.log.format.blocks import BLOCK, FILE_HEADER, find_layout, is_chunk, read_extent
from wandb_plot.sources.log.format.byte_arrays import PADDING, Bytes, Integers
from wandb_plot.sources.log.format.damage import Damage, ExtentDamage
from wandb_plot.sources.log.format.protobuf import read_fields

_logger = logging.getLogger(__name__)

# What a listing looks at, in blocks; and up to how many bytes that is the whole log.
_HEAD = 4
_TAIL = 8
WHOLE_AT_ENDS = 2 * (_HEAD + _TAIL) * BLOCK

# How many blocks are in memory at once for each thread: 10 MiB. With fewer, threads spend their time waiting for one
# another, as Python runs between numpy's calls; with more, little is gained for the memory.
EXTENT_BLOCKS = 320
_THREADS = min(os.cpu_count() or 1, 3)

_MAGIC = b":W&B\xe1\xbe"
_VERSION = 0

T = TypeVar("T")


class RecordKind(IntEnum):
    """What a record says, by the number of its field in wandb's `Record` message."""

    HISTORY = 2
    SUMMARY = 3
    OUTPUT = 4
    CONFIG = 5
    FILES = 6
    STATS = 7
    TELEMETRY = 11
    METRIC = 12
    RUN = 17
    EXIT = 18
    HEADER = 21
    ENVIRONMENT = 26


_IS_KIND = np.isin(np.arange(max(RecordKind) + 2), list(RecordKind))


@dataclass(frozen=True, eq=False)
class Records:
    """The whole records of an extent of a log, as positions in its bytes.

    Attributes:
        buffer: ends in `byte_arrays.PADDING` bytes that belong to no record.
    """

    buffer: Bytes
    _kinds: Integers
    _starts: Integers
    _stops: Integers

    def positions(self, kind: RecordKind) -> tuple[Integers, Integers]:
        """Where the messages of all records of a kind begin and end in `buffer`, in the order of the file."""
        wanted = np.flatnonzero(self._kinds == kind)
        return self._starts[wanted], self._stops[wanted]

    def messages(self, kind: RecordKind) -> list[bytes]:
        """The messages of all records of a kind. For kinds of which there are few."""
        return [self.buffer[start:stop].tobytes() for start, stop in zip(*self.positions(kind), strict=True)]


@dataclass(frozen=True, eq=False)
class LogEnds:
    """The head and the tail of a log.

    Attributes:
        extents: the records of both, oldest first; one extent where that is the whole log.
        problems: a line for the user on each kind of loss.
        cut: whether the log ends inside a record: it was cut off, or is still being written.
        size: bytes of the file when it was opened; it may have grown since.
        mtime: when it was last written to, seconds since the epoch.
    """

    extents: tuple[Records, ...]
    problems: tuple[str, ...]
    cut: bool
    size: int
    mtime: float

    @property
    def complete(self) -> bool:
        """Whether nothing lies between head and tail."""
        return len(self.extents) == 1

    def messages(self, kind: RecordKind) -> list[bytes]:
        """The messages of all records of a kind."""
        return [message for records in self.extents for message in records.messages(kind)]


def read_log(
    path: Path, decode: Callable[[Records], T], collect: Callable[[T], None], *, extent_blocks: int = EXTENT_BLOCKS
) -> tuple[str, ...]:
    """Read a log extent by extent, as it is now: it may be growing.

    Args:
        path: the file.
        decode: called with the records of each extent, in threads; what it returns must not refer to their buffer.
        collect: called with what that returned, in the order of the file.
        extent_blocks: how many blocks an extent has at most.

    Returns:
        A line for the user on each kind of loss.

    Raises:
        MachineError: `log_unreadable`: it is empty, not a log, one of a newer wandb, or nothing in it can be read.
        OSError: it can't be opened.
    """
    _logger.info("reading %s", path)
    damage = Damage()
    with _opened(path) as log:
        starts = _extent_starts(log.layout.blocks, extent_blocks)

        def read(first: int) -> tuple[T, ExtentDamage]:
            records, lost = log.records(first, first + starts.step)
            return decode(records), lost

        found = map(read, starts) if len(starts) == 1 else map_concurrently(read, starts, at_once=_THREADS)
        for decoded, lost in found:
            collect(decoded)
            damage.add(lost)
    _check_readable(path, log.layout.size, damage)
    return damage.problems()


def read_ends(path: Path) -> LogEnds:
    """Read the head and the tail of a log, which takes a few milliseconds at any size. Small logs are read whole.

    Raises:
        MachineError: as `read_log`.
        OSError: it can't be opened.
    """
    _logger.info("reading the ends of %s", path)
    damage = Damage()
    extents = []
    with _opened(path) as log:
        blocks = log.layout.blocks
        ends = [(0, _HEAD), (blocks - _TAIL, blocks)] if log.layout.size > WHOLE_AT_ENDS else [(0, blocks)]
        for first, stop in ends:
            records, lost = log.records(first, stop)
            extents.append(records)
            damage.add(lost)
    _check_readable(path, log.layout.size, damage)
    return LogEnds(tuple(extents), damage.problems(), damage.cut, log.layout.size, log.mtime)


def _extent_starts(blocks: int, most: int) -> range:
    """The first block of each extent: extents of one size, of which every thread gets as many as the others."""
    count = -(-blocks // most)
    if count > 1:
        count = -(-count // _THREADS) * _THREADS
    return range(0, blocks, -(-blocks // count))


class _OpenLog:
    """A log that is open: any of its blocks can be read, from several threads."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._file, self._lock = file, Lock()
        status = os.fstat(file.fileno())
        self.mtime = status.st_mtime
        _check_header(path, self._read, status.st_size)
        self.layout = find_layout(self._read, status.st_size)

    def records(self, first: int, stop: int) -> tuple[Records, ExtentDamage]:
        """The records that begin in some blocks, and what was lost there."""
        extent = read_extent(self._read, self.layout, first, min(stop, self.layout.blocks))
        fields = read_fields(extent.buffer, extent.starts, extent.stops)
        known = np.flatnonzero(_IS_KIND[np.minimum(fields.number, len(_IS_KIND) - 1)] & ~fields.broken[fields.owner])
        records = Records(extent.buffer, fields.number[known], fields.start[known], fields.stop[known])
        return records, ExtentDamage.of(extent, fields, first, stop, readable=len(known) > 0)

    def _read(self, start: int, length: int) -> Bytes:
        """Up to so many bytes from a position of the file, with `PADDING`."""
        buffer = np.empty(length + PADDING, np.uint8)
        target, done = buffer.data, 0
        with self._lock:
            # A file that shrinks while it is mapped kills the process, so it is never mapped.
            self._file.seek(start)
            while done < length and (count := self._file.readinto(target[done:length])):  # type: ignore[attr-defined]
                done += count
        buffer[done:] = 0
        return buffer[: done + PADDING]


@contextmanager
def _opened(path: Path) -> Iterator[_OpenLog]:
    with open_regular(path) as file:
        yield _OpenLog(path, file)


def _check_header(path: Path, read: Callable[[int, int], Bytes], size: int) -> None:
    if not size:
        raise _unreadable(
            f"{path} is empty: the run ended, or was killed, before wandb wrote anything",
            "nothing of it can be recovered from this file; wandb's logs/debug-internal.log may say why",
        )
    head = read(0, FILE_HEADER)[:-PADDING].tobytes()
    magic, intact = head[: len(_MAGIC)], is_chunk(read, FILE_HEADER)
    if magic != _MAGIC[: len(magic)] and not intact:
        raise _unreadable(f"{path} is not a wandb log", "give a .wandb file, a run folder or a wandb/ folder")
    if len(head) == FILE_HEADER and magic == _MAGIC and head[-1] != _VERSION and not intact:
        raise _unreadable(
            f"{path} was written by a newer wandb, in version {head[-1]} of its format",
            "upgrade: pip install --upgrade wandb-plot",
        )


def _check_readable(path: Path, size: int, damage: Damage) -> None:
    if not damage.readable:
        raise _unreadable(
            f"nothing can be read from {path}: no record in its {size:,} bytes is whole",
            "a run that has just begun writes its first records within a minute; else the file is damaged",
        )


def _unreadable(message: str, hint: str) -> MachineError:
    return MachineError(message, hint=hint, code="log_unreadable")

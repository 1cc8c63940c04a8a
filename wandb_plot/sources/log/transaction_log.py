"""One `.wandb` file -> its records by kind. Knows nothing of runs.

The file is a header of 7 bytes (`:W&B`, 0xBEE1, a version), then LevelDB's log format (framing.py), whose records are
protobuf messages (protobuf.py): a running number and one field that says by its number what the record is about.
"""

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

import numpy as np

from wandb_plot.errors import MachineError
from wandb_plot.sources.log.buffers import PADDING, Bytes, Integers
from wandb_plot.sources.log.framing import BLOCK, FILE_HEADER, Records, is_chunk, read_records
from wandb_plot.sources.log.protobuf import Fields, read_fields, varints

_logger = logging.getLogger(__name__)

_HEAD = 4 * BLOCK
_TAIL = 8 * BLOCK

# Arrays over a batch shall stay within the processor's caches, but also be worth the calls that they cost.
_BATCH = 128 * BLOCK
_BATCH_RECORDS = 500
_LARGEST_BATCH = 2048 * BLOCK

_MAGIC = b":W&B\xe1\xbe"
_VERSION = 0

_NUM = 1


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


_IS_KIND = np.isin(np.arange(max(RecordKind) + 2), list(RecordKind))


@dataclass(frozen=True, eq=False)
class Log:
    """The records of one file, as spans of its bytes.

    Attributes:
        buffer: the bytes that spans refer to, ending in `buffers.PADDING` bytes that belong to none.
        problems: a line for the user on each kind of loss.
        complete: whether the whole file was read, not only its head and tail.
        size: bytes of the file when it was opened; it may have grown since.
        mtime: when it was last written to, seconds since the epoch.
    """

    buffer: Bytes
    problems: tuple[str, ...]
    complete: bool
    size: int
    mtime: float
    _kinds: Integers
    _starts: Integers
    _stops: Integers
    _tail: int = 0

    @property
    def tail(self) -> "Log":
        """Only the records without a gap behind them: all, where the whole file was read."""
        kept = slice(self._tail, None)
        return replace(self, _kinds=self._kinds[kept], _starts=self._starts[kept], _stops=self._stops[kept], _tail=0)

    def positions(self, kind: RecordKind) -> tuple[Integers, Integers]:
        """Where the messages of all records of a kind begin and end in `buffer`, in the order of the file."""
        wanted = self._kinds == kind
        return self._starts[wanted], self._stops[wanted]

    def messages(self, kind: RecordKind) -> list[bytes]:
        """The messages of all records of a kind. For kinds of which there are few."""
        return [self.buffer[start:stop].tobytes() for start, stop in zip(*self.positions(kind), strict=True)]

    def batches(self, kind: RecordKind) -> Iterator[tuple[Bytes, Integers, Integers]]:
        """The spans of a kind in pieces of a size that is good to work on.

        Yields:
            A part of the buffer with padding of its own, and where in that messages begin and end.
        """
        starts, stops = self.positions(kind)
        first = 0
        while first < len(starts):
            small, large = np.searchsorted(starts, starts[first] + np.array([_BATCH, _LARGEST_BATCH])).tolist()
            last = max(first + 1, min(max(small, first + _BATCH_RECORDS), large))
            origin, end = starts[first], stops[last - 1] + PADDING
            yield self.buffer[origin:end], starts[first:last] - origin, stops[first:last] - origin
            first = last


def read_log(path: Path) -> Log:
    """Read a whole log, as it is now: it may be growing.

    Raises:
        MachineError: `log_unreadable`: it is empty, not a log, one of a newer wandb, or nothing in it can be read.
        OSError: it can't be opened.
    """
    _logger.info("reading %s", path)
    return _open(path, _read_whole)


def read_ends(path: Path) -> Log:
    """Read the head and the tail of a log, which takes a few milliseconds at any size. Small logs are read whole.

    Raises:
        MachineError: as `read_log`.
        OSError: it can't be opened.
    """
    _logger.info("reading the ends of %s", path)
    return _open(path, _read_ends)


def _open(path: Path, read: Callable[[BinaryIO, int], Records]) -> Log:
    # A file that shrinks while it is mapped kills the process, so it is never mapped.
    with path.open("rb", buffering=0) as file:
        status = os.fstat(file.fileno())
        _check_header(path, file, status.st_size)
        records = read(file, status.st_size)
    fields = read_fields(records.buffer, records.starts, records.stops)
    known = _IS_KIND[np.minimum(fields.number, max(RecordKind) + 1)] & ~fields.broken[fields.owner]
    if not known.any():
        raise _unreadable(
            f"nothing can be read from {path}: no record in its {status.st_size:,} bytes is whole",
            "a run that has just begun writes its first records within a minute; else the file is damaged",
        )
    return Log(
        buffer=records.buffer,
        problems=_problems(records, fields),
        complete=records.seam is None,
        size=status.st_size,
        mtime=status.st_mtime,
        _kinds=fields.number[known],
        _starts=fields.start[known],
        _stops=fields.stop[known],
        _tail=int(np.searchsorted(fields.owner[known], records.seam or 0)),
    )


def _check_header(path: Path, file: BinaryIO, size: int) -> None:
    if not size:
        raise _unreadable(
            f"{path} is empty: the run ended, or was killed, before wandb wrote anything",
            "nothing of it can be recovered from this file; wandb's logs/debug-internal.log may say why",
        )
    head = _read(file, 0, min(size, FILE_HEADER + BLOCK))
    magic, intact = head[: min(size, len(_MAGIC))].tobytes(), is_chunk(head, FILE_HEADER)
    if magic != _MAGIC[: len(magic)] and not intact:
        raise _unreadable(f"{path} is not a wandb log", "give a .wandb file, a run folder or a wandb/ folder")
    if size >= FILE_HEADER and magic == _MAGIC and head[len(_MAGIC)] != _VERSION and not intact:
        raise _unreadable(
            f"{path} was written by a newer wandb, in version {head[len(_MAGIC)]} of its format",
            "upgrade: pip install --upgrade wandb-plot",
        )


def _read_whole(file: BinaryIO, size: int) -> Records:
    return read_records(_read(file, 0, size))


def _read_ends(file: BinaryIO, size: int) -> Records:
    if size <= 2 * (_HEAD + _TAIL):
        return _read_whole(file, size)
    resume = (size - _TAIL) // BLOCK * BLOCK
    head, tail = _read(file, 0, _HEAD + FILE_HEADER), _read(file, resume, size - resume)
    buffer = np.concatenate([head[:-PADDING], tail])
    return read_records(buffer, _HEAD + FILE_HEADER)


def _read(file: BinaryIO, start: int, length: int) -> Bytes:
    buffer = np.empty(length + PADDING, np.uint8)
    target, done = buffer.data, 0
    file.seek(start)
    while done < length and (count := file.readinto(target[done:length])):  # type: ignore[attr-defined]
        done += count
    buffer[done:] = 0
    return buffer[: done + PADDING]


def _problems(records: Records, fields: Fields) -> tuple[str, ...]:
    """What was lost, in words. `fields` are those of the records."""
    problems = []
    if records.skipped:
        problems.append(f"skipped {records.skipped:,} damaged bytes; what comes before and behind them was read")
    if broken := int(np.count_nonzero(fields.broken)):
        problems.append(f"skipped records that are not well-formed: {broken:,}")
    numbered = fields.number == _NUM
    record, num = fields.owner[numbered], varints(records.buffer, fields.start[numbered])[0]
    steps = np.diff(num, prepend=0)
    if records.seam is not None:
        steps[np.searchsorted(record, records.seam) :][:1] = 1
    if missing := int(np.sum(steps[steps > 1] - 1)):
        problems.append(f"lost records: {missing:,}, as the gaps in their numbering show")
    if records.cut:
        problems.append("it ends inside a record: it was cut off, or is still being written")
    return tuple(problems)


def _unreadable(message: str, hint: str) -> MachineError:
    return MachineError(message, hint=hint, code="log_unreadable")

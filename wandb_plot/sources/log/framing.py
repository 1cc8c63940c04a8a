"""LevelDB's log framing: blocks of 32 KiB, chunks that lie in them, records made of chunks.

Every block begins on a chunk, so the n-th chunks of all blocks are looked at together.
Format: https://github.com/google/leveldb/blob/main/doc/log_format.md, but for plain CRC-32 in place of masked CRC-32C,
and a file header of 7 bytes that the first block counts in. wandb-core before 0.17.6 did not count it in: there, all
blocks begin 7 bytes later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from zlib import crc32

import numpy as np

from wandb_plot.sources.log.buffers import PADDING, Bytes, Integers, Mask, gather_levels, integers_at_every_byte

BLOCK = 32 * 1024
FILE_HEADER = 7

_CHUNK_HEADER = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4

# In so few blocks, a step for all of them costs more than a step for each: a read_ends would take 10 ms.
_FEW = 24


@dataclass(frozen=True, eq=False)
class Records:
    """Where whole records lie, and what was lost between them.

    Attributes:
        buffer: what the spans refer to.
        starts: shape (records,).
        stops: shape (records,).
        seam: index of the first record behind the bytes that were not read; None where all were.
        skipped: bytes that belong to no whole record.
        cut: whether the file ends inside a record.
    """

    buffer: Bytes
    starts: Integers
    stops: Integers
    seam: int | None
    skipped: int
    cut: bool


@dataclass(frozen=True, eq=False)
class _Chunks:
    """Chunks in the order of the file; all arrays have the shape (chunks,).

    Attributes:
        block: number of the block; one is left out at the seam, so that what lies on both sides never adjoins.
        start: where the payload begins.
        stop: where it ends.
        kind: FULL, FIRST, MIDDLE or LAST.
        intact: whether the checksum holds.
    """

    block: Integers
    start: Integers
    stop: Integers
    kind: Integers
    intact: Mask


def read_records(buffer: Bytes, seam: int | None = None) -> Records:
    """Find all whole records in the bytes of a file, and check each against its checksum.

    Args:
        buffer: the file's first bytes, then `PADDING`. Records in several pieces are put together in it, in place.
        seam: position in `buffer` behind which it holds the file's tail, beginning at a multiple of `BLOCK`; the head
            before it ends `FILE_HEADER` bytes behind one. None where nothing is missing.
    """
    end = len(buffer) - PADDING
    block, begins, limits = _blocks(_first_block(buffer, seam, end), seam, end)
    chunks, skipped, cut = _walk(buffer, block, begins, limits)
    used, starts, stops = _assemble(buffer, chunks)
    begun = used & ((chunks.kind == _FULL) | (chunks.kind == _FIRST))
    last = len(chunks.start)
    behind = last if seam is None else int(np.searchsorted(chunks.start, seam))
    unfinished = _unfinished(chunks, used, last)
    used[unfinished + _unfinished(chunks, used, behind) + _begun_before(chunks, used, behind)] = True
    return Records(
        buffer=buffer,
        starts=starts,
        stops=stops,
        seam=None if seam is None else int(np.count_nonzero(begun[:behind])),
        skipped=skipped + int(np.sum((chunks.stop - chunks.start + _CHUNK_HEADER)[~used])),
        cut=cut or bool(unfinished),
    )


def is_chunk(buffer: Bytes, position: int) -> bool:
    """Whether an intact chunk begins at `position`."""
    header = buffer[position : position + _CHUNK_HEADER].tobytes()
    if len(header) < _CHUNK_HEADER or not _FULL <= header[6] <= _LAST:
        return False
    stop = position + _CHUNK_HEADER + int.from_bytes(header[4:6], "little")
    return stop <= len(buffer) and crc32(buffer.data[position + 6 : stop]) == int.from_bytes(header[:4], "little")


def _first_block(buffer: Bytes, seam: int | None, end: int) -> int:
    """Where blocks are counted from: the first boundary that is intact in one of the two layouts tells which it is."""
    boundaries: Iterable[int] = range(BLOCK, end, BLOCK)
    if seam is not None:
        boundaries = chain(range(BLOCK, seam - BLOCK, BLOCK), range(seam, end, BLOCK))
    for boundary in boundaries:
        if is_chunk(buffer, boundary):
            return 0
        if is_chunk(buffer, boundary + FILE_HEADER):
            return FILE_HEADER
    return 0


def _blocks(base: int, seam: int | None, end: int) -> tuple[Integers, Integers, Integers]:
    """Number of each block, where its first chunk begins, and where it ends, be that behind the end of the file."""
    begins = np.arange(base, max(end, base + 1) if seam is None else seam - BLOCK + 1, BLOCK)
    block = np.arange(len(begins))
    if seam is not None:
        tail = np.arange(seam + base, end, BLOCK)
        begins, block = np.concatenate([begins, tail]), np.concatenate([block, len(block) + 1 + np.arange(len(tail))])
    limits = begins + BLOCK
    begins[0] = FILE_HEADER
    return block, begins, limits


def _walk(buffer: Bytes, block: Integers, begins: Integers, limits: Integers) -> tuple[_Chunks, int, bool]:
    """All chunks; how many bytes are neither chunk nor padding; whether the file ends inside a chunk."""
    end = len(buffer) - PADDING
    ends, reached = np.minimum(limits, end), begins.copy()
    lengths = integers_at_every_byte(buffer, "<u2")
    index, levels = np.arange(len(begins)), []
    while True:
        index = index[ends[index] - reached[index] >= _CHUNK_HEADER]
        if len(index) < _FEW:
            break
        header = reached[index]
        kind = buffer[header + 6].astype(np.int64)
        stop = header + _CHUNK_HEADER + lengths[header + 4]
        fits = (kind >= _FULL) & (kind <= _LAST) & (stop <= ends[index])
        index, header, stop, kind = index[fits], header[fits], stop[fits], kind[fits]
        levels.append((index, header, stop, kind))
        reached[index] = stop
    for number in index.tolist():
        found = _chunks_of(buffer.data, int(reached[number]), int(ends[number]))
        header, stop, kind = np.array(found, np.int64).reshape(-1, 3).T
        levels.append((np.full(len(found), number), header, stop, kind))
        reached[number] = found[-1][1] if found else reached[number]
    index, header, stop, kind = gather_levels(levels, len(begins), 4)
    rest = ends - reached
    cut = bool(limits[-1] > end and rest[-1] > 0)
    skipped = int(np.sum(rest[: -1 if cut else None][rest[: -1 if cut else None] >= _CHUNK_HEADER]))
    intact = _checksums_hold(buffer, header, stop)
    return _Chunks(block[index], header + _CHUNK_HEADER, stop, kind, intact), skipped, cut


def _chunks_of(content: memoryview, position: int, end: int) -> list[tuple[int, int, int]]:
    """Header, stop and kind of every chunk from `position` to `end`, up to the first that can't be one."""
    found = []
    while end - position >= _CHUNK_HEADER:
        stop = position + _CHUNK_HEADER + (content[position + 4] | content[position + 5] << 8)
        if not _FULL <= content[position + 6] <= _LAST or stop > end:
            break
        found.append((position, stop, content[position + 6]))
        position = stop
    return found


def _checksums_hold(buffer: Bytes, header: Integers, stop: Integers) -> Mask:
    content = buffer.data
    spans = zip((header + 6).tolist(), stop.tolist(), strict=True)
    found = np.array([crc32(content[start:stop]) for start, stop in spans], np.uint32)
    holds: Mask = found == integers_at_every_byte(buffer, "<u4")[header]
    return holds


def _assemble(buffer: Bytes, chunks: _Chunks) -> tuple[Mask, Integers, Integers]:
    """Which chunks belong to whole records, and where those records begin and end.

    The later pieces of a record move up to its first one: only chunk headers and padding lie between them.
    """
    kind, stops = chunks.kind, chunks.stop.copy()
    goes_on = chunks.intact & ((kind == _FIRST) | (kind == _MIDDLE))
    follows = chunks.intact & ((kind == _MIDDLE) | (kind == _LAST))
    follows[1:] &= goes_on[:-1] & (np.diff(chunks.block) == 1)
    follows[:1] = False
    used = chunks.intact & (kind == _FULL)
    for first in np.flatnonzero(chunks.intact & (kind == _FIRST)).tolist():
        last = first + 1
        while last < len(kind) and follows[last] and kind[last] == _MIDDLE:
            last += 1
        if last == len(kind) or not follows[last]:
            continue
        used[first : last + 1] = True
        for piece in range(first + 1, last + 1):
            content = buffer[chunks.start[piece] : chunks.stop[piece]]
            buffer[stops[first] : stops[first] + len(content)] = content
            stops[first] += len(content)
    begun = used & ((kind == _FULL) | (kind == _FIRST))
    return used, chunks.start[begun], stops[begun]


def _unfinished(chunks: _Chunks, used: Mask, end: int) -> list[int]:
    """The chunks before `end` that begin a record which doesn't end there."""
    first = end
    while first and not used[first - 1] and chunks.intact[first - 1] and chunks.kind[first - 1] in (_FIRST, _MIDDLE):
        first -= 1
        if chunks.kind[first] == _FIRST:
            break
    return list(range(first, end))


def _begun_before(chunks: _Chunks, used: Mask, start: int) -> list[int]:
    """The chunks from `start` that go on with a record which doesn't begin there."""
    stop = start
    while stop < len(used) and not used[stop] and chunks.intact[stop] and chunks.kind[stop] in (_MIDDLE, _LAST):
        stop += 1
        if chunks.kind[stop - 1] == _LAST:
            break
    return list(range(start, stop))

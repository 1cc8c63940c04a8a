"""LevelDB's log framing: blocks of 32 KiB, chunks that lie in them, records made of chunks.

Every block begins on a chunk, so a file can be entered at any block, and the n-th chunks of many blocks are looked at
together.
Format: https://github.com/google/leveldb/blob/main/doc/log_format.md, but for plain CRC-32 in place of masked CRC-32C,
and a file header of 7 bytes that the first block counts in. wandb-core before 0.17.6 did not count it in: there, all
blocks begin 7 bytes later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from wandb_plot.sources.log.buffers import PADDING, Bytes, Integers, Mask, gather_levels, integers_at_every_byte
from wandb_plot.sources.log.checksums import checksums_hold

BLOCK = 32 * 1024
FILE_HEADER = 7

_CHUNK_HEADER = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4

# In so few blocks, an array operation for all of them costs more than a step of Python for each.
_FEW = 24

# Nobody logs so much at once; a file that says so would fill the memory.
_LARGEST_RECORD = 2**28

# Reads up to so many bytes from a position of the file, followed by `PADDING`.
Read = Callable[[int, int], Bytes]


@dataclass(frozen=True)
class Layout:
    """Where the blocks of a file lie.

    Attributes:
        base: where blocks are counted from: 0, or 7 in files of wandb-core before 0.17.6.
        size: bytes of the file.
    """

    base: int
    size: int

    @property
    def blocks(self) -> int:
        """How many there are; at least one."""
        return max(-((self.base - self.size) // BLOCK), 1)

    def start(self, block: int) -> int:
        """Where the first chunk of a block begins; behind the last block, where the file ends."""
        return min(max(self.base + block * BLOCK, FILE_HEADER), max(self.size, FILE_HEADER))


@dataclass(frozen=True, eq=False)
class Window:
    """The whole records that begin in some blocks of a file, and what was lost in these blocks.

    Attributes:
        buffer: bytes of the file, ending in `PADDING`.
        starts: shape (records,), where each record begins in `buffer`.
        stops: shape (records,), where it ends.
        reached: where in the file the last of the records ends. It may be far behind these blocks.
        continued: of each chunk at the beginning that goes on with an earlier record, where it begins in the file and
            how many bytes it takes. They are lost where that record didn't reach so far.
        skipped: bytes that belong to no whole record, besides those in `continued`.
        cut: whether the file ends inside a record.
    """

    buffer: Bytes
    starts: Integers
    stops: Integers
    reached: int
    continued: list[tuple[int, int]]
    skipped: int
    cut: bool


@dataclass(frozen=True, eq=False)
class _Chunks:
    """Chunks in the order of the file; all arrays have the shape (chunks,).

    Attributes:
        block: number of the block.
        header: where each begins in the buffer.
        stop: where it ends.
        kind: FULL, FIRST, MIDDLE or LAST.
        intact: whether the checksum holds.
    """

    block: Integers
    header: Integers
    stop: Integers
    kind: Integers
    intact: Mask

    @property
    def start(self) -> Integers:
        """Where the payload of each begins. It may be empty."""
        return self.header + _CHUNK_HEADER

    @property
    def size(self) -> Integers:
        """Bytes of each, its header included."""
        return self.stop - self.header


def find_layout(read: Read, size: int) -> Layout:
    """Tell which of the two layouts a file has, from the first block that is intact in one of them."""
    for boundary in range(BLOCK, size, BLOCK):
        for base in (0, FILE_HEADER):
            if is_chunk(read, boundary + base):
                return Layout(base, size)
    return Layout(0, size)


def is_chunk(read: Read, position: int) -> bool:
    """Whether an intact chunk begins at a position of the file."""
    header = read(position, _CHUNK_HEADER)[:-PADDING].tobytes()
    if len(header) < _CHUNK_HEADER or not _FULL <= header[6] <= _LAST:
        return False
    length = 1 + int.from_bytes(header[4:6], "little")
    checked = read(position + 6, length)[:-PADDING].tobytes()
    return len(checked) == length and crc32(checked) == int.from_bytes(header[:4], "little")


def read_window(read: Read, layout: Layout, first: int, stop: int) -> Window:
    """Read the records that begin in the blocks from `first` up to, but without, `stop`."""
    origin = layout.start(first)
    boundary = layout.start(stop) - origin
    loaded = _last_needed(read, layout, stop)
    buffer = read(origin, layout.start(loaded) - origin)
    begins = np.array([layout.start(block) - origin for block in range(first, loaded)])
    limits = layout.base + BLOCK * np.arange(first + 1, loaded + 1) - origin
    chunks, rest = _find_chunks(buffer, begins, limits)
    used, starts, stops, ends = _assemble(buffer, chunks)
    at_end = loaded == layout.blocks and _leads_to_end(read, layout, first, chunks)
    is_partial = loaded == layout.blocks and bool(limits[-1] > len(buffer) - PADDING and rest[-1])
    unfinished = _unfinished(chunks, used) if at_end else slice(0, 0)
    used[unfinished] = True
    own = int(np.searchsorted(chunks.header, boundary))
    continued = _continued(chunks, used, own)
    lost = ~used[continued:own]
    rest = rest[: stop - first - (is_partial and loaded == stop)]
    begun_here = int(np.searchsorted(starts - _CHUNK_HEADER, boundary))
    reached = ends[begun_here - 1] if begun_here else 0
    if unfinished.start < min(own, unfinished.stop):
        reached = layout.size - origin
    begins = chunks.header[:continued] + origin
    return Window(
        buffer=buffer,
        starts=starts[:begun_here],
        stops=stops[:begun_here],
        reached=origin + int(reached),
        continued=list(
            zip((chunks.header[:continued] + origin).tolist(), chunks.size[:continued].tolist(), strict=True)
        ),
        skipped=int(np.sum(chunks.size[continued:own][lost]) + np.sum(rest[rest >= _CHUNK_HEADER])),
        cut=is_partial or _ends_within_record(chunks, at_end=at_end),
    )


def _last_needed(read: Read, layout: Layout, block: int) -> int:
    """The block behind the last one that a record which begins before `block` may reach into."""
    last = min(layout.blocks, block + _LARGEST_RECORD // BLOCK)
    while block < last and _begins_within_record(read, layout, block):
        block += 1
        if read(layout.start(block - 1) + _CHUNK_HEADER - 1, 1)[0] == _LAST:
            break
    return block


def _begins_within_record(read: Read, layout: Layout, block: int) -> bool:
    """Whether the first chunk of a block may go on with a record, as it does where the file ends before it tells."""
    header = read(layout.start(block), _CHUNK_HEADER)
    return len(header) < _CHUNK_HEADER + PADDING or header[_CHUNK_HEADER - 1] in (_MIDDLE, _LAST)


def _leads_to_end(read: Read, layout: Layout, first: int, chunks: _Chunks) -> bool:
    """Whether nothing but the beginning of a chunk may lie between the last of some chunks and the end of the file.

    Args:
        read: reads the file.
        layout: of the file.
        first: the number of the block that `chunks` count from.
        chunks: in the order of the file.
    """
    if not len(chunks.block):
        return False
    last = first + int(chunks.block[-1])
    return last == layout.blocks - 1 or (
        last == layout.blocks - 2 and _begins_within_record(read, layout, layout.blocks - 1)
    )


def _find_chunks(buffer: Bytes, begins: Integers, limits: Integers) -> tuple[_Chunks, Integers]:
    """All chunks of blocks, and how many bytes at the end of each block are none.

    Args:
        buffer: holds them.
        begins: shape (blocks,), where the first chunk of each begins.
        limits: shape (blocks,), where each ends, be that behind the end of the file.
    """
    ends, reached = np.minimum(limits, len(buffer) - PADDING), begins.copy()
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
    intact = checksums_hold(buffer, index, header, stop)
    return _Chunks(index, header, stop, kind, intact), ends - reached


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


def _follows(chunks: _Chunks) -> Mask:
    """Which chunks go on with what the chunk before them began, both being intact."""
    follows: Mask = chunks.intact & ((chunks.kind == _MIDDLE) | (chunks.kind == _LAST))
    goes_on = chunks.intact & ((chunks.kind == _FIRST) | (chunks.kind == _MIDDLE))
    follows[1:] &= goes_on[:-1] & (np.diff(chunks.block) == 1)
    follows[:1] = False
    return follows


def _assemble(buffer: Bytes, chunks: _Chunks) -> tuple[Mask, Integers, Integers, Integers]:
    """Put records together.

    The later pieces of a record move up to its first one: only chunk headers and padding lie between them.

    Returns:
        Which chunks belong to whole records; where each record begins and ends; where its last chunk ended.
    """
    kind, stops, ends = chunks.kind, chunks.stop.copy(), chunks.stop.copy()
    follows, payload = _follows(chunks), chunks.start
    used = chunks.intact & (kind == _FULL)
    for first in np.flatnonzero(chunks.intact & (kind == _FIRST)).tolist():
        last = first + 1
        while last < len(kind) and follows[last] and kind[last] == _MIDDLE:
            last += 1
        if last == len(kind) or not follows[last] or ends[last] - ends[first] > _LARGEST_RECORD:
            continue
        used[first : last + 1] = True
        ends[first] = chunks.stop[last]
        for piece in range(first + 1, last + 1):
            content = buffer[payload[piece] : chunks.stop[piece]]
            buffer[stops[first] : stops[first] + len(content)] = content
            stops[first] += len(content)
    begun = used & ((kind == _FULL) | (kind == _FIRST))
    return used, payload[begun], stops[begun], ends[begun]


def _unfinished(chunks: _Chunks, used: Mask) -> slice:
    """The chunks at the end of the file that begin a record which doesn't end there."""
    follows, first = _follows(chunks), len(used) - 1
    while first >= 0 and not used[first] and follows[first]:
        first -= 1
    is_begun = first >= 0 and not used[first] and chunks.intact[first] and chunks.kind[first] == _FIRST
    return slice(first, len(used)) if is_begun else slice(0, 0)


def _continued(chunks: _Chunks, used: Mask, own: int) -> int:
    """How many of the first `own` chunks may go on with a record that begins before them."""
    count = 0
    while count < own and not used[count] and chunks.intact[count] and chunks.kind[count] in (_MIDDLE, _LAST):
        count += 1
        if chunks.kind[count - 1] == _LAST:
            break
    return count


def _ends_within_record(chunks: _Chunks, *, at_end: bool) -> bool:
    """Whether more was to come behind the last chunk of the file."""
    return at_end and bool(len(chunks.kind) and chunks.intact[-1] and chunks.kind[-1] in (_FIRST, _MIDDLE))

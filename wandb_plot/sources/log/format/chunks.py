"""Chunks: the fragments of records that lie in the blocks of a log, and how records are put together from them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wandb_plot.sources.log.format.byte_arrays import PADDING, Bytes, Integers, Mask, uint64_at_every_byte
from wandb_plot.sources.log.format.checksums import checksums_hold

CHUNK_HEADER = 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4

# Nobody logs so much at once; a file that says so would fill the memory.
LARGEST_RECORD = 2**28

# In so few blocks, an array operation for all of them costs more than a step of Python for each.
_FEW = 24


@dataclass(frozen=True, eq=False)
class Chunks:
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
        return self.header + CHUNK_HEADER

    @property
    def size(self) -> Integers:
        """Bytes of each, its header included."""
        return self.stop - self.header


def find_chunks(buffer: Bytes, begins: Integers, limits: Integers) -> tuple[Chunks, Integers]:
    """All chunks of blocks, and how many bytes at the end of each block belong to none.

    Args:
        buffer: holds them.
        begins: shape (blocks,), ascending: where the first chunk of each begins.
        limits: shape (blocks,), where each ends, which may be after the end of the file.
    """
    ends = np.minimum(limits, len(buffer) - PADDING)
    # A file that shrinks while it is read may hold fewer blocks than it did.
    held = begins < ends
    header = _headers(buffer, begins[held], ends[held])
    length, kind = _lengths_and_kinds(uint64_at_every_byte(buffer), header)
    block, stop = np.searchsorted(begins, header, side="right") - 1, header + CHUNK_HEADER + length
    reached = begins.copy()
    reached[block] = stop
    intact = checksums_hold(buffer, block, header, stop)
    return Chunks(block, header, stop, kind, intact), ends - reached


def _headers(buffer: Bytes, position: Integers, end: Integers) -> Integers:
    """Where every chunk begins, ascending: of each block those up to the first that can't be one.

    Args:
        buffer: holds the blocks.
        position: shape (blocks,), where each begins.
        end: shape (blocks,), where it ends.
    """
    found, at_every_byte = [np.empty(0, np.int64)], uint64_at_every_byte(buffer)
    while len(position) >= _FEW:
        length, kind = _lengths_and_kinds(at_every_byte, position)
        stop = position + CHUNK_HEADER + length
        fits = (kind >= FULL) & (kind <= LAST) & (stop <= end)
        if not fits.all():
            position, stop, end = position[fits], stop[fits], end[fits]
        found.append(position)
        position = stop
    content = buffer.data
    for begin, limit in zip(position.tolist(), end.tolist(), strict=True):
        found.append(np.fromiter(_headers_of(content, begin, limit), np.int64))
    return np.sort(np.concatenate(found))


def _lengths_and_kinds(at_every_byte: npt.NDArray[np.uint64], header: Integers) -> tuple[Integers, Integers]:
    """Bytes of the payload, and kind, of the chunks that may begin at `header`."""
    loaded = at_every_byte[header].view(np.int64)
    return loaded >> 32 & 0xFFFF, loaded >> 48 & 0xFF


def _headers_of(content: memoryview, position: int, end: int) -> Iterator[int]:
    """Where every chunk from `position` to `end` begins, up to the first that can't be one."""
    while end - position >= CHUNK_HEADER:
        stop = position + CHUNK_HEADER + (content[position + 4] | content[position + 5] << 8)
        if not FULL <= content[position + 6] <= LAST or stop > end:
            break
        yield position
        position = stop


def _follows(chunks: Chunks) -> Mask:
    """Which chunks go on with what the chunk before them began, both being intact."""
    follows: Mask = chunks.intact & ((chunks.kind == MIDDLE) | (chunks.kind == LAST))
    goes_on = chunks.intact & ((chunks.kind == FIRST) | (chunks.kind == MIDDLE))
    follows[1:] &= goes_on[:-1] & (np.diff(chunks.block) == 1)
    follows[:1] = False
    return follows


def join_fragments(buffer: Bytes, chunks: Chunks) -> tuple[Mask, Integers, Integers, Integers]:
    """Join the fragments of records.

    The later fragments of a record move up to its first one: only chunk headers and padding lie between them.

    Returns:
        Which chunks belong to whole records; where each record begins and ends; where its last chunk ended.
    """
    kind, stops, ends = chunks.kind, chunks.stop.copy(), chunks.stop.copy()
    follows, payload = _follows(chunks), chunks.start
    used = chunks.intact & (kind == FULL)
    for first in np.flatnonzero(chunks.intact & (kind == FIRST)).tolist():
        last = first + 1
        while last < len(kind) and follows[last] and kind[last] == MIDDLE:
            last += 1
        if last == len(kind) or not follows[last] or ends[last] - ends[first] > LARGEST_RECORD:
            continue
        used[first : last + 1] = True
        ends[first] = chunks.stop[last]
        for later in range(first + 1, last + 1):
            content = buffer[payload[later] : chunks.stop[later]]
            buffer[stops[first] : stops[first] + len(content)] = content
            stops[first] += len(content)
    begun = used & ((kind == FULL) | (kind == FIRST))
    return used, payload[begun], stops[begun], ends[begun]


def unfinished_at_end(chunks: Chunks, used: Mask) -> slice:
    """The chunks at the end of the file that begin a record which doesn't end there."""
    follows, first = _follows(chunks), len(used) - 1
    while first >= 0 and not used[first] and follows[first]:
        first -= 1
    is_begun = first >= 0 and not used[first] and chunks.intact[first] and chunks.kind[first] == FIRST
    return slice(first, len(used)) if is_begun else slice(0, 0)


def continued_at_start(chunks: Chunks, used: Mask, own: int) -> int:
    """How many of the first `own` chunks may go on with a record that begins before them."""
    count = 0
    while count < own and not used[count] and chunks.intact[count] and chunks.kind[count] in (MIDDLE, LAST):
        count += 1
        if chunks.kind[count - 1] == LAST:
            break
    return count


def ends_within_record(chunks: Chunks, *, at_end: bool) -> bool:
    """Whether the file ends inside a record: another chunk should follow its last one."""
    return at_end and bool(len(chunks.kind) and chunks.intact[-1] and chunks.kind[-1] in (FIRST, MIDDLE))

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

from wandb_plot.sources.log.format.byte_arrays import PADDING, Bytes, Integers
from wandb_plot.sources.log.format.chunks import (
    CHUNK_HEADER,
    FULL,
    LARGEST_RECORD,
    LAST,
    MIDDLE,
    Chunks,
    continued_at_start,
    ends_within_record,
    find_chunks,
    join_fragments,
    unfinished_at_end,
)

BLOCK = 32 * 1024
FILE_HEADER = 7

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
        """Where the first chunk of a block begins; after the last block, where the file ends."""
        return min(max(self.base + block * BLOCK, FILE_HEADER), max(self.size, FILE_HEADER))


@dataclass(frozen=True, eq=False)
class Extent:
    """An extent of a file, which is some consecutive blocks: the whole records that begin there, and what was lost.

    Attributes:
        buffer: bytes of the file, ending in `PADDING`.
        starts: shape (records,), where each record begins in `buffer`.
        stops: shape (records,), where it ends.
        reached: where in the file the last of the records ends. It may be far after these blocks.
        continued: (position in the file, bytes) of each leading chunk that continues a record from before this extent.
            They are lost unless that record reached it.
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


def find_layout(read: Read, size: int) -> Layout:
    """Tell which of the two layouts a file has, from the first block that is intact in one of them."""
    for boundary in range(BLOCK, size, BLOCK):
        for base in (0, FILE_HEADER):
            if is_chunk(read, boundary + base):
                return Layout(base, size)
    return Layout(0, size)


def is_chunk(read: Read, position: int) -> bool:
    """Whether an intact chunk begins at a position of the file."""
    header = read(position, CHUNK_HEADER)[:-PADDING].tobytes()
    if len(header) < CHUNK_HEADER or not FULL <= header[6] <= LAST:
        return False
    length = 1 + int.from_bytes(header[4:6], "little")
    checked = read(position + 6, length)[:-PADDING].tobytes()
    return len(checked) == length and crc32(checked) == int.from_bytes(header[:4], "little")


def read_extent(read: Read, layout: Layout, first: int, stop: int) -> Extent:
    """Read the records that begin in the blocks from `first` up to, but without, `stop`."""
    origin, loaded = layout.start(first), _last_needed(read, layout, stop)
    buffer = read(origin, layout.start(loaded) - origin)
    begins = np.array([layout.start(block) - origin for block in range(first, loaded)])
    limits = layout.base + BLOCK * np.arange(first + 1, loaded + 1) - origin
    chunks, rest = find_chunks(buffer, begins, limits)
    used, starts, stops, ends = join_fragments(buffer, chunks)
    at_end = loaded == layout.blocks and _leads_to_end(read, layout, first, chunks)
    unfinished = unfinished_at_end(chunks, used) if at_end else slice(0, 0)
    used[unfinished] = True
    # What belongs to these blocks, and not to those that were loaded for the end of their last record.
    boundary = layout.start(stop) - origin
    own = int(np.searchsorted(chunks.header, boundary))
    own_records = int(np.searchsorted(starts - CHUNK_HEADER, boundary))
    continued = continued_at_start(chunks, used, own)
    reached = int(ends[own_records - 1]) if own_records else 0
    if unfinished.start < min(own, unfinished.stop):
        reached = layout.size - origin
    # The file may end within its last block, which is then no damage.
    is_partial = loaded == layout.blocks and bool(limits[-1] > len(buffer) - PADDING and rest[-1])
    rest = rest[: stop - first - (is_partial and loaded == stop)]
    lost_chunks = chunks.size[continued:own][~used[continued:own]]
    positions = (chunks.header[:continued] + origin).tolist()
    return Extent(
        buffer=buffer,
        starts=starts[:own_records],
        stops=stops[:own_records],
        reached=origin + reached,
        continued=list(zip(positions, chunks.size[:continued].tolist(), strict=True)),
        skipped=int(np.sum(lost_chunks) + np.sum(rest[rest >= CHUNK_HEADER])),
        cut=is_partial or ends_within_record(chunks, at_end=at_end),
    )


def _last_needed(read: Read, layout: Layout, block: int) -> int:
    """The block after the last one that a record which begins before `block` may reach into."""
    last = min(layout.blocks, block + LARGEST_RECORD // BLOCK)
    while block < last and _begins_within_record(read, layout, block):
        block += 1
        if read(layout.start(block - 1) + CHUNK_HEADER - 1, 1)[0] == LAST:
            break
    return block


def _begins_within_record(read: Read, layout: Layout, block: int) -> bool:
    """Whether the first chunk of a block may continue a record; also where the file ends before the chunk tells."""
    header = read(layout.start(block), CHUNK_HEADER)
    return len(header) < CHUNK_HEADER + PADDING or header[CHUNK_HEADER - 1] in (MIDDLE, LAST)


def _leads_to_end(read: Read, layout: Layout, first: int, chunks: Chunks) -> bool:
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

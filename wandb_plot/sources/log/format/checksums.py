"""The CRC-32 of many chunks, tested block by block.

Calling `zlib.crc32` takes longer than summing up most chunks does. So all adjacent chunks of a block are summed up in
one call. What that must give follows from the checksums of the chunks: the CRC of several texts in a row is the
exclusive or of their own CRCs, each shifted by the bytes after it. Where the two differ, every chunk is tested by
itself.
Method: Mark Adler's `crc32_combine`, https://github.com/madler/zlib/blob/master/crc32.c, with tables in place of
matrices.
"""

from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from wandb_plot.sources.log.format.byte_arrays import Bytes, Integers, Mask, integers_at_every_byte

_UnsignedIntegers = npt.NDArray[np.uint32]

# Bytes of a chunk's header that its checksum doesn't cover: the checksum itself, and the length.
_UNCOVERED = 6

_POLYNOMIAL = 0xEDB88320
_ALL_ONES = np.uint32(0xFFFFFFFF)

# The chunks of a block take up fewer bytes than this times 256.
_LARGEST_HIGH_BYTE = 130

# The tables cost as much as testing some thousands of chunks one by one.
_FEW = 4096


class _Tables(NamedTuple):
    """What becomes of the register as zero bytes pass through it.

    Attributes:
        low: shape (256, 4, 256): of n zero bytes, by n and by each byte of the register.
        high: shape (_LARGEST_HIGH_BYTE, 4, 256): likewise of 256 n zero bytes.
        ones: shape (256 * _LARGEST_HIGH_BYTE,): of n zero bytes and a register of all ones, by n.
    """

    low: _UnsignedIntegers
    high: _UnsignedIntegers
    ones: _UnsignedIntegers


def checksums_hold(buffer: Bytes, block: Integers, header: Integers, stop: Integers) -> Mask:
    """Which chunks are as their checksums say.

    The bytes of their headers that no checksum covers are set to zero.

    Args:
        buffer: holds the chunks.
        block: shape (chunks,), ascending: the block of each. Within one, a chunk begins where the one before it ends.
        header: shape (chunks,), where the header of each begins.
        stop: shape (chunks,), where each ends.
    """
    claimed: _UnsignedIntegers = integers_at_every_byte(buffer, "<u4")[header]
    if len(header) <= _FEW:
        return _each_holds(buffer, header, stop, claimed)
    first = np.flatnonzero(np.diff(block, prepend=-1))
    ends = stop[np.append(first[1:], len(stop)) - 1]
    counts = np.diff(np.append(first, len(stop)))
    expected = _expected(
        claimed, stop - header - _UNCOVERED, np.repeat(ends, counts) - stop, first, ends - header[first]
    )
    for byte in range(_UNCOVERED):
        buffer[header + byte] = 0
    content = buffer.data
    spans = zip(header[first].tolist(), ends.tolist(), strict=True)
    found = np.array([crc32(content[start:end]) for start, end in spans], np.uint32)
    holds: Mask = np.repeat(found == expected, counts)
    doubtful = np.flatnonzero(~holds)
    holds[doubtful] = _each_holds(buffer, header[doubtful], stop[doubtful], claimed[doubtful])
    return holds


def _each_holds(buffer: Bytes, header: Integers, stop: Integers, claimed: _UnsignedIntegers) -> Mask:
    content = buffer.data
    spans = zip((header + _UNCOVERED).tolist(), stop.tolist(), strict=True)
    holds: Mask = np.array([crc32(content[start:end]) for start, end in spans], np.uint32) == claimed
    return holds


def _expected(
    claimed: _UnsignedIntegers, length: Integers, after: Integers, first: Integers, span: Integers
) -> _UnsignedIntegers:
    """The CRC that each block has if the CRC that every chunk claims is right.

    The bytes of headers that no claimed CRC covers count as zero.

    Args:
        claimed: shape (chunks,).
        length: shape (chunks,), of what each checksum covers.
        after: shape (chunks,), bytes from the end of each chunk to the end of its block's last.
        first: shape (blocks,), the index of the first chunk of each.
        span: shape (blocks,), bytes from the first header to the end of the last chunk.
    """
    low, high, ones = _tables()
    shifted = _shifted(high, after >> 8, _shifted(low, after & 0xFF, claimed))
    # zlib begins with a register of all ones and inverts the result, for each chunk as for all of a block.
    shifted ^= ones[after + length] ^ ones[after]
    expected: _UnsignedIntegers = np.bitwise_xor.reduceat(shifted, first) ^ ones[span] ^ _ALL_ONES
    return expected


def _shifted(table: _UnsignedIntegers, count: Integers, register: _UnsignedIntegers) -> _UnsignedIntegers:
    """What becomes of registers, all of shape (n,), as `table` has it for as many zero bytes as `count` says."""
    flat, at = table.ravel(), count << 10
    octets = register.view(np.uint8).reshape(-1, 4)
    shifted: _UnsignedIntegers = flat.take(at + octets[:, 0])
    for byte in (1, 2, 3):
        at += 256
        shifted ^= flat.take(at + octets[:, byte])
    return shifted


@cache
def _tables() -> _Tables:
    remainder = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        remainder = np.where(remainder & 1, _POLYNOMIAL ^ (remainder >> 1), remainder >> 1).astype(np.uint32)
    single = np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32)[:, None])
    single = remainder[single & 0xFF] ^ (single >> np.uint32(8))
    low = _repeated(single, 257)
    high = _repeated(low[256], _LARGEST_HIGH_BYTE)
    count = np.arange(256 * _LARGEST_HIGH_BYTE)
    ones = _shifted(low, count & 0xFF, np.full(len(count), _ALL_ONES))
    return _Tables(low[:256], high, _shifted(high, count >> 8, ones))


def _repeated(shift: _UnsignedIntegers, times: int) -> _UnsignedIntegers:
    """The shift, of shape (4, 256), applied not at all, once, and so on: shape (times, 4, 256)."""
    table = np.empty((times, 4, 256), np.uint32)
    table[0] = np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32)[:, None])
    done = 1
    while done < times:
        more = min(done, times - done)
        table[done : done + more] = _applied(shift, table[:more])
        shift, done = _applied(shift, shift), done + more
    return table


def _applied(shift: _UnsignedIntegers, register: _UnsignedIntegers) -> _UnsignedIntegers:
    return _shifted(shift[None], np.zeros(register.size, np.int64), register.ravel()).reshape(register.shape)

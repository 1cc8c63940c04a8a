"""The bytes of a log as one array, and operations on many positions of it at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

# Arrays are read at a position and the few bytes after it, also where a message ends sooner. So every buffer ends in
# bytes that belong to no message: enough for a tag and a length.
PADDING = 24


def integers_at_every_byte(buffer: Bytes, dtype: str) -> npt.NDArray[Any]:
    """The integers that begin at each position of `buffer`. A view, nothing is copied."""
    return np.ndarray((max(len(buffer) - np.dtype(dtype).itemsize + 1, 0),), dtype, buffer.data, 0, (1,))


def uint64_at_every_byte(buffer: Bytes) -> npt.NDArray[np.uint64]:
    """The eight bytes at every position of `buffer`, as little-endian integers. A view, nothing is copied."""
    return integers_at_every_byte(buffer, "<u8")


def bytes_at(buffer: Bytes, position: Integers, size: int) -> npt.NDArray[np.void]:
    """Copies of the `size` bytes at each position."""
    every = np.ndarray((len(buffer) - size + 1,), f"V{size}", buffer.data, 0, (1,))
    copies: npt.NDArray[np.void] = every[position]
    return copies


def gather_levels(found: Sequence[tuple[Integers, ...]], owners: int, arrays: int) -> tuple[Integers, ...]:
    """Put in the order of their owners what was found level by level, such as the first field of each message.

    Args:
        found: the levels, each some arrays of one length. The first array says to which owner each entry belongs: each
            to another, or all to one.
        owners: how many owners there are.
        arrays: how many arrays a level has.

    Returns:
        Each array with the entries of all levels, sorted by owner and within one by level.
    """
    if found and all(len(owner) == owners and owner[-1] == owner[0] + owners - 1 for owner, *_ in found):
        # All messages have as many fields, so a level is a column of a table.
        return tuple(np.column_stack(columns).ravel() for columns in zip(*found, strict=True))
    counts = np.zeros(owners, np.int64)
    ranks = []
    for level in found:
        owner = level[0]
        ranks.append(counts[owner] + (np.arange(len(owner)) if len(owner) and owner[0] == owner[-1] else 0))
        counts[owner] = ranks[-1] + 1
    first = np.cumsum(counts) - counts
    gathered = tuple(np.empty(counts.sum(), np.int64) for _ in range(arrays))
    for level, rank in zip(found, ranks, strict=True):
        target = first[level[0]] + rank
        for array, entries in zip(gathered, level, strict=True):
            array[target] = entries
    return gathered

"""Between arrow and numpy, without `to_numpy` and `pa.array`: those import pandas, which takes half a second."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def to_numpy(array: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """The values of an arrow array without nulls, shape (n,), read-only."""
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if pa.types.is_boolean(whole.type):
        return np.from_dlpack(whole.cast(pa.uint8())).view(bool)
    return np.from_dlpack(whole)


def to_arrow(values: npt.NDArray[np.float64], missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    """Values as an arrow array, both of shape (n,); null where `missing`, NaN where a value is NaN."""
    held = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(pa.float64(), len(values), [held, pa.py_buffer(np.ascontiguousarray(values))])


def union(arrays: Iterable[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Every number that one of the arrays holds, once, ascending."""
    return np.unique(np.concatenate([np.empty(0), *arrays]))


def spread(x: npt.NDArray[np.float64], values: npt.NDArray[np.float64], onto: npt.NDArray[np.float64]) -> pa.Array:
    """Values as an arrow array over another x; null where they have none, and of two at one x the later.

    Args:
        x: shape (n,), in any order.
        values: shape (n,), the value at each.
        onto: shape (m,), ascending; holds every number of `x`.
    """
    at = np.searchsorted(onto, x)
    spread_values, missing = np.zeros(len(onto)), np.ones(len(onto), dtype=bool)
    spread_values[at], missing[at] = values, False
    return to_arrow(spread_values, missing)


def to_axis(values: npt.NDArray[np.float64]) -> pa.Array:
    """Values of an axis, shape (n,), as whole numbers where all of them are whole."""
    array = to_arrow(values)
    return array if np.any(values % 1) else array.cast(pa.int64())


def repeat_text(text: str, count: int) -> pa.Array:
    """The same text `count` times."""
    encoded = text.encode()
    offsets = np.arange(count + 1, dtype=np.int64) * len(encoded)
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(encoded * count))

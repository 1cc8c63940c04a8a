"""Between arrow and numpy, without `to_numpy` and `pa.array`: those import pandas, which takes half a second."""

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
    """Values as an arrow array, both of shape (n,); null where `missing`, and NaN where they are."""
    held = None if missing is None else pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(pa.float64(), len(values), [held, pa.py_buffer(np.ascontiguousarray(values))])

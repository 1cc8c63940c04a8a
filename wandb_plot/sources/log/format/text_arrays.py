"""Many short texts that lie scattered over a buffer, handled at once."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wandb_plot.basics.arrow import to_numpy
from wandb_plot.sources.log.format.byte_arrays import Bytes, Integers, bytes_at, uint64_at_every_byte

_INLINE = 12


def distinct_texts(buffer: Bytes, starts: Integers, stops: Integers) -> tuple[Integers, list[bytes]]:
    """For each text its index among the different ones, and these.

    Args:
        buffer: less than 2 GiB, ending in `byte_arrays.PADDING`.
        starts: shape (texts,), where each begins.
        stops: shape (texts,), where it ends.
    """
    # Arrow encodes texts of one length, side by side, in less than half the time of others.
    length = stops - starts
    order = np.argsort(length)
    code, texts = np.empty(len(starts), np.int64), list[bytes]()
    for at in np.split(order, np.flatnonzero(np.diff(length[order])) + 1) if len(order) else ():
        size = int(length[at[0]])
        held = pa.py_buffer(bytes_at(buffer, starts[at], size))
        encoded = pa.Array.from_buffers(pa.binary(size), len(at), [None, held]).dictionary_encode()
        code[at] = to_numpy(encoded.indices) + len(texts)
        texts += encoded.dictionary.to_pylist()
    return code, texts


def parse_floats(buffer: Bytes, starts: Integers, stops: Integers) -> npt.NDArray[np.float64]:
    """The numbers that texts spell, correctly rounded, NaN and Infinity included.

    Args:
        buffer: less than 2 GiB, ending in `byte_arrays.PADDING`.
        starts: shape (texts,), where each begins.
        stops: shape (texts,), where it ends.

    Raises:
        ValueError: one of them spells no number.
    """
    if not len(starts):
        return np.empty(0)
    return to_numpy(_view(buffer, starts, stops, pa.string_view()).cast(pa.float64()))


def _view(buffer: Bytes, starts: Integers, stops: Integers, kind: pa.DataType) -> pa.Array:
    """An arrow array of texts, which stay where they are.

    Of each it wants 16 bytes: the length, then the content itself up to 12 bytes, else its first 4 bytes, the number
    of a buffer, and the position in that.
    https://arrow.apache.org/docs/format/Columnar.html#variable-size-binary-view-layout
    """
    load = uint64_at_every_byte(buffer)
    length = stops - starts
    first = load[starts]
    views = np.empty((len(starts), 2), np.uint64)
    views[:, 0] = length.view(np.uint64) | (first << np.uint64(32))
    views[:, 1] = starts.view(np.uint64) << np.uint64(32)
    short = np.flatnonzero(length <= _INLINE)
    if len(short):
        size = length[short]
        views[short, 0] = size.view(np.uint64) | ((first[short] & _MASKS[np.minimum(size, 4)]) << np.uint64(32))
        views[short, 1] = load[starts[short] + 4] & _MASKS[np.maximum(size - 4, 0)]
    return pa.Array.from_buffers(kind, len(starts), [None, pa.py_buffer(views), pa.py_buffer(buffer)])


# Keeps the first n of eight bytes.
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)

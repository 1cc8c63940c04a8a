"""A history as Arrow IPC: all numbers of its columns one after the other, and in the header where each column's are."""

import json
from typing import Any

import numpy as np
import pyarrow as pa

from wandb_plot.basics.arrow import to_arrow, to_numpy
from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.sources.column_attributes import column_attributes, column_from_attributes

_HEADER = b"wandb-plot-history"


def to_ipc(history: History) -> memoryview:
    """`history` as a stream that `from_ipc` reads."""
    numbers = _Numbers()
    columns = [
        column_attributes(column) | {"steps": numbers.add(column.steps), "values": numbers.add(column.values)}
        for column in history.columns.values()
    ]
    header = {
        "columns": columns,
        "rows": history.rows,
        "system_rows": history.system_rows,
        "sampled": sorted(history.sampled),
    }
    batch = pa.record_batch([to_arrow(numbers.joined())], names=["numbers"])
    batch = batch.replace_schema_metadata({_HEADER: json.dumps(header).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return memoryview(sink.getvalue())


def from_ipc(content: bytes) -> History:
    """The history; its arrays are views of `content`."""
    with pa.ipc.open_stream(content) as stream:
        batch = stream.read_next_batch()
    header = json.loads(batch.schema.metadata[_HEADER])
    numbers = to_numpy(batch["numbers"])

    def column(fields: dict[str, Any]) -> Column:
        return column_from_attributes(fields, numbers[slice(*fields["steps"])], numbers[slice(*fields["values"])])

    columns = {fields["name"]: column(fields) for fields in header["columns"]}
    return History(columns, header["rows"], header["system_rows"], frozenset(header["sampled"]))


class _Numbers:
    """Arrays to be joined into one. The first of each length is not repeated: most columns share their steps."""

    def __init__(self) -> None:
        self._arrays: list[FloatArray] = []
        self._first: dict[int, tuple[FloatArray, tuple[int, int]]] = {}
        self._end = 0

    def add(self, array: FloatArray) -> tuple[int, int]:
        """Where `array` begins and ends in the joined one."""
        span = (self._end, self._end + len(array))
        first, known = self._first.setdefault(len(array), (array, span))
        if known != span and np.array_equal(first, array):
            return known
        self._arrays.append(array)
        self._end = span[1]
        return span

    def joined(self) -> FloatArray:
        """All of them."""
        return np.concatenate([np.empty(0), *self._arrays])

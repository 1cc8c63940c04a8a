"""Parquet files as W&B exports them: one column a top-level key, nested values as structs, in several row groups."""

import io
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.server.contents import Row

ROW_GROUP = 2_000


def _column(values: Sequence[Any]) -> pa.Array:
    """`values` in the narrowest type that holds them all: numbers with text become text, as do unlike shapes."""
    try:
        column = pa.array(values)
    except (pa.ArrowException, OverflowError):
        if all(value is None or isinstance(value, int | float) for value in values):
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
    else:
        # Parquet has no struct without fields.
        if not (pa.types.is_struct(column.type) and column.type.num_fields == 0):
            return column
    return pa.array([value if value is None or isinstance(value, str) else json.dumps(value) for value in values])


def parquet(rows: Sequence[Row]) -> bytes:
    """The bytes of one exported part; non-finite numbers stay numbers, and a key that no row holds has no column."""
    keys = dict.fromkeys(key for row in rows for key in row)
    table = pa.table({key: _column([row.get(key) for row in rows]) for key in keys})
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=ROW_GROUP)
    return sink.getvalue()

"""Parquet files as W&B exports them: `_step` and one column a dotted key, whose type is that of its values."""

import io
import json
from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from tests.server.contents import Row
from tests.server.rows import flattened

ROW_GROUP = 2_000

# The fields of a column whose values have several types, of which each row has one.
_FIELDS: dict[type, str] = {
    int: "_type_float64",
    float: "_type_float64",
    str: "_type_utf8",
    bool: "_type_bool",
    dict: "_type_struct",
    list: "_type_list",
}

Style = Literal["flat", "nested", "binary"]


def parquet(rows: Sequence[Row], style: Style = "flat") -> bytes:
    """The bytes of one export; non-finite numbers stay numbers, and a key that no row holds has no column.

    Args:
        rows: nested as logged. Without any the file has no column at all.
        style: `flat`, one column a dotted key; `nested`, one a top-level key, with structs; `binary`, flat, and every
            cell but the step is JSON in bytes.
    """
    if style != "nested":
        rows = [flattened(row) for row in rows]
    keys = dict.fromkeys(key for row in rows for key in row)
    columns = {key: _column([row.get(key) for row in rows], style) for key in keys}
    if "_step" in columns:
        columns["_step"] = pa.array([row.get("_step") for row in rows], pa.float64())
    table = pa.table(columns).replace_schema_metadata(None if rows else {"wandb-compacted": "true"})
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=ROW_GROUP)
    return sink.getvalue()


def _column(values: Sequence[Any], style: Style) -> pa.Array:
    if style == "binary":
        return _binary(values)
    fields = dict.fromkeys(_FIELDS[type(value)] for value in values if value is not None)
    if len(fields) > 1:
        parts = {field: [value if _is_of(value, field) else None for value in values] for field in fields}
        return pa.StructArray.from_arrays(
            [_plain(part) for part in parts.values()],
            list(parts),
            mask=pa.array([value is None for value in values]),
        )
    return _plain(values)


def _is_of(value: Any, field: str) -> bool:
    return value is not None and _FIELDS[type(value)] == field


def _plain(values: Sequence[Any]) -> pa.Array:
    """Values of one type; such as no arrow type holds are JSON in bytes."""
    try:
        column = pa.array(values)
    except (pa.ArrowException, OverflowError):
        if all(value is None or isinstance(value, int | float) for value in values):
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
    else:
        # Parquet has no struct without fields.
        if not (pa.types.is_struct(column.type) and column.type.num_fields == 0):
            return column
    return _binary(values)


def _binary(values: Sequence[Any]) -> pa.Array:
    return pa.array([None if value is None else json.dumps(value).encode() for value in values], pa.binary())

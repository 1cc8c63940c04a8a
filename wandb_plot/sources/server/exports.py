"""Parquet exports of a history -> columns, reading only what is wanted of each file."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wandb_plot.model.arrow import to_numpy
from wandb_plot.model.history import NUMERIC, STEP, Column, FloatArray
from wandb_plot.sources.rows import column_from_cells, columns_from_rows


def columns_from_export(
    path: Path, wanted: Collection[str] | None = None, *, encoded: Collection[str] = ()
) -> dict[str, Column]:
    """The columns of one exported part, sorted by name.

    Args:
        path: a parquet file with a column `_step`.
        wanted: names of the metrics to keep; None for all.
        encoded: metrics that weren't always text. A file has one type a column, so all their values may be there as
            JSON in text.

    Raises:
        OSError: it can't be read.
        pyarrow.ArrowInvalid: it is no parquet file.
    """
    with pq.ParquetFile(path) as part:
        table = part.read(columns=[STEP, *(name for name in part.schema_arrow.names if _holds(name, wanted))])
    steps = to_numpy(table[STEP]).astype(float)
    columns: dict[str, Column] = {}
    for name in table.schema.names:
        for metric, cells in _leaves(name, table[name].combine_chunks(), wanted):
            columns |= _columns(metric, steps, cells, metric in encoded)
    kept = (name for name, column in columns.items() if column.type and (wanted is None or name in wanted))
    return {name: columns[name] for name in sorted(kept)}


def _holds(name: str, wanted: Collection[str] | None) -> bool:
    """Whether the column `name` is one of `wanted`, or nests one."""
    return wanted is None or any(metric == name or metric.startswith(f"{name}.") for metric in wanted)


def _leaves(name: str, cells: pa.Array, wanted: Collection[str] | None) -> Iterator[tuple[str, pa.Array]]:
    """The columns nested in one; what says its `_type` is one column."""
    if not _holds(name, wanted):
        return
    fields = {field.name for field in cells.type} if pa.types.is_struct(cells.type) else set()
    if not fields or "_type" in fields:
        yield name, cells
        return
    for field in sorted(fields):
        yield from _leaves(f"{name}.{field}", pc.struct_field(cells, field), wanted)


def _columns(name: str, steps: FloatArray, cells: pa.Array, encoded: bool) -> dict[str, Column]:
    kind = cells.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return {name: _numeric(name, steps, cells)}
    if pa.types.is_struct(kind):
        rows = ({STEP: step, name: cell} for step, cell in zip(steps, cells.to_pylist(), strict=True))
        return {metric: column for metric, column in columns_from_rows(rows).items() if metric != STEP}
    values = cells.to_pylist()
    return {name: column_from_cells(name, steps.tolist(), list(map(_decoded, values)) if encoded else values)}


def _decoded(cell: Any) -> Any:
    """What stands in a text as JSON; the text where it is just that."""
    try:
        # Whether NaN is a word or a number is for the other values to tell, as in rows.
        value = json.loads(cell, parse_constant=str) if isinstance(cell, str) else cell
    except ValueError:
        return cell
    return cell if isinstance(value, str) else value


def _numeric(name: str, steps: FloatArray, cells: pa.Array) -> Column:
    held = to_numpy(cells.is_valid())
    at = steps[held]
    values = to_numpy(cells.drop_null().cast(pa.float64(), safe=False))
    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    return Column(name, NUMERIC if len(at) else "", at, values, int(np.count_nonzero(~np.isnan(values))))

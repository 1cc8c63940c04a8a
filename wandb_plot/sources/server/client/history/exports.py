"""Parquet exports of a history -> columns, reading only what is wanted of each file.

A file has a column `_step` and one for each metric, or for each dict of metrics a struct. A metric whose values have
several types is a struct too, of one field a type, such as `_type_float64` and `_type_utf8`; bytes are JSON.
"""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from wandb_plot.basics.arrow import to_numpy
from wandb_plot.basics.json_text import parse_json
from wandb_plot.model.history import Column, FloatArray
from wandb_plot.model.metrics import NUMERIC, STEP
from wandb_plot.sources.rows_to_columns import column_from_values, columns_from_rows, joined
from wandb_plot.sources.server.client.answer_checks import odd_answer

_UNION_FIELD = "_type_"


def columns_from_export(
    path: Path,
    wanted: Collection[str] | None = None,
    *,
    most_rows: int | None = None,
    known_steps: Collection[FloatArray] = (),
) -> dict[str, Column]:
    """The columns of one export, sorted by name; none where it has no row with a step.

    Args:
        path: a parquet file.
        wanted: names of the metrics to keep; None for all.
        most_rows: refuse a file of more.
        known_steps: the steps of other exports; a row that one of them has, too, is left out.

    Raises:
        OSError: it can't be read.
        pyarrow.ArrowException: it is no parquet file.
        OddAnswerError: it has too many rows, or steps that are no numbers.
    """
    holds = _holder(wanted)
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        if STEP not in names:
            return {}
        table = _read_groups(file, [STEP, *(name for name in names if holds(name))], most_rows)
    steps, table = _with_steps(table, known_steps)
    found: dict[str, list[Column]] = {}
    for name, cells in zip(table.schema.names, table.columns, strict=True):
        for metric, leaf in _leaves(name, cells.combine_chunks(), holds):
            for column in _columns(metric, steps, leaf):
                if column.type and (wanted is None or column.name in wanted):
                    found.setdefault(column.name, []).append(column)
    return {name: joined(name, found[name]) if len(found[name]) > 1 else found[name][0] for name in sorted(found)}


def _holder(wanted: Collection[str] | None) -> Callable[[str], bool]:
    """A test: whether a column is one of `wanted`, or nests one."""
    if wanted is None:
        return lambda _: True
    # Looked up, and not compared one by one: a run may have thousands.
    held = {name[:at] for name in wanted for at, sign in enumerate(name) if sign == "."} | set(wanted)
    return lambda name: name in held


def _read_groups(file: pq.ParquetFile, names: Collection[str], most_rows: int | None) -> pa.Table:
    groups = []
    rows = 0
    for index in range(file.num_row_groups):
        rows += file.metadata.row_group(index).num_rows
        if most_rows is not None and rows > most_rows:
            raise odd_answer("the number of rows of an export", rows)
        groups.append(file.read_row_group(index, columns=names))
    return pa.concat_tables(groups) if groups else file.schema_arrow.empty_table()


def _with_steps(table: pa.Table, known_steps: Collection[FloatArray]) -> tuple[FloatArray, pa.Table]:
    """The rows that have a step, which no other export has: a null is none."""
    cells = table.column(table.schema.names.index(STEP))
    if not _is_number(cells.type):
        if cells.null_count == len(cells):
            return np.empty(0), table.slice(0, 0)
        raise odd_answer("the type of an export's _step", str(cells.type))
    steps = cells.cast(pa.float64(), safe=False)
    has_step = pc.is_finite(steps).fill_null(False)  # noqa: FBT003 -- arrow's own form
    found, table = to_numpy(steps.filter(has_step)), table.filter(has_step)
    known = np.isin(found, np.concatenate([np.empty(0), *known_steps]))
    if not known.any():
        return found, table
    return found[~known], table.filter(pa.array((~known).tolist()))


def _leaves(name: str, cells: pa.Array, holds: Callable[[str], bool]) -> Iterator[tuple[str, pa.Array]]:
    """The columns nested in one; what says its `_type`, or has several types, is one column."""
    if not holds(name):
        return
    fields = _fields(cells.type)
    if not fields or "_type" in fields or _is_union(cells.type):
        yield name, cells
        return
    for index, field in enumerate(fields):
        yield from _leaves(f"{name}.{field}", pc.struct_field(cells, [index]), holds)


def _columns(name: str, steps: FloatArray, cells: pa.Array) -> Iterator[Column]:
    if _is_number(cells.type):
        yield _numeric(name, steps, cells)
        return
    values = _values(cells)
    if any(isinstance(value, dict) for value in values):
        rows = ({STEP: step, name: value} for step, value in zip(steps.tolist(), values, strict=True))
        yield from (column for column in columns_from_rows(rows, is_partial=True).values() if column.name != STEP)
    else:
        yield column_from_values(name, steps.tolist(), values, is_partial=True)


def _values(cells: pa.Array) -> list[Any]:
    """Every cell as JSON has it."""
    fields = _fields(cells.type)
    if not fields:
        values: list[Any] = cells.to_pylist()
        return [_decoded(value) for value in values] if _is_binary(cells.type) else values
    inner = [_values(pc.struct_field(cells, [index])) for index in range(len(fields))]
    rows = zip(*inner, strict=True)
    if _is_union(cells.type):
        return [next((value for value in row if value is not None), None) for row in rows]
    dicts = ({name: value for name, value in zip(fields, row, strict=True) if value is not None} for row in rows)
    return [row if held else None for row, held in zip(dicts, to_numpy(cells.is_valid()).tolist(), strict=True)]


def _decoded(cell: bytes | None) -> Any:
    """The JSON value in some bytes; their text where it is no JSON."""
    if cell is None:
        return None
    text = cell.decode("utf-8", "replace")
    try:
        return parse_json(text)
    except (ValueError, RecursionError):
        return text


def _numeric(name: str, steps: FloatArray, cells: pa.Array) -> Column:
    held = to_numpy(cells.is_valid())
    at = steps[held]
    values = to_numpy(cells.drop_null().cast(pa.float64(), safe=False))
    order = np.argsort(at, kind="stable")
    at, values = at[order], values[order]
    return Column(name, NUMERIC if len(at) else "", at, values, int(np.count_nonzero(~np.isnan(values))))


def _fields(data_type: pa.DataType) -> list[str]:
    return [field.name for field in data_type] if pa.types.is_struct(data_type) else []


def _is_union(data_type: pa.DataType) -> bool:
    fields = _fields(data_type)
    return bool(fields) and all(field.startswith(_UNION_FIELD) for field in fields)


def _is_number(data_type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(data_type) or pa.types.is_floating(data_type) or pa.types.is_decimal(data_type))


def _is_binary(data_type: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(data_type) or pa.types.is_large_binary(data_type) or pa.types.is_binary_view(data_type)
    )

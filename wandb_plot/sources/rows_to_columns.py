"""Rows as W&B logs and serves them -> columns, and columns of one metric joined end to end."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from wandb_plot.basics.dotted_names import flatten
from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.model.metrics import MIXED, NUMERIC, STEP, STRING, type_of
from wandb_plot.sources.logged_values import ValueKind, type_of_value, value_kind


def columns_from_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    axis: str = STEP,
    wanted: Collection[str] | None = None,
    is_partial: bool = False,
) -> dict[str, Column]:
    """The columns that `rows` make up, sorted by name.

    Args:
        rows: in any order; where two say the same of one step, the later counts. Those without the axis are left out.
        axis: the key of a row that becomes `Column.steps`.
        wanted: names of the metrics to keep; None for all.
        is_partial: as for `column_from_values`.
    """
    chosen = None if wanted is None else set(wanted)
    logged: dict[str, dict[float, Any]] = {}
    for row in rows:
        kind, step = value_kind(row.get(axis))
        if kind is not ValueKind.NUMBER or not math.isfinite(step):
            continue
        for name, value in flatten(row, has_type):
            if chosen is None or name in chosen:
                logged.setdefault(name, {})[step] = value
    columns = {
        name: column_from_values(name, list(by_step), list(by_step.values()), is_partial=is_partial)
        for name, by_step in logged.items()
    }
    return {name: columns[name] for name in sorted(columns) if columns[name].type}


def column_from_values(name: str, steps: Sequence[float], logged: Sequence[Any], *, is_partial: bool = False) -> Column:
    """One metric from its logged values, None where a row lacks it; its type is empty where every row does.

    Args:
        name: the metric.
        steps: distinct, in any order.
        logged: the value at each.
        is_partial: whether more of the history is to come. Then the text "NaN" counts as a number until
            `settled` has seen the whole.
    """
    kinds = [value_kind(value) for value in logged]
    present = {kind for kind, _ in kinds}
    # Between real strings and no number, even "NaN" is a string.
    only_text = not is_partial and ValueKind.TEXT in present and ValueKind.NUMBER not in present
    numeric = {ValueKind.NUMBER} if only_text else {ValueKind.NUMBER, ValueKind.NON_FINITE_TEXT}
    types: dict[str, None] = {}
    at: list[float] = []
    numbers: list[float] = []
    others = 0
    for step, value, (kind, number) in zip(steps, logged, kinds, strict=True):
        if kind in numeric:
            types[NUMERIC] = None
            at.append(step)
            numbers.append(number)
        elif value is not None:
            types[type_of_value(value)] = None
            others += 1
    order = np.argsort(np.array(at, float))
    values = np.array(numbers, float)[order]
    not_nan = int(np.count_nonzero(~np.isnan(values)))
    return Column(name, type_of(types), np.array(at, float)[order], values, not_nan + others)


def joined(name: str, columns: Sequence[Column]) -> Column:
    """Columns of one metric made one; where two have the same step, the later column counts."""
    steps: FloatArray = np.concatenate([column.steps for column in columns])
    values: FloatArray = np.concatenate([column.values for column in columns])
    non_null = sum(column.non_null for column in columns)
    if np.any(np.diff(steps) <= 0):
        # Of equal steps the first is kept; reversed, that is the last one.
        kept_steps, kept = np.unique(steps[::-1], return_index=True)
        repeated = np.ones(len(steps), bool)
        repeated[kept] = False
        non_null -= int(np.count_nonzero(repeated & ~np.isnan(values[::-1])))
        steps, values = kept_steps, values[::-1][kept]
    return Column(name, type_of({column.type for column in columns}), steps, values, non_null)


def join_all(column_sets: Sequence[Mapping[str, Column]]) -> dict[str, Column]:
    """The columns of one history, sorted by name, from those of consecutive rows of it."""
    names = sorted({name for columns in column_sets for name in columns})
    return {name: joined(name, [columns[name] for columns in column_sets if name in columns]) for name in names}


def settled(column: Column) -> Column:
    """A metric of the whole history, joined from partial columns: all text where it has text and no finite number."""
    if column.type != MIXED or np.isfinite(column.values).any():
        return column
    empty = np.empty(0)
    return Column(column.name, STRING, empty, empty, column.non_null + int(np.count_nonzero(np.isnan(column.values))))


def select_columns(history: History, wanted: Sequence[str] | None) -> History:
    """The history with no other columns than `wanted`; None for all."""
    if wanted is None:
        return history
    chosen = set(wanted)
    columns = {name: column for name, column in history.columns.items() if name in chosen}
    return History(columns, history.rows, history.system_rows, history.sampled & columns.keys())


def has_type(inner: Mapping[str, Any]) -> bool:
    """Whether a dict is one value, as images and tables are, since it says its `_type`."""
    return isinstance(inner.get("_type"), str)

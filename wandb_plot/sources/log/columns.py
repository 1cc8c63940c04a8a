"""History and system rows of a log -> columns.

Records that were logged at the same step are one row, in which the last value of each leaf counts. A dict that says
its `_type` is one metric, whatever it holds: wandb has written such dicts in one piece, and later leaf by leaf.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import NUMERIC, STEP, Column, FloatArray, History
from wandb_plot.sources.log.buffers import Integers
from wandb_plot.sources.log.logged_values import LoggedValues, ValueReader
from wandb_plot.sources.log.transaction_log import Log, RecordKind
from wandb_plot.sources.log.values import ValueKind, ValueKinds
from wandb_plot.sources.rows import media_type, type_of

TYPE_SUFFIX = "._type"

_TYPES = {
    ValueKind.NUMBER: NUMERIC,
    ValueKind.NON_FINITE_TEXT: "string",
    ValueKind.TEXT: "string",
    ValueKind.BOOLEAN: "boolean",
    ValueKind.LIST: "list",
}


class Cells(NamedTuple):
    """What one name was logged as: a cell a row; all arrays have the shape (cells,).

    Attributes:
        x: strictly ascending.
        row: index of the record.
        kind: a `ValueKind`.
        number: what it stands for, or NaN.
    """

    x: FloatArray
    row: Integers
    kind: ValueKinds
    number: FloatArray

    def select(self, chosen: npt.NDArray[np.bool_]) -> "Cells":
        """The cells that a mask chooses."""
        return Cells(self.x[chosen], self.row[chosen], self.kind[chosen], self.number[chosen])


_NO_CELLS = Cells(np.empty(0), np.empty(0, np.int64), np.empty(0, np.uint8), np.empty(0))


def read_history(log: Log, names: Collection[str] | None, *, start_time: float | None) -> History:
    """Every number that was logged, each metric on its own steps.

    Args:
        log: a whole one, or what lies at its ends.
        names: metrics to read; those that weren't logged are left out. None for all, axes and system stream included.
        start_time: when the run began, seconds since the epoch; None for the first row of the system stream.
    """
    reader = ValueReader(wanted=_relevance(names), decoded=_says_type)
    history, system = reader.read(log, RecordKind.HISTORY), reader.read(log, RecordKind.STATS)
    system.x[:] -= system.x[:1].sum() if start_time is None else start_time
    steps, seconds = _distinct_x(history.x), _distinct_x(system.x)
    columns = [*_system_columns(system), *_columns(history), _axis(steps)]
    return History(
        columns={
            column.name: column
            for column in sorted(columns, key=lambda column: column.name)
            if names is None or column.name in names
        },
        rows=len(steps),
        system_rows=len(seconds),
    )


def read_types(log: Log) -> dict[str, str]:
    """The type of every metric, axes and system stream included, as `history.Column` has it; sorted by name."""
    reader = ValueReader(wanted=_relevance(None), decoded=_says_type, parse=False)
    history, system = reader.read(log, RecordKind.HISTORY), reader.read(log, RecordKind.STATS)
    columns = [*_system_columns(system), *_columns(history), _axis(_distinct_x(history.x))]
    return {column.name: column.type for column in sorted(columns, key=lambda column: column.name)}


def cells_by_name(leaves: LoggedValues) -> dict[str, Cells]:
    """The leaves of each name, merged where several stand in one row."""
    # The sort of small integers is a radix sort, which takes a tenth of the time.
    code = leaves.name.astype(np.uint16) if len(leaves.names) < 2**16 else leaves.name
    order = np.argsort(code, kind="stable")
    bounds = np.searchsorted(code[order], np.arange(len(leaves.names) + 1)).tolist()
    return {
        name: _merged(leaves, order[first:last])
        for name, first, last in zip(leaves.names, bounds, bounds[1:], strict=False)
        if first < last
    }


def typed_dicts(cells: Mapping[str, Cells]) -> dict[str, Cells]:
    """The cells that say the `_type` of a dict, under its name. Dicts that lie within another are left out."""
    found: dict[str, Cells] = {}
    for name in sorted(filter(_says_type, cells), key=len):
        prefix = name.removesuffix(TYPE_SUFFIX)
        texts = cells[name].select(cells[name].kind == ValueKind.TEXT)
        texts = _outside(texts, [found[outer] for outer in ancestors(prefix) if outer in found])
        if len(texts.x):
            found[prefix] = texts
    return found


def _columns(leaves: LoggedValues) -> Iterator[Column]:
    cells = cells_by_name(leaves)
    typed = typed_dicts(cells)
    for name in {**cells, **typed}:
        own, said = cells.get(name, _NO_CELLS), typed.get(name, _NO_CELLS)
        own = _outside(own, [typed[outer] for outer in (name, *ancestors(name)) if outer in typed])
        first_seen: dict[str, float] = {}
        for x, row in zip(said.x.tolist(), said.row.tolist(), strict=True):
            first_seen.setdefault(media_type(leaves.values[name + TYPE_SUFFIX, row]), x)
        column = _column(name, own, first_seen)
        if column.type:
            yield replace(column, non_null=column.non_null + len(said.x)) if len(said.x) else column


def _system_columns(leaves: LoggedValues) -> Iterator[Column]:
    return (replace(column, is_system=True) for column in _columns(leaves))


def _column(name: str, cells: Cells, first_seen: dict[str, float]) -> Column:
    """The column of what was logged under a name.

    Args:
        name: the metric.
        cells: all but dicts.
        first_seen: where each kind of dict came up first.
    """
    if not first_seen and (cells.kind == ValueKind.NUMBER).all() and len(cells.x):
        return Column(name, NUMERIC, cells.x, cells.number, int(np.count_nonzero(~np.isnan(cells.number))))
    kinds, firsts = np.unique(cells.kind, return_index=True)
    numbers = (cells.kind == ValueKind.NUMBER) | (cells.kind == ValueKind.NON_FINITE_TEXT)
    if ValueKind.TEXT in kinds and ValueKind.NUMBER not in kinds:
        # Among real strings and no number, even "NaN" is a string.
        numbers[:] = False
    for kind, first in zip(kinds.tolist(), firsts.tolist(), strict=True):
        if kind != ValueKind.NULL:
            name_of_type = NUMERIC if numbers[first] else _TYPES[kind]
            first_seen[name_of_type] = min(first_seen.get(name_of_type, np.inf), cells.x[first])
    values = cells.number[numbers]
    others = np.count_nonzero(~numbers & (cells.kind != ValueKind.NULL))
    return Column(
        name=name,
        type=type_of(sorted(first_seen, key=first_seen.__getitem__)),
        steps=cells.x[numbers],
        values=values,
        non_null=int(np.count_nonzero(~np.isnan(values)) + others),
    )


def _merged(leaves: LoggedValues, at: Integers) -> Cells:
    """Cells of the leaves `at`, which are all of one name, in the order they were found."""
    row = leaves.row[at]
    x = leaves.x[row]
    if not np.all(x[1:] > x[:-1]):
        order = np.lexsort((row, x))
        order = order[np.isfinite(x[order])]
        last = np.append(x[order][1:] != x[order][:-1], True)
        at, row, x = at[order[last]], row[order[last]], x[order[last]]
    return Cells(x, row, leaves.kind[at], leaves.number[at])


def _outside(cells: Cells, hidden: Sequence[Cells]) -> Cells:
    """The cells at whose x none of `hidden` has one."""
    for others in hidden:
        cells = cells.select(~np.isin(cells.x, others.x))
    return cells


def _axis(steps: FloatArray) -> Column:
    return Column(STEP, NUMERIC, steps, steps, len(steps))


def _distinct_x(x: FloatArray) -> FloatArray:
    return x if np.all(x[1:] > x[:-1]) else np.unique(x[np.isfinite(x)])


def _says_type(name: str) -> bool:
    return name.endswith(TYPE_SUFFIX)


def ancestors(name: str) -> Iterator[str]:
    """`a` and `a.b` for `a.b.c`."""
    dot = name.find(".")
    while dot >= 0:
        yield name[:dot]
        dot = name.find(".", dot + 1)


def _relevance(names: Collection[str] | None) -> Callable[[str], bool]:
    """Whether leaves of a name have to be read, for the metrics `names` to be known."""
    if names is None:
        return STEP.__ne__
    related = {*names, *(outer for name in names for outer in ancestors(name))}
    return lambda name: name != STEP and name.removesuffix(TYPE_SUFFIX) in related

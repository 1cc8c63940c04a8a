"""A reduced table as text: short headings, and what all cells share said once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wandb_plot.actions.tables.reduced_table import ReducedCell, ReducedTable
from wandb_plot.basics.formatting import value_text
from wandb_plot.numbers.table_cells import Cell, column_texts
from wandb_plot.output.table_text import TextCell


@dataclass(frozen=True)
class TableLayout:
    """The texts of a table.

    Attributes:
        headings: those of the keys, then those of the numbers.
        above: the one metric of the table, where the headings don't name it; else empty.
        rows: as many cells as there are headings.
        notes: lines below the table.
    """

    headings: Sequence[str]
    above: str
    rows: Sequence[Sequence[TextCell]]
    notes: Sequence[str]


def laid_out(made: ReducedTable) -> TableLayout:
    """Lay out a table."""
    method, *others = made.notes
    above = made.heading(made.metrics[0]) if made.columns_key and len(made.metrics) == 1 else ""
    return TableLayout(_headings(made), above, _rows(made), [method, *_n_note(made), *others])


def _headings(made: ReducedTable) -> list[str]:
    """The headings of the keys, then those of the numbers: metrics, values of the key that makes columns, or both."""
    keys, metrics = [*map(made.heading, made.keys)], [*map(made.heading, made.metrics)]
    if made.columns_key is None:
        return [*keys, *metrics]
    key = made.rename.get(made.columns_key) or _short(made.columns_key, made.keys)
    columns = [f"{key}={value_text(column)}" for column in _columns(made)]
    if len(metrics) == 1:
        return [*keys, *columns]
    return [*keys, *(f"{metric} {column}" for column in columns for metric in metrics)]


def _short(key: str, others: Sequence[str]) -> str:
    """The shortest end of a dotted key that none of `others` ends in: `lr` of `config.optim.lr`."""
    names = key.split(".")
    ends = (".".join(names[start:]) for start in range(len(names) - 1, -1, -1))
    return next((end for end in ends if not any(f".{other}".endswith(f".{end}") for other in others)), key)


def _columns(made: ReducedTable) -> list[Any]:
    return list(dict.fromkeys(row.column for row in made.rows))


def _rows(made: ReducedTable) -> list[list[TextCell]]:
    """The lines of the table; rows that differ only in the key that makes columns share one line."""
    lines: dict[tuple[Any, ...], dict[Any, Mapping[str, ReducedCell]]] = {}
    for row in made.rows:
        lines.setdefault(tuple(row.keys.values()), {})[row.column] = row.cells
    tells_n = made.kind is not None and not _n_note(made)
    columns = [
        _text_column([cells.get(column, {}).get(metric) for cells in lines.values()], tells_n=tells_n)
        for column in _columns(made)
        for metric in made.metrics
    ]
    return [
        [*(TextCell(str(key)) for key in keys), *cells]
        for keys, cells in zip(lines, zip(*columns, strict=True), strict=True)
    ]


def _text_column(cells: Sequence[ReducedCell | None], *, tells_n: bool) -> list[TextCell]:
    texts = column_texts([cell.number if cell else Cell(None, 0) for cell in cells])
    return [
        TextCell(text or "-", cell is not None and cell.best, _n_text(cell) if cell and tells_n else "")
        for cell, text in zip(cells, texts, strict=True)
    ]


def _n_text(cell: ReducedCell) -> str:
    return f"(n={cell.number.n} of {cell.runs})" if cell.missing else f"(n={cell.number.n})"


def _n_note(made: ReducedTable) -> list[str]:
    """A note of the n of all cells, where all have the same and no run lacks a number; else nothing."""
    cells = [cell for row in made.rows for cell in row.cells.values()]
    counts = {cell.number.n for cell in cells}
    if made.kind is None or len(counts) != 1 or len(cells) == 1 or any(cell.missing for cell in cells):
        return []
    return [f"n={counts.pop()} in each cell."]

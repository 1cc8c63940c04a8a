"""The result of `table`: rows of cells, each the number of a run or group, with the runs behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from wandb_plot.numbers.cell_kinds import CellKind
from wandb_plot.numbers.table_cells import Cell

_INTERVAL = "low", "high"
_SPREADS: dict[CellKind, tuple[str, ...]] = {"mean±std": ("std",), "mean±ci": _INTERVAL, "iqm±ci": _INTERVAL}


class CellDocument(TypedDict):
    """One cell in `table --json`.

    Of a run it has `value` and `missing` alone; of a group also `n` and `run_ids` of the runs behind the value, and the
    spread that `--cell` asks for.

    Attributes:
        best: only with `--best`.
        missing: the runs that lack the number, by reason.
    """

    value: float | None
    n: NotRequired[int]
    std: NotRequired[float | None]
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    best: NotRequired[bool]
    run_ids: NotRequired[list[str]]
    missing: dict[str, list[str]]


@dataclass(frozen=True)
class ReducedCell:
    """The number of a run or group.

    Attributes:
        number: with its spread and n.
        run_ids: the runs behind it.
        missing: the runs that lack it, by reason.
        best: whether it is the best of its column.
    """

    number: Cell
    run_ids: Sequence[str]
    missing: Mapping[str, Sequence[str]]
    best: bool = False

    @property
    def runs(self) -> int:
        """How many runs there are, with and without the number."""
        return len(self.run_ids) + sum(map(len, self.missing.values()))


@dataclass(frozen=True)
class ReducedRow:
    """A run or group with its cells.

    Attributes:
        keys: the value of each key that makes rows.
        column: the value of the key that makes columns; None where there is none.
        cells: by metric.
    """

    keys: Mapping[str, Any]
    column: Any
    cells: Mapping[str, ReducedCell]


@dataclass(frozen=True)
class ReducedTable:
    """Rows, with notes on how their numbers were made.

    Attributes:
        keys: the keys that make rows; `run_id` and `run_name` where a row is a run.
        columns_key: the key that makes columns; None where there is none.
        metrics: what the numbers are of, such as `val/acc:max`.
        kind: how the numbers of a group are combined; None where a row is a run.
        marks_best: whether the best of each column was asked for.
        rename: what the headings call a metric or key.
        notes: how the numbers were made, and which runs lack one, diverged or did not finish.
    """

    keys: Sequence[str]
    columns_key: str | None
    metrics: Sequence[str]
    rows: Sequence[ReducedRow]
    kind: CellKind | None
    marks_best: bool
    rename: Mapping[str, str]
    notes: Sequence[str] = ()

    def heading(self, name: str) -> str:
        """What the heading of a metric or key says."""
        return self.rename.get(name, name)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of its numbers that this table has."""
        return ("value", "n", *_SPREADS.get(self.kind, ())) if self.kind else ("value",)

    def documents(self) -> list[dict[str, Any]]:
        """The rows of `table --json`, with the key that makes columns beside the others."""
        return [
            {**self._keys(row), **{metric: self._document(cell) for metric, cell in row.cells.items()}}
            for row in self.rows
        ]

    def flat(self) -> tuple[list[str], list[list[Any]]]:
        """Headings and lines of CSV: one line per row, one column per field of each number."""
        keys = [*self.keys, *([self.columns_key] if self.columns_key else [])]
        headings = [
            self.heading(metric) if name == "value" else f"{self.heading(metric)} {name}"
            for metric in self.metrics
            for name in self.fields
        ]
        lines = [
            [
                *self._keys(row).values(),
                *(value for metric in self.metrics for value in self._values(row.cells[metric])),
            ]
            for row in self.rows
        ]
        return [*map(self.heading, keys), *headings], lines

    def _keys(self, row: ReducedRow) -> dict[str, Any]:
        return {**row.keys, **({self.columns_key: row.column} if self.columns_key else {})}

    def _values(self, cell: ReducedCell) -> list[Any]:
        return [getattr(cell.number, name) for name in self.fields]

    def _document(self, cell: ReducedCell) -> CellDocument:
        document: dict[str, Any] = dict(zip(self.fields, self._values(cell), strict=True))
        if self.marks_best:
            document["best"] = cell.best
        if self.kind:
            document["run_ids"] = list(cell.run_ids)
        missing = {reason: list(ids) for reason, ids in cell.missing.items()}
        return CellDocument(**document, missing=missing)  # type: ignore[typeddict-item, no-any-return]  # all of them are fields of it

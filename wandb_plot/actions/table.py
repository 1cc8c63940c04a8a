"""From runs to a table: one number a run and metric, or one cell a group and metric, never of a sample."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

from wandb_plot.errors import UsageError
from wandb_plot.figures.comparison.groups import Group, group_keys, group_runs
from wandb_plot.model.differences import value_text
from wandb_plot.model.listener import Listener
from wandb_plot.model.queries.keys import value_of
from wandb_plot.model.run import Run
from wandb_plot.numbers.cells import CELL_DESCRIPTIONS, Cell, CellKind, Direction, cell_of
from wandb_plot.sources.cautions import cautions
from wandb_plot.sources.reduced import ReducedMetric, ReducedRuns, reduce_runs
from wandb_plot.sources.source import Source


@dataclass(frozen=True, kw_only=True)
class TableRequest:
    """What `table` was asked for.

    Attributes:
        metrics: `METRIC:REDUCTION`, lists of these, globs, or definitions.
        group_by: the keys that make groups of runs, as `groups.group_keys` reads them; None for a row a run.
        columns: a key of runs whose values become columns.
        cell: what becomes of the numbers of a group's runs.
        best: which end is best, of all metrics, or of each in its order; empty for no mark.
        sort: one of `metrics`, with a leading `-` for descending; None for the order of keys, or of runs.
    """

    metrics: Sequence[str]
    group_by: str | None = None
    columns: str | None = None
    cell: CellKind = "mean±std"
    best: Sequence[Direction] = ()
    sort: str | None = None


class CellDocument(TypedDict):
    """One cell in `table --json`; `missing` are the runs without the number, by reason."""

    value: float | None
    n: int
    std: float | None
    low: float | None
    high: float | None
    best: bool
    run_ids: list[str]
    missing: dict[str, list[str]]


@dataclass(frozen=True)
class GroupCell:
    """A cell with the runs behind it.

    Attributes:
        best: whether it is the best of its column.
    """

    cell: Cell
    run_ids: Sequence[str]
    missing: Mapping[str, Sequence[str]]
    best: bool = False

    def document(self) -> CellDocument:
        """Its entry in `table --json`."""
        return CellDocument(
            value=self.cell.value,
            n=self.cell.n,
            std=self.cell.std,
            low=self.cell.low,
            high=self.cell.high,
            best=self.best,
            run_ids=list(self.run_ids),
            missing={reason: list(ids) for reason, ids in self.missing.items()},
        )


@dataclass(frozen=True)
class Row:
    """A run or group with its cells.

    Attributes:
        keys: what it says of each key, by the key.
        column: what it says of the key of columns; empty where there is none.
        cells: by metric.
    """

    keys: Mapping[str, Any]
    column: str
    cells: Mapping[str, GroupCell]


@dataclass(frozen=True)
class Table:
    """Rows with what one should know of them.

    Attributes:
        keys: the headings before the cells.
        columns_key: the key whose values are columns; None where there is none.
        metrics: the headings of the cells.
        notes: how the numbers were made, and of which runs not.
    """

    keys: Sequence[str]
    columns_key: str | None
    metrics: Sequence[str]
    rows: Sequence[Row]
    notes: Sequence[str] = field(default_factory=tuple)

    def documents(self) -> list[dict[str, Any]]:
        """The rows of `table --json`; a value of the key of columns is a key of its row."""
        return [
            {**row.keys, **({self.columns_key: row.column} if self.columns_key else {})}
            | {metric: cell.document() for metric, cell in row.cells.items()}
            for row in self.rows
        ]


def make_table(source: Source, runs: Sequence[Run], request: TableRequest, listener: Listener) -> Table:
    """Reduce each run, then each group.

    Raises:
        NotFoundError: no run has a metric.
        UsageError: no such key or reduction, or what is asked for contradicts itself.
    """
    listener.progress(f"reading the histories of {len(runs)} runs")
    numbers = reduce_runs(source, runs, request.metrics, lists=True, warn=listener.warn)
    if not numbers.metrics:
        raise UsageError("--metrics names no metric", hint="write METRIC:REDUCTION, such as val/acc:max")
    directions = _directions(numbers.metrics, request.best)
    is_grouped = request.group_by is not None or request.columns is not None
    if is_grouped:
        rows, keys = _group_rows(runs, request, numbers, directions)
    else:
        keys = ["run_id", "run_name"]
        rows = [
            Row({"run_id": run.id, "run_name": run.name}, "", _cells([run], request.cell, numbers, directions))
            for run in runs
        ]
    rows = _marked(_sorted(rows, request.sort, numbers.metrics), directions)
    notes = [_method(numbers.metrics, request.cell if is_grouped else None), *cautions(runs, numbers)]
    return Table(keys, request.columns, [metric.text for metric in numbers.metrics], rows, notes)


def _directions(metrics: Sequence[ReducedMetric], best: Sequence[Direction]) -> dict[str, Direction]:
    """Which end of each metric is best, by its text."""
    if len(best) not in (0, 1, len(metrics)):
        raise UsageError(
            f"--best names {len(best)} ends of {len(metrics)} metrics", hint="give one for all, or one each"
        )
    ends = list(best) * len(metrics) if len(best) == 1 else best
    return dict(zip((metric.text for metric in metrics), ends, strict=False))


def _group_rows(
    runs: Sequence[Run], request: TableRequest, numbers: ReducedRuns, directions: Mapping[str, Direction]
) -> tuple[list[Row], list[str]]:
    keys = list(group_keys(request.group_by, runs)) if request.group_by else []
    column_keys = group_keys(request.columns, runs) if request.columns else ()
    if len(column_keys) > 1 or set(keys) & set(column_keys):
        raise UsageError(f"--columns takes one key that makes no rows: {request.columns!r}", hint="name one key")
    rows = []
    for group in group_runs(runs, [*keys, *column_keys]):
        said = {key: _typed(group, key, text) for key, text in zip(group.keys, group.values, strict=True)}
        column = group.values[-1] if column_keys else ""
        rows.append(
            Row({key: said[key] for key in keys}, column, _cells(group.runs, request.cell, numbers, directions))
        )
    return rows, keys


def _typed(group: Group, key: str, text: str) -> Any:
    """A config value as it is, where it is what the group is called by; else the text."""
    value = value_of(group.runs[0], key)
    return value if isinstance(value, (bool, int, float)) and value_text(value) == text else text


def _cells(
    runs: Sequence[Run], kind: CellKind, numbers: ReducedRuns, directions: Mapping[str, Direction]
) -> dict[str, GroupCell]:
    cells = {}
    for index, metric in enumerate(numbers.metrics):
        reduced = {run.id: numbers.by_run[run.id][index] for run in runs}
        values = {run_id: one.value for run_id, one in reduced.items() if one.value is not None}
        missing: dict[str, list[str]] = {}
        for run_id, one in reduced.items():
            if one.value is None:
                missing.setdefault(one.reason, []).append(run_id)
        cell = cell_of(list(values.values()), kind, directions.get(metric.text))
        cells[metric.text] = GroupCell(cell, list(values), missing)
    return cells


def _sorted(rows: list[Row], sort: str | None, metrics: Sequence[ReducedMetric]) -> list[Row]:
    """The rows by the value of one metric; those without it last."""
    if sort is None:
        return rows
    text = sort.removeprefix("-").removeprefix("+")
    if text not in {metric.text for metric in metrics}:
        return rows
    having = [row for row in rows if row.cells[text].cell.value is not None]
    having.sort(key=lambda row: row.cells[text].cell.value or 0.0, reverse=sort.startswith("-"))
    return [*having, *(row for row in rows if row.cells[text].cell.value is None)]


def _marked(rows: Sequence[Row], directions: Mapping[str, Direction]) -> list[Row]:
    """The rows with the best of each column marked, all of them where several are."""
    bests: dict[tuple[str, str], float] = {}
    for row in rows:
        for metric, direction in directions.items():
            value = row.cells[metric].cell.value
            if value is not None:
                place = row.column, metric
                bests[place] = (min if direction == "min" else max)(bests.get(place, value), value)
    marked = []
    for row in rows:
        cells = {
            metric: replace(one, best=one.cell.value == bests.get((row.column, metric), math.nan))
            for metric, one in row.cells.items()
        }
        marked.append(replace(row, cells=cells))
    return marked


def _method(metrics: Sequence[ReducedMetric], cell: CellKind | None) -> str:
    """The order of the reductions: first over the steps of a run, then over runs."""
    by_words: dict[str, list[str]] = {}
    for metric in metrics:
        by_words.setdefault(metric.reduction.description, []).append(metric.text)
    over_steps = "; ".join(
        f"{', '.join(texts)} {'is' if len(texts) == 1 else 'are'} {words} of each run"
        for words, texts in by_words.items()
    )
    return f"{over_steps}; then {CELL_DESCRIPTIONS[cell]} of each group, n of them." if cell else f"{over_steps}."

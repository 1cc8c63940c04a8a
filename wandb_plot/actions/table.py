"""Makes tables of runs: one number per metric for each run or group; never read from a sample."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wandb_plot.actions.tables.reduced_table import ReducedCell, ReducedRow, ReducedTable
from wandb_plot.basics.formatting import value_text
from wandb_plot.basics.natural_order import natural_key
from wandb_plot.errors import UsageError
from wandb_plot.figures.run_groups import UNSET, Group, group_keys, group_runs
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.queries.keys import value_of
from wandb_plot.model.queries.run_query import split_sort
from wandb_plot.model.run import Run
from wandb_plot.numbers.bands import FEWEST_FOR_INTERVAL, narrow_interval
from wandb_plot.numbers.cell_kinds import CELL_DESCRIPTIONS, CellKind, Direction
from wandb_plot.numbers.reductions import missing_by_reason
from wandb_plot.numbers.table_cells import cell_of
from wandb_plot.sources.reduced_runs import ReducedMetric, ReducedRuns, reduce_runs
from wandb_plot.sources.run_cautions import cautions
from wandb_plot.sources.source_protocol import Source


@dataclass(frozen=True, kw_only=True)
class TableRequest:
    """What `table` was asked for.

    Attributes:
        metrics: `METRIC:REDUCTION`, lists of these, globs, or definitions.
        group_by: the keys that make groups of runs, as `run_groups.group_keys` reads them; None for a row a run.
        columns: a key of runs whose values become columns.
        cell: how the numbers of a group's runs are combined.
        best: which direction is best, one for all metrics or one each; empty to mark none.
        sort: one of `metrics` or a key of the groups, with a leading `-` for descending; None for the order of keys, or
            of runs.
        sort_chooses: whether `sort` has chosen the runs too, and so may be a key of theirs that orders no groups.
        rename: what headings call one of `metrics` or a key.
    """

    metrics: Sequence[str]
    group_by: str | None = None
    columns: str | None = None
    cell: CellKind = "mean±std"
    best: Sequence[Direction] = ()
    sort: str | None = None
    sort_chooses: bool = False
    rename: Mapping[str, str] = field(default_factory=dict)


def make_table(source: Source, runs: Sequence[Run], request: TableRequest, listener: Listener) -> ReducedTable:
    """Reduce each run to its numbers, then combine those of each group.

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
            ReducedRow({"run_id": run.id, "run_name": run.name}, None, _cells([run], request.cell, numbers, directions))
            for run in runs
        ]
    _check_names(request, [*keys, *([request.columns] if request.columns else [])], numbers.metrics)
    kind = request.cell if is_grouped else None
    return ReducedTable(
        keys=keys,
        columns_key=request.columns,
        metrics=[metric.text for metric in numbers.metrics],
        rows=_marked(_sorted(rows, request, numbers.metrics, listener), directions),
        kind=kind,
        marks_best=bool(directions),
        rename=request.rename,
        notes=[_method(numbers.metrics, kind, request.rename), *_doubts(rows), *cautions(runs, numbers)],
    )


def _directions(metrics: Sequence[ReducedMetric], best: Sequence[Direction]) -> dict[str, Direction]:
    """Which direction is best, by metric."""
    if len(best) not in (0, 1, len(metrics)):
        raise UsageError(
            f"--best names {len(best)} directions for {len(metrics)} metrics", hint="give one for all, or one each"
        )
    directions = list(best) * len(metrics) if len(best) == 1 else best
    return dict(zip((metric.text for metric in metrics), directions, strict=False))


def _check_names(request: TableRequest, keys: Sequence[str], metrics: Sequence[ReducedMetric]) -> None:
    """Refuse to rename what the table hasn't."""
    headings = [*keys, *(metric.text for metric in metrics)]
    for name in request.rename:
        if name not in headings:
            raise UsageError(
                f"--rename: no heading is {name}", hint=f"headings are {', '.join(headings)}", candidates=headings
            )


def _group_rows(
    runs: Sequence[Run], request: TableRequest, numbers: ReducedRuns, directions: Mapping[str, Direction]
) -> tuple[list[ReducedRow], list[str]]:
    keys = list(group_keys(request.group_by, runs)) if request.group_by else []
    column_keys = group_keys(request.columns, runs) if request.columns else ()
    if len(column_keys) > 1 or set(keys) & set(column_keys):
        raise UsageError(f"--columns takes one key that makes no rows: {request.columns!r}", hint="name one key")
    rows = []
    for group in group_runs(runs, [*keys, *column_keys]):
        said = {key: _typed(group, key, text) for key, text in zip(group.keys, group.values, strict=True)}
        cells = _cells(group.runs, request.cell, numbers, directions)
        rows.append(ReducedRow({key: said[key] for key in keys}, said[column_keys[0]] if column_keys else None, cells))
    return rows, keys


def _typed(group: Group, key: str, text: str) -> Any:
    """The value of a group's key: a number or boolean as it is, anything else as text."""
    value = value_of(group.runs[0], key)
    return value if isinstance(value, (bool, int, float)) and value_text(value) == text else text


def _cells(
    runs: Sequence[Run], kind: CellKind, numbers: ReducedRuns, directions: Mapping[str, Direction]
) -> dict[str, ReducedCell]:
    cells = {}
    for index, metric in enumerate(numbers.metrics):
        reduced = {run.id: numbers.by_run[run.id][index] for run in runs}
        values = {run_id: one.value for run_id, one in reduced.items() if one.value is not None}
        cell = cell_of(list(values.values()), kind, directions.get(metric.text))
        cells[metric.text] = ReducedCell(cell, list(values), missing_by_reason(reduced))
    return cells


def _sorted(
    rows: list[ReducedRow], request: TableRequest, metrics: Sequence[ReducedMetric], listener: Listener
) -> list[ReducedRow]:
    """The rows in the order of a metric, or groups in that of a key that makes them; those without it last."""
    is_grouped = request.group_by is not None or request.columns is not None
    if request.sort is None:
        return rows
    text, descending = split_sort(request.sort)
    texts = [metric.text for metric in metrics]
    keys = [*rows[0].keys, *([request.columns] if request.columns else [])]
    if text in texts:
        return _in_order(rows, lambda row: row.cells[text].number.value, descending=descending)
    if not is_grouped:
        return rows  # of runs, which are in that order
    if text in keys:
        return _in_order(rows, lambda row: _key_order(row.keys.get(text, row.column)), descending=descending)
    if not request.sort_chooses:
        known = ", ".join(f"--sort {known}" for known in [*texts, *keys][:4])
        raise UsageError(
            f"groups have no {text} to sort by", hint=f"sort by a metric of the table or a key of the groups: {known}"
        )
    listener.hint(f"--sort {request.sort} chose the runs; the groups are in the order of their keys")
    return rows


def _in_order(rows: list[ReducedRow], key: Callable[[ReducedRow], Any], *, descending: bool) -> list[ReducedRow]:
    """The rows in the order of what `key` makes of them; where that is None, last."""
    having = sorted((row for row in rows if key(row) is not None), key=key, reverse=descending)
    return [*having, *(row for row in rows if key(row) is None)]


def _key_order(value: Any) -> Any:
    """A key to sort the values of a group's key by, as `group_runs` does; None for `unset`."""
    text = value_text(value)
    return None if text == UNSET else natural_key(text)


def _doubts(rows: Sequence[ReducedRow]) -> list[str]:
    """A note where a cell's interval is too narrow."""
    counts = {cell.number.n for row in rows for cell in row.cells.values() if cell.number.low is not None}
    return [f"{narrow_interval('runs')}."] if counts and min(counts) < FEWEST_FOR_INTERVAL else []


def _marked(rows: Sequence[ReducedRow], directions: Mapping[str, Direction]) -> list[ReducedRow]:
    """The rows, with the best cell of each column marked; of equal ones all."""
    values: dict[tuple[Any, str], list[float]] = {}
    for row in rows:
        for metric in directions:
            if (value := row.cells[metric].number.value) is not None:
                values.setdefault((row.column, metric), []).append(value)
    best = {
        (column, metric): (min if directions[metric] == "min" else max)(found)
        for (column, metric), found in values.items()
    }

    def mark(row: ReducedRow, metric: str, cell: ReducedCell) -> ReducedCell:
        value = cell.number.value
        return replace(cell, best=value is not None and value == best.get((row.column, metric)))

    return [replace(row, cells={metric: mark(row, metric, cell) for metric, cell in row.cells.items()}) for row in rows]


def _method(metrics: Sequence[ReducedMetric], cell: CellKind | None, rename: Mapping[str, str]) -> str:
    """The order of the reductions: first over the steps of a run, then over runs."""
    by_words: dict[str, list[str]] = {}
    for metric in metrics:
        name = f"{rename[metric.text]} ({metric.text})" if metric.text in rename else metric.text
        by_words.setdefault(metric.reduction.description, []).append(name)
    over_steps = "; ".join(
        f"{', '.join(texts)} {'is' if len(texts) == 1 else 'are'} {words} of each run"
        for words, texts in by_words.items()
    )
    return f"{over_steps}; then {CELL_DESCRIPTIONS[cell]} of each group, n of them." if cell else f"{over_steps}."

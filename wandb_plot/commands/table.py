"""`wandb-plot table`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument, runs_argument
from wandb_plot.commands.values import CellKinds, Ends
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.run_query import split_sort
from wandb_plot.sources.selection import RunChoice, select_runs

if TYPE_CHECKING:
    from wandb_plot.actions.reduced_table import ReducedCell, ReducedTable
    from wandb_plot.output.table_text import TextCell

_FORMATS = ("text", "md", "latex", "csv", "json")


@click.command()
@project_argument
@runs_argument
@click.option(
    "--metrics",
    multiple=True,
    required=True,
    metavar="A:max,B",
    help="METRIC:REDUCTION, globs too, or 'NAME = (EXPRESSION):REDUCTION'; may be repeated. Without a reduction it is "
    "last.",
)
@click.option(
    "--group-by", metavar="KEY,...", help="A row for each group of runs; '!config.seed': all that varies but the seed."
)
@click.option("--columns", metavar="KEY", help="A column for each value of this key of runs.")
@click.option(
    "--cell",
    type=CellKinds(),
    metavar="KIND",
    help="Over the runs of a group: mean±std, mean, median, mean±ci, iqm±ci or best; +- may stand for ±. "
    "[default: mean±std]",
)
@click.option("--best", type=Ends(), metavar="min|max,...", help="Mark the best of each column: one for all, or each.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="What to write.")
@no_cache_option
@common_options
def table(
    console: Console, project: str, choice: RunChoice, form: str, no_cache: bool, timeout: float, **options: Any
) -> None:
    """Reduce RUNS to one number a run or group and metric, with n of each.

    Every logged point counts. Each history is reduced over its steps first, then the runs of a group.
    """
    cell = options.pop("cell")
    if cell and not (options["group_by"] or options["columns"]):
        raise UsageError("--cell is over the runs of a group", hint="make groups with --group-by KEY")
    if cell == "best" and not options["best"]:
        raise UsageError("--cell best needs to know what is best", hint="add --best min or --best max")

    from wandb_plot.actions.table import TableRequest, make_table

    request = TableRequest(cell=cell or "mean±std", best=options.pop("best") or (), sort=choice.sort, **options)
    if choice.limit is None and _is_among(choice.sort, options["metrics"]):
        # The rows are sorted by their cells: the runs need not be, as all of them count.
        choice = replace(choice, sort=None)
    with opened(project, console, timeout, cache=not no_cache) as source:
        runs = select_runs(source, choice, warn=console.warn)
        made = make_table(source, runs, request, console)
    _write(console, made, "json" if console.json else form)


def _is_among(sort: str | None, metrics: Sequence[str]) -> bool:
    return sort is not None and split_sort(sort)[0] in ",".join(metrics).split(",")


def _write(console: Console, made: "ReducedTable", form: str) -> None:
    from wandb_plot.output.table_text import comma_separated, latex, markdown, plain_rows

    if form in ("json", "csv"):
        if form == "json":
            console.document(made.documents())
        else:
            console.lines(comma_separated(*made.flat()).splitlines())
        for note in made.notes:
            console.say(note)
        return
    method, *others = made.notes
    headings, rows, notes = _headings(made), _rows(made), [method, *_n_note(made), *others]
    if form == "text":
        console.table(headings, plain_rows(rows))
        console.lines(["", *notes])
    elif form == "md":
        console.lines(markdown(headings, rows, notes).splitlines())
    else:
        above = made.metrics[0] if made.columns_key and len(made.metrics) == 1 else ""
        console.lines(latex(headings, rows, notes, texts=len(made.keys), above=above).splitlines())


def _headings(made: "ReducedTable") -> list[str]:
    """The keys, then the metrics; with a key that makes columns, what tells these from one another."""
    from wandb_plot.model.formatting import value_text

    if made.columns_key is None:
        return [*made.keys, *made.metrics]
    key = _short(made.columns_key, made.keys)
    columns = [f"{key}={value_text(column)}" for column in _columns(made)]
    if len(made.metrics) == 1:
        return [*made.keys, *columns]
    return [*made.keys, *(f"{metric} {column}" for column in columns for metric in made.metrics)]


def _short(key: str, others: Sequence[str]) -> str:
    """The least end of a dotted key that none of the others has."""
    parts = key.split(".")
    ends = (".".join(parts[start:]) for start in range(len(parts) - 1, -1, -1))
    return next((end for end in ends if not any(f".{other}".endswith(f".{end}") for other in others)), key)


def _columns(made: "ReducedTable") -> list[Any]:
    return list(dict.fromkeys(row.column for row in made.rows))


def _rows(made: "ReducedTable") -> "list[list[TextCell]]":
    """A line for each row; with a key that makes columns, for all rows that differ in nothing else."""
    from wandb_plot.output.table_text import TextCell

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


def _text_column(cells: "Sequence[ReducedCell | None]", *, tells_n: bool) -> "list[TextCell]":
    from wandb_plot.numbers.cells import Cell, column_texts
    from wandb_plot.output.table_text import TextCell

    texts = column_texts([cell.number if cell else Cell(None, 0) for cell in cells])
    return [
        TextCell(text or "-", cell is not None and cell.best, _n_text(cell) if cell and tells_n else "")
        for cell, text in zip(cells, texts, strict=True)
    ]


def _n_text(cell: "ReducedCell") -> str:
    return f"(n={cell.number.n} of {cell.runs})" if cell.missing else f"(n={cell.number.n})"


def _n_note(made: "ReducedTable") -> list[str]:
    """The n of all cells, where it is the same and no run lacks a number; nothing where each cell has to tell it."""
    cells = [cell for row in made.rows for cell in row.cells.values()]
    counts = {cell.number.n for cell in cells}
    if made.kind is None or len(counts) != 1 or len(cells) == 1 or any(cell.missing for cell in cells):
        return []
    return [f"n={counts.pop()} in each cell."]

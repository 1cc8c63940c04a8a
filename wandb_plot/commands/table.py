"""`wandb-plot table`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument, runs_argument
from wandb_plot.commands.values import CellKinds, Ends
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.sources.selection import RunChoice, select_runs

if TYPE_CHECKING:
    from wandb_plot.actions.table import GroupCell, Table
    from wandb_plot.output.table_text import TextCell

_PARTS = ("value", "n", "std", "low", "high")
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
    return sort is not None and sort.lstrip("+-") in ",".join(metrics).split(",")


def _write(console: Console, made: "Table", form: str) -> None:
    from wandb_plot.output.table_text import comma_separated, latex, markdown, plain_rows

    if form == "json":
        console.document(made.documents())
    elif form == "csv":
        console.lines(comma_separated(*_flat(made)).splitlines())
    else:
        headings, rows = _text(made)
        if form == "text":
            console.table(headings, plain_rows(rows))
            console.lines(["", *made.notes])
        elif form == "md":
            console.lines(markdown(headings, rows, made.notes).splitlines())
        else:
            console.lines(latex(headings, rows, made.notes, texts=len(made.keys)).splitlines())
        return
    for note in made.notes:
        console.note(note)


def _flat(made: "Table") -> tuple[list[str], list[list[Any]]]:
    """A row a group, with the parts of its cells in columns of their own."""
    cells = [{metric: vars(one.cell) for metric, one in row.cells.items()} for row in made.rows]
    used = [part for part in _PARTS if any(cell[part] is not None for row in cells for cell in row.values())]
    keys = [*made.keys, *([made.columns_key] if made.columns_key else [])]
    headings = [*keys, *(metric if part == "value" else f"{metric} {part}" for metric in made.metrics for part in used)]
    rows = [
        [
            *row.keys.values(),
            *([row.column] if made.columns_key else []),
            *(of_row[metric][part] for metric in made.metrics for part in used),
        ]
        for row, of_row in zip(made.rows, cells, strict=True)
    ]
    return headings, rows


def _text(made: "Table") -> "tuple[list[str], list[list[TextCell]]]":
    """Headings and cells; with a key of columns, one column for each of its values and metrics."""
    from wandb_plot.output.table_text import TextCell

    columns = list(dict.fromkeys(row.column for row in made.rows))
    by_keys: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in made.rows:
        by_keys.setdefault(tuple(row.keys.values()), {})[row.column] = row.cells
    headings = [*made.keys]
    is_run = "run_id" in made.keys
    for column in columns:
        headings += [f"{metric} {made.columns_key}={column}" if column else metric for metric in made.metrics]
    rows = []
    for keys, cells in by_keys.items():
        texts = [TextCell(str(key)) for key in keys]
        for column in columns:
            texts += [_cell(cells.get(column, {}).get(metric), is_run=is_run) for metric in made.metrics]
        rows.append(texts)
    return headings, rows


def _cell(one: "GroupCell | None", *, is_run: bool) -> "TextCell":
    from wandb_plot.output.table_text import TextCell

    if one is None:
        return TextCell("-")
    if is_run:
        return TextCell(one.cell.text or "-", one.best)
    runs = one.cell.n + sum(map(len, one.missing.values()))
    n = f"n={one.cell.n}" if one.cell.n == runs else f"n={one.cell.n} of {runs}"
    return TextCell(f"{one.cell.text or '-'} ({n})", one.best)

"""`wandb-plot table`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from wandb_plot.commands.option_types import CellKinds, Directions, KeyValue
from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument, runs_argument
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.model.queries.run_query import split_sort
from wandb_plot.numbers.cell_kinds import CellKind, Direction
from wandb_plot.sources.selection.select_runs import select_runs

if TYPE_CHECKING:
    from wandb_plot.actions.tables.reduced_table import ReducedTable

_FORMATS = ("text", "md", "latex", "csv", "json")


@click.command()
@project_argument
@runs_argument
@click.option(
    "--metrics",
    multiple=True,
    required=True,
    metavar="A:max,B",
    help="The number of each run: METRIC:REDUCTION (last where no reduction is given), globs, or "
    "'NAME = (EXPRESSION):REDUCTION'. Repeatable.",
)
@click.option(
    "--group-by",
    metavar="KEY,...",
    help="One row per group of runs; '!config.seed' groups by all that varies but the seed.",
)
@click.option("--columns", metavar="KEY", help="One column per value of this key of runs.")
@click.option(
    "--cell",
    type=CellKinds(),
    metavar="KIND",
    help="How the runs of a group are combined: mean±std, mean, median, mean±ci, iqm±ci or best; +- may stand for ±. "
    "[default: mean±std]",
)
@click.option(
    "--best",
    type=Directions(),
    metavar="min|max,...",
    help="Mark the best of each column: one direction for all metrics, or one each.",
)
@click.option(
    "--rename",
    type=KeyValue(),
    multiple=True,
    metavar="NAME=TEXT",
    help="Head a column by another name than its metric or key, such as val/acc:max=Accuracy; repeatable. --json keeps "
    "the names.",
)
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True, help="Output format.")
@no_cache_option
@common_options
def table(
    console: Console,
    project: str,
    choice: RunChoice,
    metrics: tuple[str, ...],
    group_by: str | None,
    columns: str | None,
    cell: CellKind | None,
    best: tuple[Direction, ...] | None,
    rename: tuple[tuple[str, str], ...],
    form: str,
    no_cache: bool,
    timeout: float,
) -> None:
    """Make a table of RUNS: one number per metric for each run or group, with n.

    Every logged point counts. Each history is reduced over its steps first, then the runs of a group are combined.
    """
    is_grouped = bool(group_by or columns)
    if cell and not is_grouped:
        raise UsageError("--cell is over the runs of a group", hint="make groups with --group-by KEY")
    if cell == "best" and not best:
        raise UsageError("--cell best needs to know what is best", hint="add --best min or --best max")

    from wandb_plot.actions.table import TableRequest, make_table

    request = TableRequest(
        metrics=metrics,
        group_by=group_by,
        columns=columns,
        cell=cell or "mean±std",
        best=best or (),
        sort=choice.sort,
        sort_chooses=choice.limit is not None,
        rename=dict(rename),
    )
    if choice.limit is None and (is_grouped or _is_among(choice.sort, metrics)):
        # Rows are sorted by their keys and cells: sorting the runs first would change nothing.
        choice = replace(choice, sort=choice.sort and (None if choice.names else "created_at"))
    with opened(project, console, timeout, cache=not no_cache) as source:
        runs = select_runs(source, choice, warn=console.warn)
        made = make_table(source, runs, request, console)
    _write(console, made, "json" if console.json else form)


def _is_among(sort: str | None, metrics: Sequence[str]) -> bool:
    return sort is not None and split_sort(sort)[0] in ",".join(metrics).split(",")


def _write(console: Console, made: "ReducedTable", form: str) -> None:
    from wandb_plot.actions.tables.reduced_table_layout import laid_out
    from wandb_plot.output.table_text import comma_separated, latex, markdown, plain_rows

    if form in ("json", "csv"):
        if form == "json":
            console.document(made.documents())
        else:
            console.lines(comma_separated(*made.flat()).splitlines())
        for note in made.notes:
            console.say(note)
        return
    layout = laid_out(made)
    if form == "text":
        console.table(layout.headings, plain_rows(layout.rows))
        console.lines(["", *layout.notes])
    elif form == "md":
        console.lines(markdown(layout.headings, layout.rows, layout.notes).splitlines())
    else:
        text = latex(layout.headings, layout.rows, layout.notes, texts=len(made.keys), above=layout.above)
        console.lines(text.splitlines())

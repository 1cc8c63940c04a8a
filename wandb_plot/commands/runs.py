"""`wandb-plot runs`."""

import math
from typing import TYPE_CHECKING

import click

from wandb_plot.commands.options import all_rows_option, common_options, opened, project_argument, run_conditions
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.sources.selection import RunChoice, find_runs
from wandb_plot.sources.source import Source
from wandb_plot.terminal.text import to_json

if TYPE_CHECKING:
    from wandb_plot.actions.runs import KeyDocument

# More bytes than this are cut by what agents read with.
_LARGE = 4000
_COLUMNS = ("id", "name", "state", "created_at", "last_step", "tags")


@click.command()
@project_argument
@run_conditions(sort="-created_at", limit=100)
@click.option("--fields", metavar="A,B", help="Only these: id, name, summary.KEY, config.KEY, METRIC:REDUCTION, ...")
@click.option("--keys", is_flag=True, help="List config and summary keys, how many runs have each, and which vary.")
@all_rows_option
@common_options
def runs(
    console: Console, project: str, choice: RunChoice, fields: str | None, keys: bool, all_rows: bool, timeout: float
) -> None:
    """List the runs of PROJECT, newest first."""
    if fields and keys:
        raise UsageError("--fields and --keys contradict each other", hint="--keys lists what --fields can name")
    with opened(project, console, timeout) as source:
        if keys:
            _show_keys(console, source, choice, all_rows=all_rows)
            return
        count = _show_runs(console, source, choice, _split(fields), all_rows=all_rows)
    if count == choice.limit:
        console.hint(f"Stopped at {count}; there may be more runs: --limit N")


def _show_runs(console: Console, source: Source, choice: RunChoice, fields: tuple[str, ...], *, all_rows: bool) -> int:
    """Write the runs, and give their number."""
    from wandb_plot.actions.runs import list_fields, run_document

    if console.json and not fields:
        found = find_runs(source, choice, warn=console.warn)
        documents = [run_document(run) for run in found]
        console.document(documents)
        if (size := len(to_json(documents))) > _LARGE:
            console.hint(
                f"{size // 1000} kB: --fields id,name,config.KEY keeps what it names, and --keys lists the keys"
            )
        return len(found)
    columns = fields or _COLUMNS
    rows = list_fields(source, choice, columns, warn=console.warn)
    if console.json:
        console.document(rows)
    elif rows:
        console.listing(columns, [list(row.values()) for row in rows], whole=all_rows)
    else:
        console.hint("No runs found")
    return len(rows)


def _show_keys(console: Console, source: Source, choice: RunChoice, *, all_rows: bool) -> None:
    from wandb_plot.actions.runs import list_keys

    documents, count = list_keys(source, choice, warn=console.warn)
    if console.json:
        console.document(documents)
        return
    console.hint(f"Keys of {count} runs")
    rows = [[one["key"], one["runs"], "yes" if one["varies"] else "no", _values_text(one)] for one in documents]
    console.listing(("key", "runs", "varies", "values"), rows, whole=all_rows)


def _split(fields: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else ()


def _values_text(document: "KeyDocument") -> str:
    """Its values, with a mark where there are more."""
    values = document["values"]
    more = [f"... ({document['distinct']} in all)"] if document["distinct"] > len(values) else []
    return ", ".join([*map(_value_text, values), *more])


def _value_text(value: object) -> str:
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return f"{value:.6g}" if isinstance(value, float) else str(value)

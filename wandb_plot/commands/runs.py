"""`wandb-plot runs`."""

import click

from wandb_plot.commands.options import common_options, opened, project_argument, run_conditions
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.sources.selection import RunChoice, find_runs
from wandb_plot.sources.source import Source

_COLUMNS = ("id", "name", "state", "created_at", "last_step", "tags")


@click.command()
@project_argument
@run_conditions(sort="-created_at", limit=100)
@click.option("--fields", metavar="A,B", help="Only these: id, name, summary.KEY, config.KEY, METRIC:REDUCTION, ...")
@click.option("--keys", is_flag=True, help="List config and summary keys, how many runs have each, and which vary.")
@common_options
def runs(console: Console, project: str, choice: RunChoice, fields: str | None, keys: bool, timeout: float) -> None:
    """List the runs of PROJECT, newest first."""
    if fields and keys:
        raise UsageError("--fields and --keys contradict each other", hint="--keys lists what --fields can name")
    with opened(project, console, timeout) as source:
        if keys:
            _show_keys(console, source, choice)
            return
        count = _show_runs(console, source, choice, _split(fields))
    if count == choice.limit:
        console.hint(f"Stopped at {count}; there may be more runs: --limit N")


def _show_runs(console: Console, source: Source, choice: RunChoice, fields: tuple[str, ...]) -> int:
    """Write the runs, and give their number."""
    from wandb_plot.actions.runs import list_fields, run_document

    if console.json and not fields:
        found = find_runs(source, choice, warn=console.warn)
        console.document([run_document(run) for run in found])
        return len(found)
    columns = fields or _COLUMNS
    rows = list_fields(source, choice, columns, warn=console.warn)
    if console.json:
        console.document(rows)
    elif rows:
        console.table(columns, [list(row.values()) for row in rows])
    else:
        console.hint("No runs found")
    return len(rows)


def _show_keys(console: Console, source: Source, choice: RunChoice) -> None:
    from wandb_plot.actions.runs import list_keys

    documents, count = list_keys(source, choice, warn=console.warn)
    if console.json:
        console.document(documents)
        return
    console.hint(f"Keys of {count} runs")
    console.table(
        ("key", "runs", "varies", "values"),
        [[one["key"], one["runs"], "yes" if one["varies"] else "no", one["values"]] for one in documents],
    )


def _split(fields: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else ()

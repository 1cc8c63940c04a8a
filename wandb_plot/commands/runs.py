"""`wandb-plot runs`."""

from typing import Any

import click

from wandb_plot.commands.options import common_options, opened, project_argument
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.model.keys import value_of
from wandb_plot.model.query import RunQuery, parse_filters, parse_sort
from wandb_plot.model.run import Run

_COLUMNS = ("id", "name", "state", "created_at", "last_step", "tags")


@click.command()
@project_argument
@click.option(
    "--state", "states", multiple=True, metavar="S", help="Only runs in this state; repeat for any of several."
)
@click.option("--tag", "tags", multiple=True, metavar="T", help="Only runs with this tag; repeat for all of several.")
@click.option("--group", metavar="G", help="Only runs of this group.")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="EXPR",
    help="config.lr=0.1, summary.loss<0.2, name~REGEX (a server's are RE2, without look-around), or a W&B JSON filter; "
    "repeat for all of several.",
)
@click.option(
    "--sort",
    default="-created_at",
    show_default=True,
    metavar="KEY",
    help="created_at, name, summary.KEY or config.KEY; a leading - for descending.",
)
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, metavar="N", help="At most.")
@click.option("--fields", metavar="A,B", help="Keep only these: id, name, summary.KEY, config.KEY, ...")
@common_options
def runs(
    console: Console,
    project: str,
    states: tuple[str, ...],
    tags: tuple[str, ...],
    group: str | None,
    filters: tuple[str, ...],
    sort: str,
    limit: int,
    fields: str | None,
    timeout: float,
) -> None:
    """List the runs of PROJECT, newest first."""
    wanted = _parse_fields(fields)
    key, descending = parse_sort(sort)
    query = RunQuery(parse_filters(filters, states=states, tags=tags, group=group), key, descending, limit)
    with opened(project, console, timeout) as source:
        found = source.runs(query)
    if console.json:
        console.document([_chosen(run, wanted) if wanted else run_document(run) for run in found])
    elif found:
        columns = wanted or _COLUMNS
        console.table(columns, [list(_chosen(run, columns).values()) for run in found])
    else:
        console.hint("No runs found")
    if len(found) == limit:
        console.hint(f"Stopped at {limit}; there may be more runs: --limit N")


def run_document(run: Run) -> dict[str, Any]:
    """What `runs --json` says of one run."""
    return {
        "id": run.id,
        "name": run.name,
        "state": run.state,
        "created_at": run.created_at,
        "summary_metrics": run.summary,
        "tags": run.tags,
        "config": run.config,
        "group": run.group,
        "url": run.url,
        "entity": run.entity or None,
        "project": run.project or None,
        "job_type": run.job_type,
        "notes": run.notes,
        "last_step": run.last_step,
        "segments": run.segments,
    }


def _parse_fields(fields: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else ()
    known = run_document(Run(id="", name="", entity="", project=""))
    for name in names:
        if name not in (*known, "summary") and not name.startswith(("summary.", "summary_metrics.", "config.")):
            raise UsageError(
                f"--fields: runs have no {name!r}", hint=f"they have {', '.join(known)}, summary.KEY, config.KEY"
            )
    return names


def _chosen(run: Run, fields: tuple[str, ...]) -> dict[str, Any]:
    document = run_document(run) | {"summary": run.summary}
    return {name: document[name] if name in document else value_of(run, name) for name in fields}

"""`wandb-plot projects`."""

import shlex
from datetime import datetime
from typing import TypedDict

import click

from wandb_plot.commands.options import common_options
from wandb_plot.console import Console
from wandb_plot.errors import UsageError


class ProjectDocument(TypedDict):
    """What `--json` says of a project; the time becomes ISO 8601 there."""

    name: str
    entity: str
    created_at: datetime | None
    url: str | None


@click.command()
@click.argument("entity", required=False)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    metavar="N",
    help="List at most N projects, the newest.",
)
@common_options
def projects(console: Console, entity: str | None, limit: int, timeout: float) -> None:
    """List the projects of ENTITY on the W&B server; of your default entity where none is named."""
    from wandb_plot.sources.open_project import is_local, open_entity

    if entity and is_local(entity):
        raise UsageError(
            "projects are listed from a server only",
            hint=f"list a folder's runs: wandb-plot runs {shlex.quote(entity)}",
        )
    with open_entity(entity, warn=console.warn, timeout=timeout) as source:
        found = source.projects(limit)
    if console.json:
        console.document(
            [ProjectDocument(name=p.name, entity=p.entity, created_at=p.created_at, url=p.url) for p in found]
        )
    elif found:
        console.table(("name", "created_at", "url"), [(p.name, p.created_at, p.url) for p in found])
    else:
        console.say("No projects found")

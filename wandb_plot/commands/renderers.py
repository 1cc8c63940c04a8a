"""`wandb-plot renderers`."""

from typing import TypedDict

import click

from wandb_plot.commands.options import common_options
from wandb_plot.console import Console
from wandb_plot.renderers.loading import installed_renderers


class RendererDocument(TypedDict):
    """What `--json` says of a renderer."""

    name: str
    distribution: str
    version: str
    default: bool


@click.command()
@common_options
def renderers(console: Console, timeout: float) -> None:  # noqa: ARG001 -- every command takes it
    """List the installed renderers, and the distribution that each comes from."""
    found = [
        RendererDocument(name=one.name, distribution=one.distribution, version=one.version, default=one.default)
        for one in installed_renderers()
    ]
    if console.json:
        console.document(found)
    else:
        rows = [[one["name"], one["distribution"], one["version"], "yes" if one["default"] else "no"] for one in found]
        console.table(("name", "distribution", "version", "default"), rows)

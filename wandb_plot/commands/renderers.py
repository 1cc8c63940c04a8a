"""`wandb-plot renderers`."""

from dataclasses import asdict

import click

from wandb_plot.commands.options import common_options
from wandb_plot.console import Console
from wandb_plot.renderers.loading import installed_renderers


@click.command()
@common_options
def renderers(console: Console, timeout: float) -> None:  # noqa: ARG001 -- every command takes it
    """List the installed renderers, and the distribution that each comes from."""
    found = [asdict(renderer) | {"default": renderer.default} for renderer in installed_renderers()]
    if console.json:
        console.document(found)
    else:
        console.table(("name", "distribution", "version", "default"), [list(row.values()) for row in found])

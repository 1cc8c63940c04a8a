"""`wandb-plot inspect`."""

from pathlib import Path

import click

from wandb_plot.commands.options import common_options
from wandb_plot.console import Console
from wandb_plot.errors import NotFoundError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@common_options
def inspect(console: Console, file: Path, timeout: float) -> None:  # noqa: ARG001 -- every command takes it
    """Print the text in a PNG that generate drew: title, description, and the command that draws it again.

    Of a figure in another format it prints the description in metadata.json, which lies in the folder of the figure.
    """
    if not file.is_file():
        raise NotFoundError(f"there is no file {file}", hint="name a figure that generate drew", code="path_not_found")

    from wandb_plot.actions.inspect import words_of

    text = words_of(file)
    if console.json:
        console.document(text)
    elif text:
        console.lines(f"{keyword}: {value}" for keyword, value in text.items())
    else:
        console.say(f"{file} holds no text: generate didn't draw it, or a program that changed it took its text away")

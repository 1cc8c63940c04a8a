"""`docs/figures.md` names options that there are, and says all about those that shape figures."""

import re
from pathlib import Path

import click

from wandb_plot.commands.figure_options import LOOKS, NUMBERS
from wandb_plot.commands.generate import generate

PAGE = (Path(__file__).parents[2] / "docs/figures.md").read_text(encoding="utf-8")
# The page is about what figures show; cli.md has these.
ELSEWHERE = {"x_axis", "xscale", "yscale", "across", "share_y", "style", "size", "dpi"}


def test_options_are_those_of_the_command() -> None:
    """Each option on the page exists, and the choices it names are the option's."""
    options = {name: option for option in generate.params for name in option.opts}
    assert set(re.findall(r"--[a-z-]+", PAGE)) - {"--as-drawn"} <= options.keys()
    for name, text in re.findall(r"^- `(--[a-z]+)`: (.*?)(?=^- |\n\n)", PAGE, re.MULTILINE | re.DOTALL):
        choice = options[name].type
        assert isinstance(choice, click.Choice)
        assert {*choice.choices} - {"none"} <= {*re.findall(r"`([a-z]+)`", text)}


def test_every_option_that_shapes_a_figure_is_explained() -> None:
    """A new one has its sentence here, or is said to be elsewhere."""
    named = {name.strip("-").replace("-", "_") for name in re.findall(r"--[a-z-]+", PAGE)}
    assert {*NUMBERS, *LOOKS} - ELSEWHERE <= named

"""`docs/gallery.md` shows figures that its commands draw; `make docs` draws them."""

import importlib.util
import re
import shlex
from pathlib import Path

import pytest
from PIL import Image

from wandb_plot.commands.generate import generate

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "gallery.md").read_text(encoding="utf-8")
BUILD = importlib.util.spec_from_file_location("gallery_build", DOCS / "gallery/build.py")

assert BUILD is not None
assert BUILD.loader is not None
build = importlib.util.module_from_spec(BUILD)
BUILD.loader.exec_module(build)
FIGURES = [(found["command"], found["name"]) for found in build.FIGURE.finditer(PAGE)]


def test_every_image_is_shown_below_its_command() -> None:
    """Each image of the gallery is on the page once, below a command, with words for those who can't see it."""
    names = sorted(name for _, name in FIGURES)
    assert names == sorted(path.name for path in (DOCS / "gallery").glob("*.png"))
    assert PAGE.count("$ wandb-plot ") == PAGE.count("![") == len(FIGURES) >= 30
    assert re.findall(r"!\[\]", PAGE) == []


@pytest.mark.parametrize("command", [command for command, _ in FIGURES], ids=[name for _, name in FIGURES])
def test_commands_are_whole(command: str) -> None:
    """Each command is one that `generate` takes."""
    _, *words = shlex.split(command)
    context = generate.make_context("generate", words)
    assert context.params["project"] == "./wandb"


def test_gallery_is_small() -> None:
    """All images are whole, and together small enough for a repository."""
    paths = list((DOCS / "gallery").glob("*.png"))
    for path in paths:
        with Image.open(path) as image:
            image.verify()
    assert sum(path.stat().st_size for path in paths) < 1_500_000

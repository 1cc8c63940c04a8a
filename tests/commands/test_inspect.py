"""`wandb-plot inspect`."""

from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Command


def test_a_figure_says_how_to_draw_it_again(wandb_plot: Command, recorded: Path) -> None:
    """Title, words and command; the command, given the folder, draws the same bytes."""
    (made,) = wandb_plot("generate", recorded, "base0001", "--metrics", "train/loss", "--json").json()["files"]
    document = wandb_plot("inspect", made["path"], "--json").json()
    assert document["Description"] == made["alt"]
    assert "train/loss" in document["Title"]
    lines = wandb_plot("inspect", made["path"]).stdout.splitlines()
    assert lines == [f"{keyword}: {text}" for keyword, text in document.items()]
    words = document["Source"].replace("PATH", str(recorded)).split()[1:]
    (again,) = wandb_plot(*words, "--json").json()["files"]
    assert again["action"] == "unchanged"


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "bare"])
def test_what_says_nothing(wandb_plot: Command, here: Path, kind: str) -> None:
    """A missing file is not found, another format is said to be one, and a PNG without text is no failure."""
    path = here / "figure.png"
    if kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("not a picture")
    elif kind == "bare":
        Image.new("L", (1, 1)).save(path)
    done = wandb_plot("inspect", path)
    assert done.stdout == ""
    assert done.code == {"missing": 3, "folder": 3, "text": 6, "bare": 0}[kind]
    assert {"text": "is not a PNG file", "bare": "holds no text"}.get(kind, "there is no file") in done.stderr

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


def test_a_figure_without_text_is_described_by_its_folder(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """Of any other format than PNG, also in a subfolder; not where the file was changed since, or is elsewhere."""
    words = ("--metrics", "train/loss", "--format", "svg", "--group-by-prefix", "--json")
    (made,) = wandb_plot("generate", recorded, "base0001", *words).json()["files"]  # type: ignore[index]
    assert Path(made["path"]).parent.name == "train"
    assert wandb_plot("inspect", made["path"], "--json").json() == {"Description": made["alt"]}
    (here / made["path"]).write_bytes((here / made["path"]).read_bytes() + b" ")
    changed = wandb_plot("inspect", made["path"])
    assert (changed.code, "in the folder that it was drawn in" in changed.stderr) == (6, True)


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

"""Figures of arrays that a user already has."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wandb_plot import Figure, RendererError, Series, WandbPlotError, draw

STEPS = np.arange(50)


def figure(**arrays: object) -> Figure:
    """A figure of one line."""
    series = Series(label="a", metric="loss", x=STEPS, y=1 / (STEPS + 1), **arrays)  # type: ignore[arg-type]
    return Figure(title="made by hand", xlabel="step", ylabel="loss", series=(series,), size=(3, 2))


def test_a_figure_becomes_a_file(tmp_path: Path) -> None:
    """The suffix says the format, folders are made, and nothing else is left beside the file."""
    target = tmp_path / "new" / "loss.svg"
    drawing = draw(figure())
    assert drawing.save(target) == target
    assert b"made by hand" in target.read_bytes()
    draw(figure(), tmp_path / "new" / "loss.png")
    assert sorted(path.name for path in target.parent.iterdir()) == ["loss.png", "loss.svg"]
    assert (tmp_path / "new" / "loss.png").read_bytes() == drawing.png()


def test_a_figure_shows_itself_in_a_notebook() -> None:
    """What IPython asks for is a PNG of the size asked for."""
    png = draw(figure())._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (300, 200)


def test_any_numbers_make_a_line() -> None:
    """Lists, integers and columns of pandas become float64 arrays that nobody can change."""
    series = Series(label="a", metric="a", x=[1, 2], y=pd.Series([3, 4]))  # type: ignore[arg-type]
    assert (series.x.dtype, series.y.tolist(), series.y.flags.writeable) == (np.float64, [3.0, 4.0], False)
    with pytest.raises(ValueError, match=r"y has shape \(3,\), x has \(2,\)"):
        Series(label="a", metric="a", x=[1, 2], y=[1, 2, 3])  # type: ignore[arg-type]


def test_the_renderer_is_chosen_as_the_command_does(tmp_path: Path) -> None:
    """Smoothed lines go to seaborn; who can't draw them, or write the format, refuses and writes nothing."""
    smoothed = figure(smooth=1 / (STEPS + 2))
    draw(smoothed, tmp_path / "smooth.png")
    with pytest.raises(WandbPlotError, match="'matplotlib' does not draw: smooth"):
        draw(smoothed, tmp_path / "refused.png", renderer="matplotlib")
    with pytest.raises(WandbPlotError, match="does not write 'gif'"):
        draw(figure(), tmp_path / "refused.gif")
    with pytest.raises(WandbPlotError, match="no renderer is called 'nobody'"):
        draw(figure(), renderer="nobody").png()
    assert [path.name for path in tmp_path.iterdir()] == ["smooth.png"]


def test_a_style_is_that_of_the_command() -> None:
    """One that a renderer has changes the picture; one that none has is refused."""
    assert draw(replace(figure(), style="paper")).png() != draw(figure()).png()
    with pytest.raises(WandbPlotError, match="no style is called 'baroque'"):
        draw(replace(figure(), style="baroque")).png()


def test_what_can_not_be_written_is_said(tmp_path: Path) -> None:
    """A folder that is a file ends in an error of ours, which is no fault of the renderer."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WandbPlotError, match="can't write") as caught:
        draw(figure(), tmp_path / "file" / "loss.png")
    assert not isinstance(caught.value, RendererError)

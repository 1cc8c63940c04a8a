"""What stands around the axes, and how much room it leaves them."""

from pathlib import Path

import numpy as np
import pytest

import wandb_plot_matplotlib
from tests.plugins.conftest import Draw
from tests.plugins.drawn import legend, pixels, y_ticks
from tests.plugins.figures import figure, series
from wandb_plot import Figure

NAN = float("nan")


def test_words(draw: Draw) -> None:
    """Title and axis labels say what the figure says; one series needs no legend."""
    canvas = draw(figure(series([1, 2]), title="loss of baseline", xlabel="Runtime (s)", ylabel="train/loss"))
    (axes,) = canvas.axes
    assert [text.get_text() for text in canvas.texts] == ["loss of baseline"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Runtime (s)", "train/loss")
    assert legend(canvas) == []


def test_names_are_shown_literally(draw: Draw) -> None:
    """Mathematics stays text, and control characters are shown by their escapes."""
    canvas = draw(figure(series([1]), title="$a_1$ \x1b[31m", ylabel="b\nc"))
    assert canvas.texts[0].get_text() == r"$a_1$ \x1b[31m"
    assert not canvas.texts[0].get_parse_math()
    assert canvas.axes[0].get_ylabel() == r"b\nc"


def test_long_names_are_cut_in_the_middle(draw: Draw) -> None:
    """A name that is too long keeps both ends and stays inside the figure."""
    name = "validation/segmentation/" + "per_class/" * 20 + "mean"
    canvas = draw(figure(series([1, 2]), title=name, ylabel=name))
    for text in (canvas.texts[0], canvas.axes[0].yaxis.label):
        assert text.get_text().startswith("validation/")
        assert text.get_text().endswith("mean")
        assert canvas.bbox.contains(*text.get_window_extent().min)
        assert canvas.bbox.contains(*text.get_window_extent().max)


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (8, 4.5), (20, 3)])
def test_size(tmp_path: Path, size: tuple[float, float]) -> None:
    """A figure has the size that was asked for, however small."""
    wanted = figure(*[series([1, NAN, 2], label=f"run-{k}", slot=k) for k in range(12)], size=size, dpi=50)
    wandb_plot_matplotlib.render_figure(wanted, tmp_path / "loss.png")
    assert pixels(tmp_path / "loss.png").shape[1::-1] == (size[0] * 50, size[1] * 50)


def test_texts_do_not_overlap(draw: Draw) -> None:
    """Title, legend, axes and labels keep out of each other's way."""
    wanted = figure(
        series([1e9 + k for k in range(9)], label="wide"), series([1e9, NAN, 1e9 + 5], slot=1, label="deep")
    )
    canvas = draw(wanted)
    (axes,) = canvas.axes
    boxes = [
        artist.get_window_extent()
        for artist in (canvas.texts[0], canvas.legends[0], axes, axes.xaxis.label, axes.yaxis.label)
    ]
    boxes += [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text() in y_ticks(axes)]
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])
        assert canvas.bbox.containsx(box.x0)
        assert canvas.bbox.containsy(box.y1)


def test_fixed_words_beside_an_axis_are_never_cut(draw: Draw) -> None:
    """Where a name is cut, the power of ten or the date behind it stays whole."""
    wanted = figure(series(np.arange(50) * 1e7), ylabel="validation/" * 20, xlabel="step", size=(4, 2.5))
    (axes,) = draw(wanted).axes
    assert axes.get_ylabel().startswith("valid")
    assert axes.get_ylabel().endswith("\N{MULTIPLICATION SIGN}10⁶)")


def test_note_stands_below_the_axes(draw: Draw) -> None:
    """A note is small print outside of the axes, and hides nothing."""
    canvas = draw(figure(series([1, 2]), note="12 points outside"))
    (axes,) = canvas.axes
    (note,) = axes.texts
    box = note.get_window_extent()
    assert note.get_text() == "12 points outside"
    assert box.y1 <= axes.xaxis.label.get_window_extent().y1
    assert not box.overlaps(axes.get_window_extent())
    assert not box.overlaps(axes.xaxis.label.get_window_extent())
    assert box.y0 >= 0


@pytest.mark.parametrize("style", ["screen", "paper"])
def test_margins_are_no_wider_than_their_texts(tmp_path: Path, style: str) -> None:
    """At most an eighth of an inch is left blank at the edges of a figure, less still in print, and nothing is cut."""
    wanted = figure(series(np.arange(1001), np.arange(1001)), title="", style=style, dpi=200)
    wandb_plot_matplotlib.render_figure(wanted, tmp_path / "loss.png")
    drawn = (pixels(tmp_path / "loss.png") < 250).any(axis=2)
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    blank = rows[0], drawn.shape[0] - 1 - rows[-1], columns[0], drawn.shape[1] - 1 - columns[-1]
    assert min(blank) >= 1
    assert max(blank) <= (25 if style == "screen" else 14)


def panels(count: int, **fields: object) -> Figure:
    """A figure of so many panels, each of two runs."""
    parts = [
        figure(
            series(np.arange(50) * (place + 1), label="wide"),
            series(np.arange(50), label="deep", slot=1),
            title=f"metric {place}",
            ylabel="",
            xlabel="step",
        )
        for place in range(count)
    ]
    return Figure(title="", xlabel="", ylabel="", series=(), panels=tuple(parts), **fields)  # type: ignore[arg-type]


def test_panels_have_axes_of_their_own_and_one_legend(draw: Draw) -> None:
    """Each panel has a title and all its lines; the legend shows each label once, and nothing overlaps."""
    canvas = draw(panels(5, across=3))
    assert [axes.get_title() for axes in canvas.axes] == [f"metric {place}" for place in range(5)]
    assert all(len(axes.lines) == 2 for axes in canvas.axes)
    assert legend(canvas) == ["wide", "deep"]
    boxes = [axes.get_tightbbox() for axes in canvas.axes]
    boxes.append(canvas.legends[0].get_window_extent())
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])
        assert canvas.bbox.x0 <= box.x0 < box.x1 <= canvas.bbox.x1
    tops = {round(axes.get_position().y1, 6) for axes in canvas.axes}
    widths = {round(axes.get_position().width, 6) for axes in canvas.axes}
    assert (len(tops), len(widths)) == (2, 1)


def test_panels_that_share_y(draw: Draw) -> None:
    """With a shared y all panels reach equally far, and those at the left speak for all."""
    first, second, third = draw(panels(3, across=3, share_y=True)).axes
    assert first.get_ylim() == second.get_ylim() == third.get_ylim()
    assert first.get_ylim()[1] > 140
    assert [axes.yaxis.get_tick_params()["labelleft"] for axes in (first, second, third)] == [True, False, False]
    own = draw(panels(3, across=3)).axes
    assert own[0].get_ylim() != own[2].get_ylim()


def test_panels_leave_no_trace(draw: Draw) -> None:
    """A figure drawn after one with panels is drawn as ever."""
    before = y_ticks(draw(figure(series([1, 2]))).axes[0])
    draw(panels(4, share_y=True, across=2))
    (axes,) = draw(figure(series([1, 2]))).axes
    assert y_ticks(axes) == before
    assert axes.get_title() == ""

"""Marks on lines, and where their texts stand."""

import numpy as np
import pytest

from tests.plugins.conftest import Draw
from tests.plugins.drawn import legend, lines, marks
from tests.plugins.figures import figure, series
from wandb_plot import Mark, Series


def changing(y: np.ndarray, steps: list[int], **fields: object) -> Series:
    """A line of a group that loses a run at each of some steps."""
    changes = (Mark(kind="runs", x=at, y=y[at], text=f"n={9 - k}→{8 - k}") for k, at in enumerate(steps))
    return series(y, marks=tuple(changes), **fields)


def test_marks(draw: Draw) -> None:
    """A change of the number of runs has its text beside it, a crash its symbol in the legend; both are on the line."""
    wanted = series(
        [1, 2, 3, 4],
        marks=(Mark(kind="runs", x=1, y=2, text="n=6→4"), Mark(kind="crashed", x=3, y=4, text="failed")),
        slot=2,
    )
    canvas = draw(figure(wanted))
    (axes,) = canvas.axes
    assert [(mark.get_xdata()[0], mark.get_ydata()[0]) for mark in marks(axes)] == [(1, 2), (3, 4)]
    assert [text.get_text() for text in axes.texts] == ["n=6→4"]
    assert legend(canvas) == ["failed"]
    (axes,) = draw(figure(wanted, xlim=(2, None))).axes
    assert len(marks(axes)) == 1


def test_one_label_for_marks_nearby(draw: Draw) -> None:
    """A mark whose label is empty is drawn without one; another label than its text is written in its place."""
    near = (
        Mark(kind="runs", x=1, y=2, text="n=6→5", label=""),
        Mark(kind="runs", x=2, y=3, text="n=5→4", label="n=6→4"),
    )
    (axes,) = draw(figure(series([1, 2, 3, 4], marks=near))).axes
    assert [text.get_text() for text in axes.texts] == ["n=6→4"]
    assert len(marks(axes)) == 2


@pytest.mark.parametrize("style", ["screen", "paper"])
@pytest.mark.parametrize("steps", [[90, 110], [100, 101], [20, 150], [60, 90, 120]])
def test_texts_hide_nothing(draw: Draw, style: str, steps: list[int]) -> None:
    """The texts of marks lie within the axes, and neither on one another, nor on the legend, nor on a line."""
    x = np.linspace(0, 5, 200)
    wanted = figure(
        changing(np.exp(-x), steps, label="a", slot=0), series(0.7 * np.exp(-x) + 0.1, label="b", slot=1), style=style
    )
    canvas = draw(wanted)
    (axes,) = canvas.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) == len(steps)
    taken = [*boxes, canvas.legends[0].get_window_extent()]
    for at, box in enumerate(boxes):
        assert axes.get_window_extent().padded(1).contains(*box.min)
        assert axes.get_window_extent().padded(1).contains(*box.max)
        assert not any(box.overlaps(other) for other in taken[at + 1 :])
        assert not any(
            line.get_transform().transform_path(line.get_path()).intersects_bbox(box, filled=False)
            for line in lines(axes)
        )


def test_a_text_without_a_place_is_left_to_the_legend(draw: Draw) -> None:
    """Marks at one point don't write over one another: what has no place isn't written, and the symbols stay."""
    (axes,) = draw(figure(changing(np.zeros(9), [4, 4, 4, 4, 4, 4]), size=(1, 1))).axes
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) < 6
    assert not any(box.overlaps(other) for at, box in enumerate(boxes) for other in boxes[at + 1 :])
    assert len(marks(axes)) == 6

"""What log scales leave of series."""

from typing import Any

import numpy as np

from wandb_plot.figures.view.scales import on_scales
from wandb_plot.model.figure import Mark, Series

NAN = np.nan


def series(y: list[float], **fields: Any) -> Series:
    """A line over the steps 0, 1, 2, ..."""
    return Series(label="a", metric="loss", x=np.arange(float(len(y))), y=np.array(y), **fields)


def test_an_edge_below_zero_goes_to_the_floor() -> None:
    """The power of ten below the least of what is drawn on the same axes, for all series alike."""
    below = series([1, 1, 1], low=[0.2, -1, 0.003], high=[2, 3, 2])
    other = series([0.05, 0.07, 0.06])
    (banded, _), floor = on_scales([below, other], "linear", "log")
    assert banded.low is not None
    assert banded.high is not None
    assert banded.low.tolist() == [0.2, 0.01, 0.01]
    assert floor == 0.01
    assert banded.high.tolist() == [2, 3, 2]


def test_a_band_above_zero_stays_as_it_is() -> None:
    """Extremes are where they are, however low."""
    (banded,), floor = on_scales([series([1, 1], low=[1e-9, 0.5], high=[2, 2])], "linear", "log")
    assert banded.low is not None
    assert banded.low.tolist() == [1e-9, 0.5]
    assert floor is None


def test_a_band_below_zero_is_a_gap() -> None:
    """There is nothing of it to see; and no band stays none."""
    (banded,), _ = on_scales([series([1, NAN], low=[-2, -3], high=[2, -1])], "linear", "log")
    assert banded.low is not None
    assert banded.high is not None
    assert np.isnan([banded.low[1], banded.high[1]]).all()
    assert on_scales([series([1])], "linear", "log")[0][0].low is None


def test_marks_go_with_their_points() -> None:
    """A mark at an x or y that a log scale lacks would float."""
    marks = tuple(Mark(kind="runs", x=x, y=1, text="n=2→1") for x in (0.0, 1.0, 2.0))
    (left,), _ = on_scales([series([1, 1, -1], marks=marks)], "log", "log")
    assert [mark.x for mark in left.marks] == [1]


def test_linear_scales_change_nothing() -> None:
    """The very same series come back."""
    one = series([1, -1])
    assert on_scales([one], "linear", "linear") == ([one], None)

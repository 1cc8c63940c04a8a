"""How a series ends: still falling or rising, or level."""

import numpy as np
import pytest

from tests.numbers.findings.series import LOSS, NOISE, N, X
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.findings.trend import end_of


@pytest.mark.parametrize(
    ("y", "trend"),
    [
        (LOSS[:1000], "falling"),
        (-LOSS[:1000], "rising"),
        (LOSS, "level"),
        (NOISE, "level"),
        (NOISE * 4e307, "level"),
    ],
)
def test_how_a_series_ends(y: FloatArray, trend: str) -> None:
    """Still moving, or level within the noise, whatever the magnitude."""
    end = end_of(X[: len(y)], y)
    assert end
    assert end.trend == trend
    tenth = len(y) // 10
    assert end.change == pytest.approx(np.median(y[-tenth:]) - np.median(y[-2 * tenth : -tenth]))


def test_few_or_equal_points_have_no_trend() -> None:
    """Nineteen points, or a constant, say nothing of a trend."""
    assert end_of(X[:19], LOSS[:19]) is None
    assert end_of(X, np.ones(N)) is None

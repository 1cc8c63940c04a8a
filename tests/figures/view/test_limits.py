"""What a user's limits become."""

import numpy as np
import pytest

from wandb_plot.errors import UsageError
from wandb_plot.figures.options import LimitPair, Percentile
from wandb_plot.figures.view.limits import FREE, View, find_view
from wandb_plot.model.figure import Series

Y = np.random.default_rng(3).normal(size=1000).cumsum()


def view(xlim: LimitPair = FREE, ylim: LimitPair = FREE, *, y: object = Y, log: bool = False, **lines: object) -> View:
    """The view on a line over the steps 0, 1, 2, ..."""
    values = np.asarray(y, dtype=float)
    series = Series(label="a", metric="loss", x=np.arange(float(len(values))), y=values, **lines)  # type: ignore[arg-type]
    return find_view([series], xlim, ylim, log_x=False, log_y=log)


def test_without_limits_all_is_free() -> None:
    """The renderer chooses, and nothing is outside."""
    assert view() == View()


def test_the_free_side_fits_what_is_inside_the_other() -> None:
    """Up to step 500 neither x nor y leaves room for what comes later; the limit itself is exact."""
    seen = view((None, 500))
    assert seen.xlim == (-10, 500)
    low, high = Y[:501].min(), Y[:501].max()
    assert seen.ylim == pytest.approx((low - 0.05 * (high - low), high + 0.05 * (high - low)))
    assert seen.outside == 499
    one_spike = np.where(np.arange(1000) == 7, -49.0, 1 + np.arange(1000) / 1000)
    assert view(ylim=(0, None), y=one_spike).ylim == pytest.approx((0, 1.999 * 1.05))
    assert view(ylim=(0, None), y=one_spike).outside == 1


def test_percentiles_are_of_what_is_drawn() -> None:
    """Numpy's percentiles of the finite y inside the limits of x; non-finite values count for nothing."""
    holed = np.where(np.arange(1000) % 10 == 3, np.nan, Y)
    seen = view((100, 900), (Percentile(1), Percentile(99)), y=holed)
    inside = holed[100:901][np.isfinite(holed[100:901])]
    assert seen.ylim == pytest.approx(tuple(np.percentile(inside, [1, 99])))
    low, high = np.percentile(inside, [1, 99])
    assert seen.outside == 900 - np.sum((inside >= low) & (inside <= high))


def test_bands_and_smoothed_lines_fit_too() -> None:
    """A free side leaves room for all that is drawn inside the other."""
    ones = np.ones(100)
    seen = view(ylim=(0, None), y=ones, low=0 * ones, high=3 * ones, smooth=ones)
    assert seen.ylim == pytest.approx((0, 3.15))


@pytest.mark.parametrize("leap", [40.0, -40.0])
@pytest.mark.parametrize("points", [30, 1000])
def test_a_leap_of_a_band_does_not_squash_the_lines(leap: float, points: int) -> None:
    """Limits hold all lines and the bulk of bands; a leap is left out where lines gain, and counted."""
    y = np.linspace(2, 1, points)
    low, high = y - 0.5, y + 0.5
    (high if leap > 0 else low)[points // 2] = leap
    seen = view(y=y, low=low, high=high)
    assert seen.ylim == pytest.approx((0.4, 2.6), abs=0.1)
    assert (seen.outside, seen.band_outside) == (0, 1)
    assert view(y=y, low=y - 0.5, high=y + 0.5) == View()
    half = np.arange(points) > points // 2
    assert view(y=y, low=y - 0.5, high=np.where(half, 40, high)) == View()


def test_a_leap_of_a_line_is_seen() -> None:
    """A line's own values are never left out by limits that nobody asked for; its band's are, at its leap."""
    y = np.where(np.arange(200) == 100, 16.0, 1.0)
    seen = view(y=y, low=np.where(y == 16, -13, 0.9), high=np.where(y == 16, 45, 1.1))
    assert seen.ylim == pytest.approx((0.9 - 0.05 * 15.1, 16 + 0.05 * 15.1))
    assert (seen.outside, seen.band_outside) == (0, 1)


def test_a_margin_on_a_log_axis_is_a_share_of_its_decades() -> None:
    """From 1 to 1,000 are three decades, and a twentieth of them is left free."""
    assert view(ylim=(1, None), y=[1, 10, 1000], log=True).ylim == pytest.approx((1, 10**3.15))


def test_limits_that_show_nothing_are_refused() -> None:
    """A number against a percentile can't be compared before the values are known."""
    with pytest.raises(UsageError, match="--ylim: nothing lies between 1e\\+06 and"):
        view(ylim=(1e6, Percentile(50)))


@pytest.mark.parametrize("y", [[], [np.nan] * 3, [5.0] * 3, [1e308, -1e308]])
def test_odd_lines_do_no_harm(y: list[float]) -> None:
    """Nothing, nothing finite, a constant, and the greatest floats: all limits are finite, or free."""
    for limits in ((None, 1e3), (-1e3, None), (Percentile(10), None)):
        seen = view(ylim=limits, y=y)
        assert all(side is None or np.isfinite(side) for side in (*seen.xlim, *seen.ylim))

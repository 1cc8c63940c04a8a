"""Smoothing: golden values by hand, the naive loop as oracle, and pandas for the running average."""

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wandb_plot.errors import UsageError
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.smoothing import (
    Smoothing,
    exponential,
    gaussian,
    parse_smoothing,
    running_average,
    smooth,
    time_weighted_exponential,
)

NAN, INF = np.nan, np.inf

lengths = st.shared(st.integers(1, 60), key="points")
finite = hnp.arrays(np.float64, lengths, elements=st.floats(-1e6, 1e6))
gappy = hnp.arrays(np.float64, lengths, elements=st.floats(-1e6, 1e6) | st.sampled_from([NAN, INF, -INF]))
places = hnp.arrays(np.float64, lengths, elements=st.floats(0, 1e4))
weights = st.floats(0, 1, exclude_max=True)


def close(actual: FloatArray, expected: list[float] | FloatArray) -> None:
    """Assert equality up to rounding, against the largest magnitude there is, and of the smallest floats there are."""
    largest = np.nanmax(np.abs(expected), initial=0.0)
    np.testing.assert_allclose(actual, expected, rtol=1e-10, atol=max(1e-12 * largest, np.finfo(float).tiny))


def exponential_loop(y: FloatArray, weight: float) -> list[float]:
    """The debiased EMA, as its definition reads."""
    out, last = [], 0.0
    for count, value in enumerate(y.tolist(), start=1):
        last = last * weight + (1 - weight) * value
        out.append(last / (1 - weight**count))
    return out


def time_weighted_loop(x: FloatArray, y: FloatArray, weight: float, x_range: float) -> list[float]:
    """The time-weighted EMA, as its definition reads, with no step backwards."""
    base = min(weight**0.5, 0.999)
    out, total, count = [], 0.0, 0.0
    for at in range(len(y)):
        distance = max(x[at] - x[at - 1], 0.0) / x_range * 1000 if at and x_range else 0.0
        decay = base**distance
        total, count = total * decay + y[at], count * decay + 1
        out.append(total / count)
    return out


def gaussian_loop(y: FloatArray, sigma: float) -> list[float]:
    """The Gaussian mean, point by point over the neighbours there are."""
    out = []
    for at in range(len(y)):
        near = [k for k in range(len(y)) if abs(k - at) <= 3 * sigma]
        weight = [np.exp(-((k - at) ** 2) / (2 * sigma**2)) for k in near]
        out.append(sum(w * y[k] for w, k in zip(weight, near, strict=True)) / sum(weight))
    return out


def test_running_average_by_hand() -> None:
    """An odd window is centred; an even one reaches one point further back."""
    y = np.array([1.0, 2.0, 6.0, 10.0])
    close(running_average(y, 3), [1.5, 3.0, 6.0, 8.0])
    close(running_average(y, 2), [1.0, 1.5, 4.0, 8.0])
    close(running_average(y, 4), [1.5, 3.0, 4.75, 6.0])


def test_exponential_by_hand() -> None:
    """With weight 0.5 the debiased means of 1, 2, 3 are 1, 5/3 and 17/7."""
    close(exponential(np.array([1.0, 2.0, 3.0]), 0.5), [1.0, 5 / 3, 17 / 7])


def test_time_weighted_exponential_by_hand() -> None:
    """A weight of 0.25 halves per thousandth of the figure's range: over 1, 0 and 2 of them, as worked out."""
    x, y = np.array([0.0, 1.0, 1.0, 3.0]), np.array([4.0, 1.0, 5.0, 2.0])
    # Sums 4; 4/2 + 1 = 3; 3 + 5 = 8; 8/4 + 2 = 4, over counts 1; 1.5; 2.5; 2.5/4 + 1 = 1.625.
    close(time_weighted_exponential(x, y, 0.25, 1000.0), [4.0, 2.0, 3.2, 4 / 1.625])


def test_time_weighted_weight_is_capped() -> None:
    """The base never exceeds 0.999, so that the highest weights still follow the line."""
    x, y = np.array([0.0, 1000.0]), np.array([0.0, 1.0])
    close(time_weighted_exponential(x, y, 0.9999999, 1000.0), [0.0, 1 / (1 + 0.999**1000)])


def test_time_weighted_range_is_the_figure_s() -> None:
    """A short run in a long figure is smoothed harder than alone: its points lie closer together there."""
    x, y = np.arange(5.0), np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    alone = time_weighted_exponential(x, y, 0.99, 4.0)
    beside_a_long_run = time_weighted_exponential(x, y, 0.99, 4000.0)
    assert np.ptp(beside_a_long_run[1:]) < np.ptp(alone[1:])


def test_gaussian_by_hand() -> None:
    """Sigma 1/3 weighs the next point exp(-4.5), and none beyond."""
    w = np.exp(-4.5)
    spike = gaussian(np.array([0.0, 0.0, 1.0, 0.0, 0.0]), 1 / 3)
    close(spike, [0.0, w / (1 + 2 * w), 1 / (1 + 2 * w), w / (1 + 2 * w), 0.0])
    close(gaussian(np.array([1.0, 0.0]), 1 / 3), [1 / (1 + w), w / (1 + w)])


@given(finite, st.integers(1, 130))
def test_running_average_is_that_of_pandas(y: FloatArray, n: int) -> None:
    """Windows of any size, odd, even and beyond the length, are pandas' own."""
    close(running_average(y, n), pd.Series(y).rolling(n, min_periods=1, center=True).mean().to_numpy())


@given(finite, st.floats(0, 0.9999))
def test_exponential_is_the_loop(y: FloatArray, weight: float) -> None:
    """The vectorised EMA gives what the loop gives."""
    close(exponential(y, weight), exponential_loop(y, weight))


@given(places, finite, weights, st.just(0.0) | st.floats(1e-3, 2e4))
def test_time_weighted_exponential_is_the_loop(x: FloatArray, y: FloatArray, weight: float, x_range: float) -> None:
    """The vectorised time-weighted EMA gives what the loop gives, x repeated, backwards or all the same."""
    close(time_weighted_exponential(x, y, weight, x_range), time_weighted_loop(x, y, weight, x_range))


@given(finite, st.floats(0.05, 40))
def test_gaussian_is_the_loop(y: FloatArray, sigma: float) -> None:
    """The convolution gives what the sum over each neighbourhood gives."""
    close(gaussian(y, sigma), gaussian_loop(y, sigma))


ALL = [Smoothing("average", 7), Smoothing("ema", 0.9), Smoothing("twema", 0.5), Smoothing("gaussian", 2.5)]


@pytest.mark.parametrize("smoothing", ALL, ids=str)
@given(x=places, y=gappy)
def test_gaps_stay_gaps_and_touch_nothing(smoothing: Smoothing, x: FloatArray, y: FloatArray) -> None:
    """What isn't finite is taken out first: a gap there, and the rest as if it had never been."""
    known = np.isfinite(y)
    smoothed = smooth(smoothing, x, y, np.ptp(x))
    assert np.isnan(smoothed[~known]).all()
    np.testing.assert_array_equal(smoothed[known], smooth(smoothing, x[known], y[known], np.ptp(x)))


@pytest.mark.parametrize("smoothing", ALL, ids=str)
@given(y=hnp.arrays(np.float64, lengths, elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_a_smoothed_line_stays_between_the_extremes(smoothing: Smoothing, y: FloatArray) -> None:
    """Each value is a weighted mean: within the extremes, also at the edge of what floats can hold."""
    smoothed = smooth(smoothing, np.arange(float(len(y))), y, float(len(y)))
    assert (smoothed >= y.min()).all()
    assert (smoothed <= y.max()).all()


@pytest.mark.parametrize("smoothing", ALL, ids=str)
def test_nothing_and_next_to_nothing(smoothing: Smoothing) -> None:
    """No point, no finite point, and one point are smoothed to themselves."""
    for y in (np.empty(0), np.array([NAN, INF]), np.array([3.5])):
        expected = np.where(np.isfinite(y), y, NAN)
        np.testing.assert_array_equal(smooth(smoothing, np.zeros(len(y)), y, 0.0), expected)


@pytest.mark.parametrize("smoothing", [Smoothing("average", 7), Smoothing("gaussian", 2.5)], ids=str)
def test_a_diverged_value_leaves_no_trace_beyond_its_window(smoothing: Smoothing) -> None:
    """Past a value of 1e18 the line is what it would be without: running sums and FFTs get this wrong."""
    y = np.random.default_rng(3).normal(size=200)
    diverged = np.concatenate(([1e18], y))
    x = np.arange(201.0)
    calm = smooth(smoothing, x, np.concatenate(([0.0], y)), 200.0)
    np.testing.assert_allclose(smooth(smoothing, x, diverged, 200.0)[10:], calm[10:], rtol=1e-12, atol=1e-15)


def test_an_exponential_average_forgets_a_diverged_value() -> None:
    """Once a value of 1e18 has decayed away, the line is exact again."""
    y = np.concatenate(([1e18], np.random.default_rng(3).normal(size=800)))
    np.testing.assert_allclose(exponential(y, 0.9)[-100:], exponential(y[1:], 0.9)[-100:], rtol=1e-10)


def test_no_weight_is_no_smoothing() -> None:
    """Weight 0 and a window of one point give the line back."""
    y = np.array([3.0, -1.0, 7.5])
    for smoothed in (exponential(y, 0.0), running_average(y, 1), gaussian(y, 0.1)):
        np.testing.assert_array_equal(smoothed, y)
    np.testing.assert_array_equal(time_weighted_exponential(np.arange(3.0), y, 0.0, 2.0), y)


def test_points_at_one_place_count_alike() -> None:
    """Where the figure has no width, the time-weighted EMA is the mean so far."""
    y = np.array([3.0, 5.0, 10.0])
    close(time_weighted_exponential(np.zeros(3), y, 0.9, 0.0), [3.0, 4.0, 6.0])


@pytest.mark.parametrize("smoothing", [*ALL, Smoothing("average", 10_001), Smoothing("ema", 1e-6)], ids=str)
def test_a_million_points_take_well_under_a_second(smoothing: Smoothing) -> None:
    """Every kind is vectorised; the naive loops take many times as long."""
    y = np.random.default_rng(0).normal(size=1_000_000)
    x = np.arange(1_000_000.0)
    began = time.process_time()
    smooth(smoothing, x, y, x[-1])
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("text", ["average:10", "ema:0.9", "twema:0.99", "twema:0", "gaussian:2.5", "gaussian:3"])
def test_what_is_read_is_written_alike(text: str) -> None:
    """A smoothing's name is what the user typed."""
    assert str(parse_smoothing(text)) == text


def test_none_is_no_smoothing() -> None:
    """`none` names the absence of smoothing."""
    assert parse_smoothing("none") is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "none:1", "median:3", "average", "average:", "average:0", "average:2.5", "average:inf", "average:x"),
        *("ema:1", "ema:-0.1", "twema:1.0", "twema:nan", "gaussian:0", "gaussian:-1", "gaussian:inf", "gaussian:nan"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str) -> None:
    """A bad kind or parameter is bad usage, and the hint lists kinds and ranges."""
    with pytest.raises(UsageError) as refused:
        parse_smoothing(text)
    assert "average:N (N >= 1" in refused.value.hint
    assert repr(text) in refused.value.message

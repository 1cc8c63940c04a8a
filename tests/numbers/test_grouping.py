"""The lines of a group: brought onto one x, made a centre and a band, against pandas and numpy done independently."""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.grouping import Aggregate, Aligned, BandKind, aggregate, align, band, run_counts

NAN, INF = np.nan, np.inf

gappy = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 20)),
    elements=st.floats(-1e6, 1e6) | st.just(NAN),
)


def line(x: list[float], y: list[float]) -> tuple[FloatArray, FloatArray]:
    """A run's line as arrays."""
    return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)


def edges(values: FloatArray, kind: BandKind, of: Aggregate = "mean", seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """The band about the centre of `values`."""
    found = band(values, aggregate(values, of), kind, of=of, seed=seed)
    assert found is not None
    return found


def test_runs_of_one_cadence_are_aligned_exactly() -> None:
    """A run that starts later and one that stops earlier have no value beyond their ends, and none is made up."""
    aligned = align([line([0, 1, 2, 3], [5, 6, 7, 8]), line([1, 2, 3], [1, 2, 3]), line([0, 1], [9, 9])])

    assert aligned.method == "exact"
    np.testing.assert_array_equal(aligned.x, [0, 1, 2, 3])
    np.testing.assert_array_equal(aligned.values, [[5, 6, 7, 8], [NAN, 1, 2, 3], [9, 9, NAN, NAN]])
    np.testing.assert_array_equal(aligned.counts, [2, 3, 2, 2])


def test_runs_of_different_cadence_are_interpolated_within_their_own_range() -> None:
    """Between a run's points lies a straight line; before its first and after its last there is nothing."""
    aligned = align([line([0, 10, 20], [0, 100, 0]), line([5, 15], [1, 3])])

    assert aligned.method == "interpolated"
    np.testing.assert_array_equal(aligned.x, [0, 5, 10, 15, 20])
    np.testing.assert_array_equal(aligned.values, [[0, 50, 100, 50, 0], [NAN, 1, 2, 3, NAN]])


def test_a_sparser_run_is_not_exact() -> None:
    """A run that logged at every second step only is interpolated: else the number of runs would flicker."""
    aligned = align([line([0, 1, 2], [0, 0, 0]), line([0, 2], [4, 8])])
    assert aligned.method == "interpolated"
    np.testing.assert_array_equal(aligned.values[1], [4, 6, 8])


def test_no_gap_is_bridged() -> None:
    """Between the points around a NaN or an infinity a run has no value, at logged and at interpolated x."""
    aligned = align([line([0, 2, 4, 6, 8], [0, 2, NAN, 6, 8]), line([0, 1, 3, 5, 7, 8], [1, 1, 1, INF, 1, 1])])
    np.testing.assert_array_equal(aligned.x, [0, 1, 2, 3, 4, 5, 6, 7, 8])
    np.testing.assert_array_equal(aligned.values[0], [0, 1, 2, NAN, NAN, NAN, 6, 7, 8])
    np.testing.assert_array_equal(aligned.values[1], [1, 1, 1, 1, NAN, NAN, NAN, 1, 1])


def test_a_gap_does_not_spoil_exactness() -> None:
    """NaN was logged at its step too: runs of one cadence stay exact, and the count drops there."""
    aligned = align([line([0, 1, 2], [0, NAN, 2]), line([0, 1, 2], [4, 5, 6])])
    assert aligned.method == "exact"
    np.testing.assert_array_equal(aligned.counts, [2, 1, 2])


def test_x_that_repeats_or_runs_backwards_is_sorted() -> None:
    """Of points at one x the last logged counts, also where x went back to it."""
    aligned = align([line([3, 1, 2, 1], [30, 10, 20, 11])])
    np.testing.assert_array_equal(aligned.x, [1, 2, 3])
    np.testing.assert_array_equal(aligned.values, [[11, 20, 30]])


def test_runs_without_points_are_carried_along() -> None:
    """A run with nothing has a row of its own without values; no run at all is no point."""
    assert align([line([], []), line([0, 1], [5, 6])]).values.tolist()[1] == [5, 6]
    assert align([line([], [])]).values.shape == (1, 0)
    assert align([]).values.shape == (0, 0)


@settings(deadline=None)
@given(st.lists(hnp.arrays(np.float64, st.integers(2, 15), elements=st.integers(0, 40), unique=True), min_size=2))
def test_alignment_is_interpolation_done_one_point_at_a_time(places: list[FloatArray]) -> None:
    """For runs of any steps, each value is the one on the run's own line there."""
    lines = [(np.sort(x), np.sin(np.sort(x))) for x in places]
    aligned = align(lines)
    for (x, y), row in zip(lines, aligned.values, strict=True):
        expected = pd.Series(y, index=x).reindex(aligned.x).interpolate("index", limit_area="inside")
        np.testing.assert_allclose(row, expected, rtol=1e-12, atol=1e-12)


def test_counts_are_told_where_they_drop() -> None:
    """metadata.json holds n at each end and at every x where a run is lost."""
    values = np.array([[1, 1, 1, 1, 1], [1, NAN, 1, 1, 1], [NAN, NAN, 1, 1, NAN]])
    aligned = Aligned(np.array([0.0, 10.0, 20.0, 30.0, 30.5]), values, "exact")
    assert run_counts(aligned) == {
        "first": 2,
        "last": 2,
        "drops": [{"x": 10, "n": 1}, {"x": 30.5, "n": 2}],
    }
    assert run_counts(align([])) == {"first": 0, "last": 0, "drops": []}


@settings(deadline=None)
@given(gappy)
def test_centres_are_those_of_pandas(values: FloatArray) -> None:
    """Mean and median over the runs that have a value, NaN where none has."""
    frame = pd.DataFrame(values)
    np.testing.assert_allclose(aggregate(values, "mean"), frame.mean(), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(aggregate(values, "median"), frame.median(), rtol=1e-12, atol=1e-9)


@settings(deadline=None)
@given(gappy, st.sampled_from(["mean", "median"]))
def test_bands_are_those_of_pandas(values: FloatArray, of: Aggregate) -> None:
    """The std is the population's and stderr that over sqrt(n), about the centre; minmax holds the extremes."""
    frame = pd.DataFrame(values)
    center = frame.mean() if of == "mean" else frame.median()
    std = frame.std(ddof=0)
    expected: dict[BandKind, tuple[pd.Series, pd.Series]] = {
        "std": (center - std, center + std),
        "stderr": (center - std / np.sqrt(frame.count()), center + std / np.sqrt(frame.count())),
        "minmax": (frame.min(), frame.max()),
    }
    for kind, (low, high) in expected.items():
        found = edges(values, kind, of)
        np.testing.assert_allclose(found[0], low, rtol=1e-9, atol=1e-8)
        np.testing.assert_allclose(found[1], high, rtol=1e-9, atol=1e-8)


def test_no_band_is_none() -> None:
    """`none` asks for no band and gets none."""
    assert band(np.ones((3, 2)), np.ones(2), "none") is None


@pytest.mark.parametrize("of", ["mean", "median"])
def test_the_interval_is_that_of_a_plain_bootstrap(of: Aggregate) -> None:
    """A bootstrap written out, with other draws, gives the interval up to the noise of 1,000 draws."""
    values = np.random.default_rng(5).normal(size=(14, 40))
    low, high = edges(values, "ci", of)
    draws = np.random.default_rng(99).integers(0, 14, size=(4000, 14))
    centers = getattr(np, of)(values[draws], axis=1)
    plain = np.percentile(centers, [2.5, 97.5], axis=0)
    width = plain[1] - plain[0]
    assert np.median(np.abs(low - plain[0]) / width) < 0.05
    assert np.median(np.abs(high - plain[1]) / width) < 0.05


def test_the_interval_covers_what_it_should() -> None:
    """Over many groups of 30 runs about 95 of 100 intervals hold the true mean."""
    low, high = edges(np.random.default_rng(7).normal(size=(30, 2000)), "ci")
    assert 0.91 < np.mean((low < 0) & (high > 0)) < 0.97


def test_the_interval_takes_the_runs_that_are_there() -> None:
    """Runs without a value at an x don't count there: its interval is that of the others alone."""
    values = np.random.default_rng(5).normal(size=(6, 3))
    values[4:, 1] = NAN
    values[1:, 2] = NAN
    low, high = edges(values, "ci")
    alone = edges(values[:4, 1:2], "ci")
    assert (low[1], high[1]) == (alone[0][0], alone[1][0])
    assert low[2] == high[2] == values[0, 2]


def test_the_interval_is_the_same_every_time() -> None:
    """One seed gives the same bytes however many x there are; another seed gives other draws."""
    values = np.random.default_rng(5).normal(size=(8, 5000))
    low, high = edges(values, "ci")
    again = edges(values, "ci")
    assert (low.tobytes(), high.tobytes()) == (again[0].tobytes(), again[1].tobytes())
    assert not np.array_equal(low, edges(values, "ci", seed=1)[0])


@pytest.mark.parametrize("kind", ["std", "stderr", "minmax", "ci"])
@pytest.mark.parametrize("of", ["mean", "median"])
def test_a_gap_of_all_runs_is_a_gap_of_the_band(kind: BandKind, of: Aggregate) -> None:
    """Where no run has a value, centre and band have none, without a warning."""
    values = np.array([[1.0, NAN], [3.0, NAN]])
    low, high = edges(values, kind, of)
    assert low[0] <= aggregate(values, of)[0] <= high[0]
    assert np.isnan([aggregate(values, of)[1], low[1], high[1]]).all()


@pytest.mark.parametrize("kind", ["std", "stderr", "minmax", "ci"])
def test_huge_values_stay_finite(kind: BandKind) -> None:
    """A diverged group neither overflows nor spoils the x beside it."""
    huge = sys.float_info.max
    values = np.array([[huge, 1e-200, 1.0], [-huge, 3e-200, 3.0], [huge, 2e-200, 2.0]])
    low, high = edges(values, kind)
    assert np.isfinite([low, high]).all()
    assert low[1] < 2e-200 < high[1]
    assert aggregate(values, "mean")[0] == pytest.approx(huge / 3)

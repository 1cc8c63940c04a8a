"""The lines of several runs, brought onto one x."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.alignment import Aligned, align, counts, run_counts

NAN, INF = np.nan, np.inf


def line(x: list[float], y: list[float]) -> tuple[FloatArray, FloatArray]:
    """A run's line as arrays."""
    return np.array(x, dtype=np.float64), np.array(y, dtype=np.float64)


def test_runs_of_one_cadence_are_aligned_exactly() -> None:
    """A run that starts later and one that stops earlier have no value beyond their ends, and none is made up."""
    aligned = align([line([0, 1, 2, 3], [5, 6, 7, 8]), line([1, 2, 3], [1, 2, 3]), line([0, 1], [9, 9])])

    assert aligned.alignment == "exact"
    np.testing.assert_array_equal(aligned.x, [0, 1, 2, 3])
    np.testing.assert_array_equal(aligned.values, [[5, 6, 7, 8], [NAN, 1, 2, 3], [9, 9, NAN, NAN]])
    np.testing.assert_array_equal(counts(aligned.values), [2, 3, 2, 2])


def test_runs_of_different_cadence_are_interpolated_within_their_own_range() -> None:
    """Between a run's points lies a straight line; before its first and after its last there is nothing."""
    aligned = align([line([0, 10, 20], [0, 100, 0]), line([5, 15], [1, 3])])

    assert aligned.alignment == "interpolated"
    np.testing.assert_array_equal(aligned.x, [0, 5, 10, 15, 20])
    np.testing.assert_array_equal(aligned.values, [[0, 50, 100, 50, 0], [NAN, 1, 2, 3, NAN]])


def test_a_sparser_run_is_not_exact() -> None:
    """A run that logged at every second step only is interpolated: else the number of runs would flicker."""
    aligned = align([line([0, 1, 2], [0, 0, 0]), line([0, 2], [4, 8])])
    assert aligned.alignment == "interpolated"
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
    assert aligned.alignment == "exact"
    np.testing.assert_array_equal(counts(aligned.values), [2, 1, 2])


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
    assert run_counts(aligned.x, counts(aligned.values)) == {
        "first": 2,
        "last": 2,
        "drops": [{"x": 10, "n": 1}, {"x": 30.5, "n": 2}],
    }
    flickering = Aligned(np.arange(100.0), np.array([np.ones(100), np.where(np.arange(100) % 2, NAN, 1)]), "exact")
    told = run_counts(flickering.x, counts(flickering.values))
    assert (len(told["drops"]), told["more_drops"], told["last"]) == (20, 30, 1)
    assert run_counts(np.empty(0), np.empty(0, dtype=np.intp)) == {"first": 0, "last": 0, "drops": []}

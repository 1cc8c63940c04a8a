"""Sums that join: however values are divided, mean, deviation and range are those of numpy over all of them."""

import sys
import weakref
from collections.abc import Iterator
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.partial_sums import PartialSums, sum_rows

NAN = np.nan

gappy = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 4)),
    elements=st.floats(-1e6, 1e6, width=32) | st.just(NAN),
)


@given(gappy, st.lists(st.integers(0, 12), max_size=4))
def test_parts_join_to_what_all_values_give(values: FloatArray, cuts: list[int]) -> None:
    """Parts of any size, empty ones among them, with gaps anywhere."""
    parts = [PartialSums.of(part) for part in np.split(values, sorted(cuts))]
    sums = reduce(PartialSums.joined, parts)
    low, high = sums.band(sums.mean, "std")
    for at, column in enumerate(values.T):
        there = column[~np.isnan(column)]
        assert sums.counts[at] == len(there)
        assert sums.mean[at] == pytest.approx(np.mean(there) if len(there) else NAN, nan_ok=True, rel=1e-12, abs=1e-9)
        assert sums.low[at] == pytest.approx(np.min(there, initial=np.inf) if len(there) else NAN, nan_ok=True, abs=0)
        std = np.std(there, ddof=1) if len(there) > 1 else NAN
        assert (high[at] - low[at]) / 2 == pytest.approx(std, nan_ok=True, rel=1e-9, abs=1e-7)


@pytest.mark.parametrize("offset", [0.0, 1e9, -1e-9])
def test_thousands_of_rows_are_as_exact_as_a_few(offset: float) -> None:
    """Against numpy in higher precision, which long chains of sums are not."""
    values = offset + np.random.default_rng(3).normal(size=(5000, 7))
    values[np.random.default_rng(4).random(values.shape) < 0.1] = NAN
    sums = sum_rows(iter(values), 7)
    wide = values.astype(np.longdouble)
    low, high = sums.band(sums.mean, "stderr")
    expected = np.nanstd(wide, axis=0, ddof=1) / np.sqrt(np.sum(~np.isnan(values), axis=0))
    np.testing.assert_allclose(sums.mean, np.nanmean(wide, axis=0).astype(float), rtol=1e-14)
    np.testing.assert_allclose((high - low) / 2, expected.astype(float), rtol=1e-5 if offset == 1e9 else 1e-11)
    assert (sums.low.tobytes(), sums.high.tobytes()) == (
        np.nanmin(values, axis=0).tobytes(),
        np.nanmax(values, axis=0).tobytes(),
    )


def test_the_greatest_and_the_least_floats_join() -> None:
    """Neither squares nor distances of parts leave float64, and one x doesn't spoil another."""
    huge = sys.float_info.max
    above = PartialSums.of(np.array([[huge, 3e-200, 1.0], [huge, 3e-200, 1.0]]))
    below = PartialSums.of(np.array([[-huge, 1e-200, NAN], [-huge, 1e-200, NAN]]))
    sums = above.joined(below)
    low, high = sums.band(sums.mean, "std")
    np.testing.assert_allclose(sums.mean, [0, 2e-200, 1.0], atol=0)
    np.testing.assert_allclose((low[0], high[0]), (-huge, huge))
    np.testing.assert_allclose((high[1:] - low[1:]) / 2, [2e-200 / np.sqrt(3), 0.0], rtol=1e-12, atol=0)


def test_a_few_rows_are_held_at_a_time() -> None:
    """Rows are taken as they are needed, and nothing but their sums remains."""
    given: list[weakref.ref[FloatArray]] = []
    held = []

    def rows() -> Iterator[FloatArray]:
        for _ in range(1000):
            row = np.ones(5)
            given.append(weakref.ref(row))
            held.append(sum(one() is not None for one in given))
            yield row

    assert sum_rows(rows(), 5).counts.tolist() == [1000] * 5
    assert max(held) < 200

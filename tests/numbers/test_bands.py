"""The band of a group, against pandas and numpy done independently."""

import sys
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wandb_plot.model.figure_choices import Aggregate, BandKind
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.aggregation import aggregate
from wandb_plot.numbers.bands import band

NAN = np.nan

gappy = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 20)),
    elements=st.floats(-1e6, 1e6) | st.just(NAN),
)


def edges(values: FloatArray, kind: BandKind, of: Aggregate = "mean", seed: int = 0) -> tuple[FloatArray, FloatArray]:
    """The band about the centre of `values`."""
    found = band(values, aggregate(values, of), kind, of=of, seed=seed)
    assert found is not None
    return found


@given(gappy, st.sampled_from(["mean", "median"]))
def test_bands_are_those_of_pandas(values: FloatArray, of: Aggregate) -> None:
    """The std is the sample's and stderr that over sqrt(n), about the centre; a single run has no band."""
    frame = pd.DataFrame(values)
    center = frame.mean() if of == "mean" else frame.median()
    std = frame.std(ddof=1)
    expected: dict[BandKind, tuple[pd.Series, pd.Series]] = {
        "std": (center - std, center + std),
        "stderr": (center - std / np.sqrt(frame.count()), center + std / np.sqrt(frame.count())),
        "minmax": (frame.min().where(frame.count() > 1), frame.max().where(frame.count() > 1)),
    }
    for kind, (low, high) in expected.items():
        found = edges(values, kind, of)
        np.testing.assert_allclose(found[0], low, rtol=1e-9, atol=1e-8)
        np.testing.assert_allclose(found[1], high, rtol=1e-9, atol=1e-8)


def test_no_band_is_none() -> None:
    """`none` asks for no band and gets none."""
    assert band(np.ones((3, 2)), np.ones(2), "none") is None


@pytest.mark.parametrize("of", get_args(Aggregate))
def test_the_interval_is_that_of_a_plain_bootstrap(of: Aggregate) -> None:
    """A bootstrap written out, with other draws, gives the interval up to the noise of 1,000 draws."""
    values = np.random.default_rng(5).normal(size=(14, 40))
    low, high = edges(values, "ci", of)
    draws = np.random.default_rng(99).integers(0, 14, size=(4000, 14))
    centers = aggregate(values[draws].transpose(1, 0, 2).reshape(14, -1), of).reshape(4000, 40)
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
    assert np.isnan([low[2], high[2]]).all()


def test_the_interval_is_the_same_every_time() -> None:
    """One seed gives the same bytes however many x there are; another seed gives other draws."""
    values = np.random.default_rng(5).normal(size=(8, 5000))
    low, high = edges(values, "ci")
    again = edges(values, "ci")
    assert (low.tobytes(), high.tobytes()) == (again[0].tobytes(), again[1].tobytes())
    assert not np.array_equal(low, edges(values, "ci", seed=1)[0])


@pytest.mark.parametrize("kind", ["std", "stderr", "minmax", "ci"])
@pytest.mark.parametrize("of", get_args(Aggregate))
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

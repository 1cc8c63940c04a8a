"""The centre of a group, against pandas and scipy done independently."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.aggregation import aggregate

gappy = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 20)),
    elements=st.floats(-1e6, 1e6) | st.just(np.nan),
)


@given(gappy)
def test_centres_are_those_of_pandas(values: FloatArray) -> None:
    """Mean and median over the runs that have a value, NaN where none has."""
    frame = pd.DataFrame(values)
    np.testing.assert_allclose(aggregate(values, "mean"), frame.mean(), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(aggregate(values, "median"), frame.median(), rtol=1e-12, atol=1e-9)


@given(gappy)
def test_the_interquartile_mean_is_that_of_the_middle_half(values: FloatArray) -> None:
    """A quarter of the values there are, rounded down, goes at each end, as in scipy's trim_mean(..., 0.25)."""
    for column, found in zip(values.T, aggregate(values, "iqm"), strict=True):
        ranked = sorted(column[~np.isnan(column)].tolist())
        cut = int(0.25 * len(ranked))
        middle = ranked[cut : len(ranked) - cut]
        assert found == pytest.approx(sum(middle) / len(middle) if middle else np.nan, nan_ok=True, abs=1e-9)

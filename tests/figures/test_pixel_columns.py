"""Long lines by the columns of a picture."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot import Columns

NAN = float("nan")


def test_columns_span_what_lies_in_them() -> None:
    """Each column has the least, the middle and the greatest of its finite points; a column without points is none."""
    columns = Columns(np.array([0, 1, 2, 5, 6, 9.0]), np.array([0, 3, 4, 6, 9.0]))
    values = np.array([3, 1, 2, NAN, 7, 9.0])
    assert columns.x.tolist() == [1.5, 5, 7.5]
    np.testing.assert_array_equal(columns.least(values), [1, NAN, 7])
    np.testing.assert_array_equal(columns.median(values), [2, NAN, 8])
    np.testing.assert_array_equal(columns.greatest(values), [3, NAN, 9])
    assert columns.any(np.isnan(values)).tolist() == [False, True, False]


def test_points_outside_are_left_out() -> None:
    """Points before the first edge and behind the last are in no column; no points are no columns."""
    columns = Columns(np.arange(10.0), np.array([2.5, 5, 7]))
    np.testing.assert_array_equal(columns.greatest(np.arange(10.0)), [4, 7])
    nothing = Columns(np.arange(3.0), np.array([10.0, 11]))
    assert nothing.x.size == nothing.least(np.arange(3.0)).size == nothing.median(np.arange(3.0)).size == 0


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(NAN)), min_size=1, max_size=60), st.integers(1, 9))
def test_columns_agree_with_numpy(values: list[float], count: int) -> None:
    """The numbers of each column are those that numpy gives for its points."""
    y = np.array(values)
    x = np.arange(float(y.size))
    edges = np.linspace(0, y.size - 0.5, count + 1)
    columns = Columns(x, edges)
    column_of = np.minimum(np.searchsorted(edges, x, side="right") - 1, count - 1)
    expected = [y[column_of == column] for column in np.unique(column_of)]
    finite = [part[np.isfinite(part)] for part in expected]
    np.testing.assert_array_equal(columns.median(y), [np.median(part) if part.size else NAN for part in finite])
    np.testing.assert_array_equal(columns.least(y), [part.min() if part.size else NAN for part in finite])

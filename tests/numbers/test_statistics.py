"""What is said about a column of numbers: exact, in Python numbers, whatever the magnitudes."""

import json
import math
import statistics
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.model.history import Column
from wandb_plot.numbers.statistics import metric_document, statistics_of

NAN, INF = float("nan"), float("inf")


def summary_of(*values: float) -> dict[str, object]:
    """Statistics of values logged at steps 0, 10, 20, ..."""
    return dict(statistics_of(np.arange(0.0, 10.0 * len(values), 10.0), np.array(values, dtype=np.float64)))


def test_a_column_is_told_whole() -> None:
    """Every statistic of a small column, worked out by hand, in the documented order."""
    summary = summary_of(NAN, 2.0, 5.0, INF, 1.0, 1.0, 5.0, -INF, 4.0)

    assert list(summary.items()) == [
        ("first", 2.0),
        ("last", 4.0),
        ("min", 1.0),
        ("min_step", 40),
        ("max", 5.0),
        ("max_step", 20),
        ("mean", 3.0),
        ("std", pytest.approx(math.sqrt((1 + 4 + 4 + 4 + 4 + 1) / 5), rel=1e-15)),
        ("nan_count", 1),
        ("inf_count", 2),
    ]


def test_without_a_finite_value_there_is_only_counting() -> None:
    """Nothing finite gives None for every statistic, and the counts."""
    assert set(list(summary_of().values())[:8]) == {None}
    summary = summary_of(NAN, INF, NAN)
    assert set(list(summary.values())[:8]) == {None}
    assert (summary["nan_count"], summary["inf_count"]) == (2, 1)


def test_one_value_has_no_deviation() -> None:
    """A sample of one has a mean, and no standard deviation."""
    summary = summary_of(NAN, 0.25)
    assert (summary["mean"], summary["std"], summary["min_step"]) == (0.25, None, 10)


def test_whole_steps_are_integers() -> None:
    """Steps come out as int where whole and as float where not, never as numpy scalars."""
    summary = statistics_of(np.array([2.0, 2.5]), np.array([1.0, 2.0]))
    assert json.dumps([summary["min_step"], summary["max_step"]]) == "[2, 2.5]"
    assert {type(value) for value in summary.values()} == {int, float}


@pytest.mark.parametrize(
    ("values", "mean", "std"),
    [
        ([1e308, 1e308, 1e308], 1e308, 0.0),
        ([1e18, 1.0, -1e18], 1 / 3, 1e18),
        ([1e9 + 1, 1e9 + 2, 1e9 + 3], 1e9 + 2, 1.0),
        ([1.0, math.nextafter(1.0, 2.0)], 1.0, math.sqrt(0.5) * sys.float_info.epsilon),
        ([1e-200, 3e-200], 2e-200, math.sqrt(2) * 1e-200),
        ([sys.float_info.max, -sys.float_info.max], 0.0, sys.float_info.max),
    ],
)
def test_magnitudes_do_no_harm(values: list[float], mean: float, std: float) -> None:
    """Neither overflow, nor underflow, nor cancellation reaches mean and deviation."""
    summary = summary_of(*values)
    assert summary["mean"] == pytest.approx(mean, rel=1e-15, abs=0)
    assert summary["std"] == pytest.approx(std, rel=1e-12, abs=0)


@given(st.lists(st.floats(width=64), min_size=2))
def test_nothing_that_is_not_finite_comes_out(values: list[float]) -> None:
    """Whatever was logged, every statistic is None or finite, and JSON can hold it."""
    json.dumps(summary_of(*values), allow_nan=False)


@given(st.lists(st.floats(-1e12, 1e12), min_size=2))
def test_moments_are_exact(values: list[float]) -> None:
    """Mean and deviation are those of exact rational arithmetic."""
    summary = summary_of(*values)
    exact = [Fraction(value) for value in values]
    assert summary["mean"] == pytest.approx(float(statistics.mean(exact)), rel=1e-15, abs=0)
    assert summary["std"] == pytest.approx(statistics.stdev(exact), rel=1e-12, abs=0)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_extremes_are_where_they_were_first_reached(values: list[float]) -> None:
    """Extremes are the builtins', at the earliest step that holds them."""
    summary = summary_of(*values)
    assert (summary["min"], summary["min_step"]) == (min(values), values.index(min(values)) * 10)
    assert (summary["max"], summary["max_step"]) == (max(values), values.index(max(values)) * 10)


def test_the_entry_of_a_numeric_metric() -> None:
    """`metrics --json` has the keys in the documented order."""
    column = Column("loss", "numeric", np.array([0.0, 3.0, 7.0]), np.array([2.0, NAN, 1.0]), non_null=2)
    assert list(metric_document(column, rows=9).items()) == [
        ("type", "numeric"),
        ("count", 9),
        ("non_null_count", 2),
        ("min", 1.0),
        ("max", 2.0),
        ("mean", 1.5),
        ("std", pytest.approx(math.sqrt(0.5))),
        ("first", 2.0),
        ("last", 1.0),
        ("min_step", 7),
        ("max_step", 0),
        ("nan_count", 1),
        ("inf_count", 0),
        ("points", 3),
        ("last_step", 7),
        ("first_nan_step", 3),
    ]


def test_the_entry_of_a_metric_without_numbers() -> None:
    """An image or a string has counts and no statistics; strings among numbers take none away."""
    empty = np.empty(0)
    assert metric_document(Column("roc", "image", empty, empty, non_null=4), rows=9) == {
        "type": "image",
        "count": 9,
        "non_null_count": 4,
    }
    mixed = metric_document(Column("m", "mixed", np.array([1.0]), np.array([5.0]), non_null=4), rows=9)
    assert (mixed["type"], mixed["mean"]) == ("mixed", 5.0)

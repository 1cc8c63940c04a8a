"""One number of one metric of one run: each against pandas or a plain loop, and a reason where there is none."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.errors import UsageError
from wandb_plot.numbers.reductions import KNOWN, Reduced, Reduction, parse_reduction, split_metric

NAN, INF = math.nan, math.inf


def reduce(text: str, values: list[float], steps: list[float] | None = None) -> Reduced:
    """Reduce values logged at steps 0, 10, 20, ..."""
    x = np.array(steps if steps is not None else range(0, 10 * len(values), 10), dtype=float)
    return parse_reduction(text).reduce(x, np.array(values, dtype=float))


@given(
    st.lists(st.floats(-1e6, 1e6) | st.sampled_from([NAN, INF, -INF]), min_size=1, max_size=30).filter(
        lambda values: any(map(math.isfinite, values))
    )
)
def test_each_reduction_is_what_pandas_makes_of_the_finite_points(values: list[float]) -> None:
    """NaN and infinities take no part, but in `nan`, which counts the first of them."""
    whole = pd.Series(values, index=range(0, 10 * len(values), 10))
    finite = whole[np.isfinite(whole)]
    expected = {
        "last": finite.iloc[-1],
        "first": finite.iloc[0],
        "min": finite.min(),
        "max": finite.max(),
        "mean": finite.mean(),
        "median": finite.median(),
        "count": len(finite),
        "nan": whole.isna().sum(),
        "argmin": finite.idxmin(),
        "argmax": finite.idxmax(),
        "tail:3": finite.tail(3).mean(),
    }
    found = {text: reduce(text, values).value for text in expected}
    assert found == {text: pytest.approx(value, rel=1e-9, abs=1e-9) for text, value in expected.items()}
    std = reduce("std", values)
    assert std.value == (pytest.approx(finite.std(), rel=1e-6, abs=1e-9) if len(finite) > 1 else None)


@given(st.lists(st.floats(-100, 100) | st.just(NAN), min_size=1, max_size=20), st.floats(-100, 100))
def test_steps_and_thresholds_are_found_as_a_loop_finds_them(values: list[float], bound: float) -> None:
    """`at` takes the last value at or before a step; thresholds are passed, not touched."""
    pairs = [(10 * index, value) for index, value in enumerate(values) if not math.isnan(value)]
    below = [step for step, value in pairs if value < bound]
    above = [step for step, value in pairs if value > bound]
    before = [value for step, value in pairs if step <= abs(bound)]
    assert reduce(f"first-below:{bound}", values).value == (below[0] if below else None)
    assert reduce(f"first-above:{bound}", values).value == (above[0] if above else None)
    assert reduce(f"at:{abs(bound)}", values).value == (before[-1] if before else None)


def test_the_area_is_the_mean_height_over_the_axis() -> None:
    """Trapezoids over uneven steps, divided by the length of the axis."""
    steps, values = [0, 1, 5, 6], [2.0, 4.0, NAN, 0.0]
    area = (2 + 4) / 2 * 1 + (4 + 0) / 2 * 5
    assert reduce("auc", values, steps).value == pytest.approx(area / 6)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "values", "reason"),
    [
        ("min", [NAN, INF], "no finite value"),
        ("std", [1.0], "fewer than 2 values"),
        ("auc", [1.0, NAN], "fewer than 2 values"),
        ("at:-5", [1.0], "nothing at or before that step"),
        ("first-below:0", [1.0, 0.0], "threshold not reached"),
    ],
)
def test_where_there_is_no_value_a_reason_is_given(text: str, values: list[float], reason: str) -> None:
    """None is never without one."""
    reduced = reduce(text, values)
    assert (reduced.value, reduced.reason) == (None, reason)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("text", [name for name in KNOWN if ":" not in name])
def test_the_greatest_floats_give_finite_numbers(text: str) -> None:
    """Sums beyond float64 are no infinity in the result."""
    greatest = np.finfo(np.float64).max
    reduced = reduce(text, [greatest, greatest, -greatest, -greatest / 2, greatest, greatest])
    assert reduced.value is not None
    assert math.isfinite(reduced.value)
    if text in ("median", "auc"):
        assert reduce(text, [greatest, greatest]).value == pytest.approx(greatest)


def test_counts_and_steps_are_whole_numbers() -> None:
    """They come as int, values as float."""
    values = [3.0, 1.0, NAN]
    assert [type(reduce(text, values).value) for text in ("count", "nan", "argmin", "first-below:2", "max")] == [
        int, int, int, int, float,
    ]  # fmt: skip
    assert reduce("count", [NAN]).value == 0


def test_a_metric_is_tried_before_a_colon_splits_it() -> None:
    """Names with colons are found whole; the longest name wins; without a reduction it is `last`."""
    names = {"loss", "loss:min", "a:b"}
    assert split_metric("loss", names) == ("loss", Reduction("last"))
    assert split_metric("loss:max", names) == ("loss", Reduction("max"))
    assert split_metric("loss:min", names) == ("loss:min", Reduction("last"))
    assert split_metric("loss:min:min", names) == ("loss:min", Reduction("min"))
    assert split_metric("a:b:at:100", names) == ("a:b", Reduction("at", 100.0))
    assert split_metric("unknown:tail:3", names) == ("unknown", Reduction("tail", 3.0))
    assert split_metric("unknown:x", names) == ("unknown:x", Reduction("last"))


@pytest.mark.parametrize("text", ["mim", "at", "at:x", "tail:0", "tail:1.5", "min:3", "first-below:nan", ""])
def test_what_is_no_reduction_is_refused(text: str) -> None:
    """An unknown one lists those that are known, an odd argument says what it should be."""
    with pytest.raises(UsageError) as caught:
        split_metric(f"loss:{text}", {"loss"})
    assert "METRIC:" in caught.value.hint or all(known in caught.value.hint for known in KNOWN)


def test_a_reduction_is_written_as_it_is_read() -> None:
    """`str` gives what stands behind the colon."""
    for text in ("last", "at:100", "tail:5", "first-below:0.25"):
        assert str(parse_reduction(text)) == text


def test_a_metric_that_ends_in_nan_is_known_as_such() -> None:
    """Its finite points have numbers all the same."""
    assert reduce("min", [1.0, 0.5, NAN]) == Reduced(0.5, diverged=True)
    assert reduce("min", [1.0, NAN, 0.5]) == Reduced(0.5)

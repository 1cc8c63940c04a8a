"""Rows become columns: what counts as a number, as a type, as one metric."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.basics.json_text import parse_json
from wandb_plot.sources.rows_to_columns import columns_from_rows, join_all, settled

NUMBERS = st.floats() | st.integers() | st.sampled_from(["NaN", "Infinity", "-Infinity"])
VALUES = st.none() | st.sampled_from(["word", "12"]) | NUMBERS | st.booleans() | st.lists(st.integers(), max_size=2)


@pytest.mark.parametrize(
    ("logged", "kind", "values", "non_null"),
    [
        ([1, 2.5], "numeric", [1, 2.5], 2),
        ([1, "NaN", math.nan, "Infinity", -math.inf], "numeric", [1, math.nan, math.nan, math.inf, -math.inf], 3),
        (["NaN", "NaN"], "numeric", [math.nan, math.nan], 0),
        ([1, "word", "NaN"], "mixed", [1, math.nan], 2),
        (["word", "NaN"], "string", [], 2),
        ([True, False, None], "boolean", [], 2),
        ([True, 1], "numeric", [1], 2),
        ([10**400, -(10**400)], "numeric", [math.inf, -math.inf], 2),
        ([[1, 2]], "list", [], 1),
        ([{"_type": "image-file", "path": "a.png"}], "image", [], 1),
        ([{"_type": "images/separated", "count": 2}], "images", [], 1),
        ([{"_type": "table-file"}], "table", [], 1),
        ([{"_type": "histogram"}], "histogram", [], 1),
    ],
)
def test_types_and_counts(logged: list[Any], kind: str, values: list[float], non_null: int) -> None:
    """Numbers and the words for them make points; all else is counted and gives the type."""
    column = columns_from_rows([{"_step": step, "a": value} for step, value in enumerate(logged)])["a"]
    assert (column.type, column.non_null) == (kind, non_null)
    np.testing.assert_array_equal(column.values, values)


def test_nested_keys_are_joined_with_dots() -> None:
    """A dict is metrics named with dots; one that says its type is a metric itself."""
    row = {"_step": 0, "a": {"b": {"c": 1}, "d": 2}, "e.f": 3, "g": {"_type": "histogram", "bins": [1]}, "h": {}}
    assert set(columns_from_rows([row])) == {"_step", "a.b.c", "a.d", "e.f", "g"}


def test_a_metric_that_is_null_throughout_is_no_column() -> None:
    """As exports have it: a column of nothing where a key was never logged."""
    assert set(columns_from_rows([{"_step": 0, "a": None}])) == {"_step"}


def test_rows_come_in_any_order_and_the_later_counts() -> None:
    """Steps ascend, each once; rows without a step belong nowhere."""
    rows = [{"_step": 2, "a": 1}, {"_step": 0, "a": 2}, {"a": 3}, {"_step": 2, "a": 4}, {"_step": "NaN", "a": 5}]
    column = columns_from_rows(rows)["a"]
    assert (column.steps.tolist(), column.values.tolist()) == ([0, 2], [2, 4])


@given(st.lists(st.fixed_dictionaries({"a": VALUES, "b": VALUES}), max_size=12), st.integers(0, 12), st.integers(0, 3))
def test_parts_joined_are_the_whole(logged: list[dict[str, Any]], cut: int, overlap: int) -> None:
    """Wherever a history is cut, and also where the cut rows overlap, its columns are the same."""
    rows = [{"_step": step} | row for step, row in enumerate(logged)]
    whole = columns_from_rows(rows, is_partial=True)
    parts = (rows[:cut], rows[max(0, cut - overlap) :])
    joined = join_all([columns_from_rows(part, is_partial=True) for part in parts])
    assert joined.keys() == whole.keys()
    for name, column in whole.items():
        assert joined[name].type == column.type
        np.testing.assert_array_equal(joined[name].steps, column.steps)
        np.testing.assert_array_equal(joined[name].values, column.values)
        if not overlap:
            assert joined[name].non_null == column.non_null


def test_only_wanted_metrics_are_kept() -> None:
    """By their whole names."""
    assert set(columns_from_rows([{"_step": 0, "a": {"b": 1}, "c": 2}], wanted={"a.b"})) == {"a.b"}


def test_json_may_hold_numbers_of_any_size() -> None:
    """Whole numbers stay whole as far as Python reads them; beyond, they are infinite."""
    digits = "9" * 5_000
    assert parse_json(f'{{"a": {digits}, "b": 3, "c": -{digits}}}') == {"a": math.inf, "b": 3, "c": -math.inf}
    assert isinstance(parse_json(f"[{digits}, 3]")[1], int)


@given(
    st.lists(st.none() | st.sampled_from(["word", "NaN", "-Infinity"]) | st.integers(0, 3), max_size=6),
    st.integers(0, 6),
)
def test_whether_a_word_is_a_number_is_settled_for_the_whole(logged: list[Any], cut: int) -> None:
    """A "NaN" among text is text, unless a number was logged in other rows."""
    rows = [{"_step": step, "a": value} for step, value in enumerate(logged)]
    whole = columns_from_rows(rows).get("a")
    joined = join_all([columns_from_rows(part, is_partial=True) for part in (rows[:cut], rows[cut:])])
    last = settled(joined["a"]) if "a" in joined else None
    assert repr(last) == repr(whole)

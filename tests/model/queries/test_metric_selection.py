"""What users write for metrics: exact names before lists, lists before globs."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.errors import NotFoundError
from wandb_plot.model.queries.metric_selection import MetricSelection, merge_types

TYPES = {
    "train/loss": "numeric",
    "train/acc": "numeric",
    "a,b": "numeric",
    "a": "numeric",
    "w[0]": "numeric",
    "phase": "mixed",
    "roc": "image",
    "_step": "numeric",
    "system.cpu": "numeric",
}


TYPES_OF_ONE = ["numeric", "mixed", "string", "boolean", "list", "image", "table"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("train/loss", ["train/loss"]),
        ("train/*", ["train/acc", "train/loss"]),
        ("a,b", ["a,b"]),
        ("a,phase", ["a", "phase"]),
        ("a, train/loss,", ["a", "train/loss"]),
        ("w[0]", ["w[0]"]),
        ("*", ["a", "a,b", "phase", "train/acc", "train/loss", "w[0]"]),
        ("system.*", ["system.cpu"]),
        ("system/cpu", ["system.cpu"]),
        ("system/*", ["system.cpu"]),
        ("_*", ["_step"]),
        ("_step", ["_step"]),
    ],
)
def test_a_text_means_metrics(text: str, names: list[str]) -> None:
    """Commas and glob characters belong to a name that has them; stars don't reach axes and system stream."""
    assert MetricSelection(TYPES).find(text) == (names, [])


def test_what_is_missing_is_named_beside_what_is_found() -> None:
    """Each missing name is an error of its own, with near names; what is no number says what it is."""
    found, missing = MetricSelection(TYPES).find("a,train/los,roc")
    assert found == ["a"]
    assert [error.code for error in missing] == ["metric_not_found"] * 2
    assert missing[0].candidates == ("train/loss",)
    assert "logged as image" in missing[1].message
    assert "download" in missing[1].hint


def test_all_means_the_users_own_numbers() -> None:
    """Axes, the system stream, and what isn't numeric are left out; having none says what there is."""
    assert MetricSelection(TYPES).all() == ["a", "a,b", "phase", "train/acc", "train/loss", "w[0]"]
    with pytest.raises(NotFoundError) as none:
        MetricSelection({"roc": "image"}).all()
    assert "roc" in none.value.hint


def test_a_metric_has_one_type_over_all_runs() -> None:
    """One that a run logged as text, and another as numbers, is of both."""
    assert merge_types([{"a": "string"}, {"a": "numeric"}, {"a": "image", "b": "image"}]) == {
        "a": "mixed",
        "b": "image",
    }


@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.sampled_from(TYPES_OF_ONE)), max_size=4))
def test_types_over_runs_do_not_depend_on_the_order_of_runs(types: list[dict[str, str]]) -> None:
    """Any number of runs may be merged in any order, and some of them before the others."""
    merged = merge_types(types)
    assert all(merge_types(order) == merged for order in permutations(types))
    assert merge_types([merge_types(types[:2]), *types[2:]]) == merged

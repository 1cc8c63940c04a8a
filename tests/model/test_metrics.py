"""One type for each metric, of whatever it was logged as."""

import pytest

from wandb_plot.model.metrics import type_of


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ([], ""),
        (["numeric", "boolean"], "numeric"),
        (["numeric", "string"], "mixed"),
        (["numeric", "image"], "numeric"),
        (["mixed", "boolean"], "mixed"),
        (["mixed", "numeric"], "mixed"),
        (["boolean", "string"], "string"),
        (["list", "string"], "string"),
        (["image", "list"], "image"),
        (["image", "list", "boolean", "string"], "string"),
        (["", "boolean"], "boolean"),
    ],
)
def test_one_rule_for_types(types: list[str], expected: str) -> None:
    """A metric of several types has one type, whatever order they come in and however the history is cut."""
    assert type_of(types) == type_of(types[::-1]) == expected

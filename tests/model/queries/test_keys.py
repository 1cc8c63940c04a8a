"""Keys of runs: what a run says of one, and which none has."""

from typing import Any

import pytest

from wandb_plot.model.queries.keys import absent_keys, value_of
from wandb_plot.model.run import Run


def a_run(**facts: Any) -> Run:
    """A run that has nothing but what is said of it."""
    return Run(id="abc", name="baseline", entity="acme", project="vision", **facts)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "abc"),
        ("display_name", "baseline"),
        ("tag", ("a",)),
        ("config.lr", 0.1),
        ("summary.val.acc", 1),
        ("summary_metrics.val.acc", 1),
        ("config", None),
        ("config.", None),
        ("__class__", None),
        ("config.__class__", None),
        ("nothing", None),
    ],
)
def test_what_a_run_says_of_a_key(key: str, value: object) -> None:
    """Only what it holds: neither attributes of Python's nor whole sections."""
    assert value_of(a_run(tags=("a",), config={"lr": 0.1}, summary={"val": {"acc": 1}}), key) == value


def test_a_key_that_no_run_has_is_told_with_the_nearest() -> None:
    """The same name deeper down comes first, then what is spelt alike; one run with the key is enough."""
    runs = [
        a_run(config={"optim": {"lr": 0.1}, "learning_rate": 1}, summary={"val/loss": 1}),
        a_run(config={"seed": 3}),
    ]
    assert absent_keys(["config.lr", "config.sead", "config.seed", "summary.val/los", "name", "config.zzz"], runs) == {
        "config.lr": ["config.optim.lr"],
        "config.sead": ["config.seed"],
        "summary.val/los": ["summary.val/loss"],
        "config.zzz": [],
    }
    assert absent_keys(["config.seed.value"], runs) == {}

"""What legends call runs."""

from typing import Any

import pytest

from tests.figures.runs import a_run
from wandb_plot.figures.run_labels import labels_for


def test_runs_of_different_names_are_called_by_them() -> None:
    """A name that only one run bears is its label."""
    assert labels_for([a_run("a", "base"), a_run("b", "wide")]) == ["base", "wide"]


@pytest.mark.parametrize(
    ("configs", "labels"),
    [
        ([{"lr": 0.1}, {"lr": 0.2}], ["base (lr=0.1)", "base (lr=0.2)"]),
        (
            [{"aug": "on", "seed": 1}, {"aug": "on", "seed": 2}, {"aug": "off", "seed": 3}],
            ["seed=1", "seed=2", "seed=3"],
        ),
        ([{"lr": 1, "wd": 1}, {"lr": 1, "wd": 2}, {"lr": 2, "wd": 2}], ["lr=1, wd=1", "lr=1, wd=2", "lr=2, wd=2"]),
        ([{"lr": 0.1}, {"lr": 0.1}], ["0", "1"]),
        ([{"prompt": "x" * 50}, {"prompt": "y" * 50}], ["0", "1"]),
    ],
    ids=["one-key", "shortest", "together", "nothing-differs", "too-long"],
)
def test_namesakes_are_told_apart(configs: list[dict[str, Any]], labels: list[str]) -> None:
    """By the config key that differs, else by a few together, else by id."""
    runs = [a_run(str(at), "base", config=config) for at, config in enumerate(configs)]
    assert labels_for(runs) == [label if "(" in label else f"base ({label})" for label in labels]


def test_labels_never_coincide() -> None:
    """Also where one run is named as another would be labelled."""
    runs = [a_run("a", "base", config={"lr": 1}), a_run("b", "base", config={"lr": 2}), a_run("c", "base (lr=1)")]
    assert labels_for(runs) == ["base (a)", "base (lr=2)", "base (lr=1) (c)"]

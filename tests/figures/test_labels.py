"""What tells compared runs apart: config differences, labels, groups."""

from typing import Any

import pytest

from wandb_plot.errors import UsageError
from wandb_plot.figures.labels import config_differences, group_runs, labels_for
from wandb_plot.model.run import Run


def run(run_id: str, name: str = "base", **fields: Any) -> Run:
    """A run of a project."""
    return Run(run_id, name, "acme", "vision", **fields)


def ids(groups: dict[str, list[Run]]) -> dict[str, list[str]]:
    """The run ids of each group."""
    return {label: [one.id for one in members] for label, members in groups.items()}


def test_differences_are_the_keys_that_differ() -> None:
    """Nested keys are joined with dots; equal ones, and 1 against 1.0, are left out; a missing key is None."""
    runs = [
        run("a", config={"lr": 0.1, "seed": 1, "optimizer": {"name": "adam", "beta": 0.9}, "layers": [1, 2]}),
        run("b", config={"lr": 0.2, "seed": 1.0, "optimizer": {"name": "adam", "beta": 0.8}, "layers": [1, 3]}),
        run("c", config={"lr": 0.1, "seed": 1, "optimizer": {"name": "adam"}, "layers": [1, 2], "extra": True}),
    ]
    assert list(config_differences(runs).items()) == [
        ("lr", [0.1, 0.2, 0.1]),
        ("optimizer.beta", [0.9, 0.8, None]),
        ("layers", [[1, 2], [1, 3], [1, 2]]),
        ("extra", [None, None, True]),
    ]
    assert config_differences(runs[:1]) == {}


def test_runs_of_different_names_are_called_by_them() -> None:
    """A name that only one run bears is its label."""
    assert labels_for([run("a", "base"), run("b", "wide")]) == ["base", "wide"]


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
    runs = [run(str(at), config=config) for at, config in enumerate(configs)]
    assert labels_for(runs) == [label if "(" in label else f"base ({label})" for label in labels]


def test_labels_never_coincide() -> None:
    """Also where one run is named as another would be labelled."""
    runs = [run("a", config={"lr": 1}), run("b", config={"lr": 2}), run("c", "base (lr=1)")]
    assert labels_for(runs) == ["base (a)", "base (lr=2)", "base (lr=1) (c)"]


def test_groups_come_in_natural_order() -> None:
    """Numbers by size, text as people sort it, and last the runs that say nothing."""
    runs = [run(str(at), config={"lr": lr} if lr else {}) for at, lr in enumerate([0.1, 1e-05, None, 0.1, 10, 2.0])]
    assert ids(group_runs(runs, "config.lr")) == {
        "config.lr=1e-05": ["1"],
        "config.lr=0.1": ["0", "3"],
        "config.lr=2": ["5"],
        "config.lr=10": ["4"],
        "config.lr=unset": ["2"],
    }
    named = [run("x", "net10"), run("y", "net9"), run("z", "nan")]
    assert list(group_runs(named, "name")) == ["name=nan", "name=net9", "name=net10"]


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("group", "group=g"),
        ("job_type", "job_type=train"),
        ("state", "state=finished"),
        ("config.optimizer.name", "config.optimizer.name=adam"),
        ("config.amp", "config.amp=false"),
    ],
)
def test_runs_are_grouped_by_what_they_say(key: str, label: str) -> None:
    """Fields of the run and config keys, nested ones with dots; false is a value like any other."""
    config = {"optimizer": {"name": "adam"}, "amp": False}
    one = run("a", group="g", job_type="train", state="finished", config=config)
    assert ids(group_runs([one], key)) == {label: ["a"]}


def test_a_run_is_in_the_group_of_each_of_its_tags() -> None:
    """Tags aren't exclusive, so groups by tag aren't either; `tags` is the same key."""
    runs = [run("a", tags=("x", "y")), run("b", tags=("y",)), run("c")]
    grouped = {"tag=x": ["a"], "tag=y": ["a", "b"], "tag=unset": ["c"]}
    assert ids(group_runs(runs, "tag")) == ids(group_runs(runs, "tags")) == grouped


def test_nobody_is_lost_to_a_value_called_unset() -> None:
    """A config that says `unset` joins those that say nothing."""
    runs = [run("a", config={"lr": "unset"}), run("b")]
    assert ids(group_runs(runs, "config.lr")) == {"config.lr=unset": ["a", "b"]}


@pytest.mark.parametrize(("key", "nearest"), [("config.learn_rate", "config.learning_rate"), ("grup", "group")])
def test_a_key_that_no_run_has_is_refused(key: str, nearest: str) -> None:
    """Bad usage, with the nearest key that would do."""
    with pytest.raises(UsageError) as refused:
        group_runs([run("a", config={"learning_rate": 0.1})], key)
    assert refused.value.candidates[0] == nearest
    assert key in refused.value.message

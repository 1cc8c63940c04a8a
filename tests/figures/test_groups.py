"""Groups of runs."""

import pytest

from tests.figures.runs import a_run
from wandb_plot.errors import UsageError
from wandb_plot.figures.groups import group_runs
from wandb_plot.model.run import Run


def ids(groups: dict[str, list[Run]]) -> dict[str, list[str]]:
    """The run ids of each group."""
    return {label: [one.id for one in members] for label, members in groups.items()}


def test_groups_come_in_natural_order() -> None:
    """Numbers by size, text as people sort it, and last the runs that say nothing."""
    runs = [a_run(str(at), config={"lr": lr} if lr else {}) for at, lr in enumerate([0.1, 1e-05, None, 0.1, 10, 2.0])]
    assert ids(group_runs(runs, "config.lr")) == {
        "config.lr=1e-05": ["1"],
        "config.lr=0.1": ["0", "3"],
        "config.lr=2": ["5"],
        "config.lr=10": ["4"],
        "config.lr=unset": ["2"],
    }
    named = [a_run("x", "net10"), a_run("y", "net9"), a_run("z", "nan")]
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
    one = a_run("a", group="g", job_type="train", state="finished", config=config)
    assert ids(group_runs([one], key)) == {label: ["a"]}


def test_a_run_is_in_the_group_of_each_of_its_tags() -> None:
    """Tags aren't exclusive, so groups by tag aren't either; `tags` is the same key."""
    runs = [a_run("a", tags=("x", "y")), a_run("b", tags=("y",)), a_run("c")]
    grouped = {"tag=x": ["a"], "tag=y": ["a", "b"], "tag=unset": ["c"]}
    assert ids(group_runs(runs, "tag")) == ids(group_runs(runs, "tags")) == grouped


@pytest.mark.parametrize(("key", "nearest"), [("config.learn_rate", "config.learning_rate"), ("grup", "group")])
def test_a_key_that_no_run_has_is_refused(key: str, nearest: str) -> None:
    """Bad usage, with the nearest key that would do."""
    with pytest.raises(UsageError) as refused:
        group_runs([a_run("a", config={"learning_rate": 0.1})], key)
    assert refused.value.candidates[0] == nearest
    assert key in refused.value.message


def test_nobody_is_lost_to_a_value_called_unset() -> None:
    """A config that says `unset` joins those that say nothing."""
    runs = [a_run("a", config={"lr": "unset"}), a_run("b")]
    assert ids(group_runs(runs, "config.lr")) == {"config.lr=unset": ["a", "b"]}

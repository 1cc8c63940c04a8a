"""Groups of runs."""

import pytest

from tests.figures.runs import a_run
from wandb_plot.errors import UsageError
from wandb_plot.figures.run_groups import group_keys, group_runs
from wandb_plot.model.run import Run


def grouped(runs: list[Run], text: str) -> dict[str, list[str]]:
    """The run ids of each group, by its label."""
    return {group.label: [run.id for run in group.runs] for group in group_runs(runs, group_keys(text, runs))}


def test_groups_come_in_natural_order() -> None:
    """Numbers by size, text as people sort it, and last the runs that say nothing."""
    runs = [a_run(str(at), config={"lr": lr} if lr else {}) for at, lr in enumerate([0.1, 1e-05, None, 0.1, 10, 2.0])]
    assert grouped(runs, "config.lr") == {
        "config.lr=1e-05": ["1"],
        "config.lr=0.1": ["0", "3"],
        "config.lr=2": ["5"],
        "config.lr=10": ["4"],
        "config.lr=unset": ["2"],
    }
    named = [a_run("x", "net10"), a_run("y", "net9"), a_run("z", "nan")]
    assert list(grouped(named, "name")) == ["name=nan", "name=net9", "name=net10"]


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
    assert grouped([one], key) == {label: ["a"]}


def test_a_run_is_in_the_group_of_each_of_its_tags() -> None:
    """Tags aren't exclusive, so groups by tag aren't either; `tags` is the same key."""
    runs = [a_run("a", tags=("x", "y")), a_run("b", tags=("y",)), a_run("c")]
    by_tag = {"tag=x": ["a"], "tag=y": ["a", "b"], "tag=unset": ["c"]}
    assert grouped(runs, "tag") == grouped(runs, "tags") == by_tag


@pytest.mark.parametrize(("key", "nearest"), [("config.learn_rate", "config.learning_rate"), ("grup", "group")])
def test_a_key_that_no_run_has_is_refused(key: str, nearest: str) -> None:
    """Bad usage, with the nearest key that would do."""
    with pytest.raises(UsageError) as refused:
        group_keys(key, [a_run("a", config={"learning_rate": 0.1})])
    assert refused.value.candidates[0] == nearest
    assert key in refused.value.message


def test_nobody_is_lost_to_a_value_called_unset() -> None:
    """A config that says `unset` joins those that say nothing."""
    runs = [a_run("a", config={"lr": "unset"}), a_run("b")]
    assert grouped(runs, "config.lr") == {"config.lr=unset": ["a", "b"]}


def test_several_keys_make_a_group_of_each_combination() -> None:
    """In natural order of the first key, then of the next; a legend calls them by their values."""
    runs = [a_run(f"{arch}{lr}", config={"arch": arch, "lr": lr}) for lr in (10, 2) for arch in ("vit", "cnn")]
    assert list(grouped(runs, "config.arch,config.lr")) == [
        "config.arch=cnn, config.lr=2",
        "config.arch=cnn, config.lr=10",
        "config.arch=vit, config.lr=2",
        "config.arch=vit, config.lr=10",
    ]
    assert group_runs(runs, ("config.arch", "config.lr"))[0].short == "cnn, 2"


def test_everything_that_varies_but_the_seed() -> None:
    """With ! the keys are all that differ between the runs but those named, and what is nested in them."""
    runs = [
        a_run(str(at), config={"lr": lr, "seed": {"data": at, "init": 2 * at}, "epochs": 9})
        for at, lr in enumerate((0.1, 0.1, 0.2))
    ]
    assert grouped(runs, "!config.seed") == {"config.lr=0.1": ["0", "1"], "config.lr=0.2": ["2"]}
    assert grouped(runs, "!config.seed,config.lr") == {"all runs": ["0", "1", "2"]}
    with pytest.raises(UsageError, match=r"config\.sed"):
        group_keys("!config.sed", runs)


def test_a_deeper_key_is_named() -> None:
    """Whoever leaves a part of a key out is told the whole one."""
    with pytest.raises(UsageError) as refused:
        group_keys("config.lr", [a_run("a", config={"optim": {"lr": 0.1}})])
    assert "config.optim.lr" in refused.value.hint
    with pytest.raises(UsageError) as bare:
        group_keys("arch", [a_run("a", config={"arch": "cnn"})])
    assert bare.value.candidates == ("config.arch",)


@pytest.mark.parametrize("text", ["", ",", "!", " "])
def test_no_key_is_wrong_usage(text: str) -> None:
    """As from an empty shell variable."""
    with pytest.raises(UsageError, match="names no key"):
        group_keys(text, [a_run("a")])

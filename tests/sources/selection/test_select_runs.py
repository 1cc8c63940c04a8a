"""RUNS: names and conditions to runs, on a study of 18 runs on disk."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.server import Contents, RunContents, TestServer
from tests.server.contents import BEGINNING
from tests.study import study_contents
from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.sources.open_project import open_source
from wandb_plot.sources.selection.select_runs import find_runs, select_run, select_runs
from wandb_plot.sources.source_protocol import Source


@pytest.fixture
def warnings() -> list[str]:
    """What the user is told."""
    return []


@pytest.fixture
def source(study: Path, warnings: list[str]) -> Source:
    """The study."""
    return open_source(str(study), warn=warnings.append, timeout=1)


@pytest.fixture
def chosen(source: Source, warnings: list[str]) -> object:
    """The ids of the runs that a choice gives."""

    def choose(names: str | None = None, **conditions: object) -> str:
        choice = RunChoice(names=names, **conditions)  # type: ignore[arg-type]
        return " ".join(run.id for run in select_runs(source, choice, warn=warnings.append))

    return choose


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        ("s03", "s03"),
        ("vit-low-1", "s14"),
        ("latest", "s18"),
        ("s02, vit-low-0 ,s02,latest", "s02 s13 s18"),
        ("vit-*", "s13 s14 s15 s16 s17 s18"),
        ("s0[1-3]", "s01 s02 s03"),
        ("*-high-0,*-low-0", "s04 s10 s16 s01 s07 s13"),
        ("s1[!0-6]", "s17 s18"),
        ("mlp-???-0", "s07"),
    ],
)
def test_names_come_in_the_order_named(chosen: object, names: str, ids: str) -> None:
    """Ids, display names, `latest` and globs, none twice; the runs of one glob oldest first."""
    assert chosen(names) == ids  # type: ignore[operator]


def test_all_are_all_oldest_first(chosen: object) -> None:
    """`all` needs no condition."""
    assert chosen("all") == " ".join(f"s{number:02d}" for number in range(1, 19))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({"states": ["crashed", "failed"]}, "s12 s18"),
        ({"tags": ["study", "vit"], "filters": ["config.optim.lr=0.1"]}, "s16 s17 s18"),
        ({"group": "mlp", "limit": 2}, "s11 s12"),
        ({"group": "mlp", "sort": "created_at", "limit": 2}, "s07 s08"),
        ({"names": "vit-*", "filters": ["config.seed=0"]}, "s13 s16"),
        ({"names": "vit-*", "limit": 2}, "s13 s14"),
        ({"names": "s02,s01,s03", "sort": "-config.seed"}, "s03 s02 s01"),
        ({"names": "latest", "states": ["failed"]}, "s18"),
        ({"filters": ["val/acc:max>0.9"]}, "s14 s15"),
        ({"filters": ["train/loss:nan>0"]}, "s05"),
        ({"filters": ["train/loss:first-above:50>=77"]}, "s15"),
        ({"names": "vit-*", "sort": "-val/acc:max", "limit": 3}, "s15 s14 s13"),
        ({"filters": ["val/acc:max<0.7", "config.arch=mlp", "state=finished"], "sort": "val/acc:max"}, "s10 s11"),
    ],
)
def test_conditions_choose_and_narrow(chosen: object, conditions: dict[str, object], ids: str) -> None:
    """Of all runs where none is named, else of the named; in the order of --sort, as named, or oldest first."""
    assert chosen(**conditions) == ids  # type: ignore[operator]


def test_a_run_without_the_number_is_told_of(chosen: object, warnings: list[str]) -> None:
    """It meets no condition on it, and comes last in its order."""
    assert chosen(filters=["train/loss:at:90<9"], names="s1[1-3]") == "s11 s12 s13"  # type: ignore[operator]
    assert warnings == []
    assert chosen(names="s1[4-6]", sort="train/loss:first-above:50") == "s15 s14 s16"  # type: ignore[operator]
    assert warnings == [
        "2 of 3 runs have no train/loss:first-above:50 (threshold not reached: s14, s16): last in the order"
    ]


@pytest.mark.parametrize(
    ("names", "nearest"),
    [
        ("vitt-*", "vit-"),  # a glob is like the beginnings of names
        ("mpl-low-[01]", "mlp-low-"),
        ("*vt-low-0", "vit-low-"),
        ("vit-low-9", "vit-low-2"),
        ("s1x", "s1"),  # and ids are named where they are nearer
    ],
)
def test_a_misspelt_name_or_glob_is_answered_with_the_nearest(
    source: Source, warnings: list[str], names: str, nearest: str
) -> None:
    """Each run once, by its name, as that is what globs are written over."""
    with pytest.raises(NotFoundError) as caught:
        select_runs(source, RunChoice(names=names), warn=warnings.append)
    assert caught.value.candidates[0].startswith(nearest)


def test_a_name_that_is_a_condition_is_told_to_be_one(source: Source, warnings: list[str]) -> None:
    """It goes to --filter; where no name is near, some are shown."""
    with pytest.raises(NotFoundError) as caught:
        select_runs(source, RunChoice(names="config.seed=1"), warn=warnings.append)
    assert "--filter 'config.seed=1'" in caught.value.hint
    assert "vit-high-2" in caught.value.candidates


def test_a_key_that_no_run_has_is_named_with_the_nearest(source: Source, warnings: list[str]) -> None:
    """It is an error where the answer is empty because of it, else a warning."""
    with pytest.raises(NotFoundError, match=r"no run has config.lr; did you mean config.optim.lr\?") as caught:
        find_runs(source, RunChoice(filters=["config.lr=0.1"]), warn=warnings.append)
    assert caught.value.candidates == ("config.optim.lr",)
    assert len(find_runs(source, RunChoice(filters=["config.lr!=0.1"]), warn=warnings.append)) == 18
    assert warnings == ["no run has config.lr; did you mean config.optim.lr?"]
    assert find_runs(source, RunChoice(filters=["config.seed=7"]), warn=warnings.append) == []
    with pytest.raises(NotFoundError, match="no run has a metric 'val/loss'"):
        find_runs(source, RunChoice(filters=["val/loss:min<1"]), warn=warnings.append)


def test_a_key_of_an_older_run_is_not_said_to_be_missing(monkeypatch: pytest.MonkeyPatch, wandb_plot: Command) -> None:
    """Only so many runs are looked at; before any key is said to be nowhere, all runs are asked for it."""
    runs = [RunContents("old", config={"lr": 0.1}), RunContents("new", created_at=BEGINNING + timedelta(1))]
    monkeypatch.setattr("wandb_plot.sources.selection.select_runs._LOOKED_AT", 1)
    with TestServer(Contents.of(*runs)) as server:
        found = wandb_plot("runs", "acme/vision", "--filter", "config.lr>1", "--json", env=server.env)
        assert (found.code, found.json()) == (0, [])
        lost = wandb_plot("runs", "acme/vision", "--filter", "config.rate>1", env=server.env)
        assert (lost.code, "no run has config.rate" in lost.stderr) == (3, True)


def test_what_names_no_run_is_refused(source: Source, warnings: list[str]) -> None:
    """With what could have been meant."""

    def refused(**choice: object) -> str:
        with pytest.raises((NotFoundError, UsageError)) as caught:
            select_runs(source, RunChoice(**choice), warn=warnings.append)  # type: ignore[arg-type]
        return f"{caught.value.exit_code} {caught.value.message}"

    assert refused() == "2 RUNS is missing, and there are several runs"
    assert refused(names="resnet-*") == "3 no run has the id or name 'resnet-*'"
    assert refused(names="s01,vitt-low-1") == "3 no run has the id or name 'vitt-low-1'"
    assert refused(states=["running"]) == "3 no run meets all the conditions"
    assert refused(filters=["stat=finished"]).startswith("2 filter 'stat=finished': stat is no key of runs")
    assert refused(filters=["train/loss:mim<3"]) == "2 there is no reduction 'mim'"
    with pytest.raises(UsageError, match=r"'vit-\*' names 6 runs, and one is wanted"):
        select_run(source, "vit-*")


def test_a_server_chooses_the_same_runs(wandb_plot: Command) -> None:
    """Filters and globs go to the server: of 18 runs it sends those that are wanted."""
    with TestServer(study_contents()) as server:

        def ids(*words: object) -> list[str]:
            done = wandb_plot("metrics", "acme/vision", *words, "--match", "val/acc", "--json", env=server.env)
            assert done.code == 0, done.stderr
            listed = done.json()
            assert isinstance(listed, list)
            return [row["run_id"] for row in listed]

        assert ids("*-high-[01]", "--tag", "vit") == ["s16", "s17"]
        assert ids("--group", "mlp", "--filter", "val/acc:max>0.7") == ["s07", "s08", "s09"]
        listed = wandb_plot("runs", "acme/vision/s07", "--fields", "id", "--json", env=server.env).json()
        assert listed == [{"id": "s07"}]
        lost = wandb_plot("metrics", "acme/vision", "--filter", "config.lr=0.1", "--json", env=server.env)
        assert (lost.code, lost.error()["candidates"]) == (3, ["config.optim.lr"])

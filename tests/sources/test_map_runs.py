"""Many runs, read by whoever reads them: the same bytes, the same words, and a worker that can't see them says so."""

import json
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.engines.work import look_or_die, reduce_or_die
from wandb_plot.engines.lazy_engine import EngineOptions
from wandb_plot.errors import MachineError
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.map_runs import map_runs
from wandb_plot.sources.open_project import open_source

GROUPS = ("--metrics", "train/loss", "--metrics", "best = cummax(val/acc)", "--group-by", "config.arch", "--band", "ci")


@pytest.mark.parametrize(
    "engines",
    [
        [["--workers", "2"]],
        pytest.param(
            [["--workers", "8"], ["--engine", "dask:local", "--workers", "2"], ["--engine", "dask:", "--workers", "8"]],
            marks=pytest.mark.long,
        ),
    ],
)
def test_any_number_of_workers_gives_the_same(
    wandb_plot: Command, study: Path, here: Path, engines: list[list[str]]
) -> None:
    """Figures, metadata.json and warnings, as one process makes them: with more of them, and with a Dask cluster."""
    (here / "wandb").symlink_to(study)
    made = []
    for number, engine in enumerate([["--workers", "1"], *engines]):
        done = wandb_plot("generate", "./wandb", "all", *GROUPS, "--output", f"out{number}", *engine)
        assert done.code == 0
        files = {path.name: path.read_bytes() for path in here.glob(f"out{number}/*")}
        assert sorted(files) == ["best.png", "metadata.json", "train_loss.png"]
        made.append((files, done.stderr))
    assert all(one == made[0] for one in made[1:])


def test_runs_whose_workers_die_are_named_and_the_rest_is_kept(
    wandb_plot: Command, study: Path, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 7 for the run that kills each worker; one that killed its worker once is read by another."""
    monkeypatch.setattr("wandb_plot.actions.read_runs._look", look_or_die)
    monkeypatch.setattr("wandb_plot.sources.reduced_runs._look", reduce_or_die)
    many = ("--limit", 5, "--sort", "created_at", "--workers", 2)
    drawn = wandb_plot("generate", study, "all", "--metrics", "train/loss", "--output", "out", *many)
    assert (drawn.code, drawn.stdout) == (7, "out/train_loss.png\n")
    assert "without 1 run: the process that worked on cnn-low-1 (s02) ended twice" in drawn.stderr
    entry = json.loads((here / "out" / "metadata.json").read_text())["files"]["train_loss.png"]
    assert [one["run_id"] for one in entry["series"]] == ["s01", "s03", "s04", "s05"]
    (here / "died-of-s03").unlink()
    table = wandb_plot("table", study, "all", "--metrics", "train/loss:min", *many, "--json")
    assert table.code == 7
    assert "1 of 5 runs has no train/loss:min (could not be read: s02)" in table.stderr
    assert table.error()["code"] == "partial"


def test_an_engine_may_come_from_the_environment(wandb_plot: Command, study: Path) -> None:
    """WANDB_PLOT_ENGINE is `--engine`; one that isn't there is a usage error that names those that are."""
    done = wandb_plot("check", study, "all", env={"WANDB_PLOT_ENGINE": "mpi"})
    assert done.code == 2
    assert "no engine is called 'mpi'; installed are: dask, processes" in done.stderr


def test_work_is_given_away_only_where_it_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few small logs are read here; many, or large ones, by as many processes as that is worth; the user decides."""
    monkeypatch.setattr("wandb_plot.engines.processes.available_cores", lambda: 8)
    assert EngineOptions().engine_for(100, 1 << 20) is None
    assert EngineOptions().engine_for(1, 1 << 40) is None
    assert EngineOptions().engine_for(600, 1 << 20) == ("processes", 2)
    assert EngineOptions().engine_for(5, 3 << 30) == ("processes", 5)
    assert EngineOptions().engine_for(100_000, 1 << 40) == ("processes", 8)
    monkeypatch.setattr("wandb_plot.engines.processes.available_cores", lambda: 1)
    assert EngineOptions().engine_for(100_000, 1 << 40) is None
    assert EngineOptions(workers=1).engine_for(100, 1 << 40) is None
    assert EngineOptions(workers=2).engine_for(2, 0) == ("processes", 2)
    assert EngineOptions("dask:local").engine_for(1, 0) == ("dask:local", None)


def test_a_folder_that_a_worker_cannot_see_is_named(study: Path, tmp_path: Path) -> None:
    """Exit 6, with the machine and the folder."""
    folder = tmp_path / "wandb"
    folder.symlink_to(study)
    with open_source(str(folder), warn=print, timeout=1, engine=EngineOptions(workers=2)) as source:
        runs = source.runs(RunQuery(limit=2))
        folder.unlink()
        with pytest.raises(MachineError, match=f"can't see the runs: there is no {folder}"):
            list(map_runs(source, runs, type(source).metric_types, warn=print))

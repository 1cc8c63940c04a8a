"""Many runs, read by whoever reads them: the same bytes, the same words, and a worker that can't see them says so."""

from pathlib import Path

import pytest

from tests.conftest import Command
from wandb_plot.engines.pool import EngineOptions
from wandb_plot.errors import MachineError
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources import open_source
from wandb_plot.sources.map_runs import map_runs, types_of

GROUPS = ("--metrics", "train/loss", "--metrics", "best = cummax(val/acc)", "--group-by", "config.arch", "--band", "ci")


def test_any_number_of_workers_gives_the_same(wandb_plot: Command, study: Path, here: Path) -> None:
    """Figures, metadata.json and warnings: with one process, with two, and with a Dask cluster."""
    pytest.importorskip("distributed")
    (here / "wandb").symlink_to(study)
    engines = (["--workers", "1"], ["--workers", "2"], ["--engine", "dask:local", "--workers", "1"])
    done = [wandb_plot("generate", "./wandb", "all", *GROUPS, "--output", "out", *engines[0])]
    made = {path.name: path.read_bytes() for path in here.glob("out/*")}
    assert sorted(made) == ["best.png", "metadata.json", "train_loss.png"]
    for number, engine in enumerate(engines[1:]):
        done.append(wandb_plot("generate", "./wandb", "all", *GROUPS, "--output", f"out{number}", *engine))
        assert {path.name: path.read_bytes() for path in here.glob(f"out{number}/*")} == made
    assert [one.code for one in done] == [0, 0, 0]
    assert len({one.stderr for one in done}) == 1


def test_an_engine_may_come_from_the_environment(wandb_plot: Command, study: Path) -> None:
    """WANDB_PLOT_ENGINE is `--engine`; one that isn't there is a usage error that names those that are."""
    done = wandb_plot("check", study, "all", env={"WANDB_PLOT_ENGINE": "mpi"})
    assert done.code == 2
    assert "no engine is called 'mpi'; installed are: dask, processes" in done.stderr


def test_work_is_given_away_only_where_it_is_worth_it() -> None:
    """Small logs are read here; large ones by processes; a word of the user's decides."""
    assert EngineOptions().engine_for(100, 1 << 20) is None
    assert EngineOptions(workers=1).engine_for(100, 1 << 40) is None
    assert EngineOptions(workers=2).engine_for(2, 0) == "processes"
    assert EngineOptions("dask:local").engine_for(1, 0) == "dask:local"


def test_a_folder_that_a_worker_cannot_see_is_named(study: Path, tmp_path: Path) -> None:
    """Exit 6, with the machine and the folder."""
    folder = tmp_path / "wandb"
    folder.symlink_to(study)
    with open_source(str(folder), warn=print, timeout=1, engine=EngineOptions(workers=2)) as source:
        runs = source.runs(RunQuery(limit=2))
        folder.unlink()
        with pytest.raises(MachineError, match=f"can't see the runs: there is no {folder}"):
            list(map_runs(source, runs, types_of, warn=print))

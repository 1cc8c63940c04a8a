"""Where runs are looked for below a folder."""

from pathlib import Path

import pytest

from tests.sources.log.log_writer import field, row, write_log
from wandb_plot.errors import NotFoundError
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.local import run_folders
from wandb_plot.sources.local.source import LocalSource


def record(folder: Path, run_id: str, *, started: str = "20260101_000000", value: float = 1) -> None:
    """A run of one row in a `wandb/` folder."""
    run_folder = folder / f"run-{started}-{run_id}"
    run_folder.mkdir(parents=True)
    write_log(run_folder / f"run-{run_id}.wandb", [field(17, field(1, run_id)), row(0, loss=value)])


def found(path: Path) -> list[str]:
    """The ids of the runs below a path, sorted."""
    return sorted(run.id for run in LocalSource(path, warn=print).runs(RunQuery()))


def test_the_jobs_of_a_sweep_are_found_below_their_folder(tmp_path: Path) -> None:
    """As Hydra lays them out, single runs and multiruns; each run says in which folder it lies."""
    record(tmp_path / "outputs" / "2026-01-01" / "10-00-00" / "wandb", "first")
    record(tmp_path / "outputs" / "2026-01-01" / "11-00-00" / ".wandb", "second")
    record(tmp_path / "multirun" / "2026-01-02" / "12-00-00" / "0" / "wandb", "third")
    assert found(tmp_path) == ["first", "second", "third"]
    assert found(tmp_path / "outputs") == ["first", "second"]
    source = LocalSource(tmp_path, warn=print)
    (run,) = source.find("third")
    assert run.segments == ("multirun/2026-01-02/12-00-00/0/wandb/run-20260101_000000-third",)
    assert source.history(run, ["loss"]).rows == 1


def test_one_id_in_several_jobs_is_several_runs(tmp_path: Path) -> None:
    """The job before the id tells them apart; they are not taken for segments of one run."""
    for value, job in enumerate(("a", "b")):
        record(tmp_path / "multirun" / job / "wandb", "same", value=value)
    record(tmp_path / "multirun" / "b" / "wandb", "other")
    assert found(tmp_path) == ["multirun/a/same", "multirun/b/same", "other"]
    source = LocalSource(tmp_path, warn=print)
    for value, job in enumerate(("a", "b")):
        (run,) = source.find(f"multirun/{job}/same")
        assert source.history(run, ["loss"]).columns["loss"].values.tolist() == [value]


def test_segments_of_one_job_stay_one_run(tmp_path: Path) -> None:
    """A run that was resumed in its own folder lies there twice."""
    for second in (0, 1):
        record(tmp_path / "job" / "wandb", "same", started=f"20260101_00000{second}")
    assert found(tmp_path) == ["same"]


def test_a_folder_with_runs_of_its_own_is_not_searched(tmp_path: Path) -> None:
    """What lies deeper is somebody else's."""
    record(tmp_path / "wandb", "own")
    record(tmp_path / "deeper" / "wandb", "deep")
    assert found(tmp_path) == ["own"]


def test_links_and_hidden_folders_are_not_gone_into(tmp_path: Path) -> None:
    """They lead in circles, or to what is no output of anybody's."""
    record(tmp_path / "a" / "wandb", "a")
    (tmp_path / "a" / "circle").symlink_to(tmp_path)
    record(tmp_path / ".cache" / "wandb", "hidden")
    assert found(tmp_path) == ["a"]


def test_the_search_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In depth, and in the number of folders, which is said."""
    record(tmp_path.joinpath(*"abcdefgh") / "wandb", "deep")
    with pytest.raises(NotFoundError, match="no runs lie in"):
        found(tmp_path)
    for number in range(6):
        record(tmp_path / f"job{number}" / "wandb", f"r{number}")
    monkeypatch.setattr(run_folders, "_MOST_FOLDERS", 4)
    warnings: list[str] = []
    source = LocalSource(tmp_path, warn=warnings.append)
    assert 0 < len(source.runs(RunQuery())) < 6
    assert "in 4 folders" in warnings[0]

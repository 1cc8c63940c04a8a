"""Run folders on disk: where they are looked for, and runs that lie in several."""

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sources.log.log_reader import same
from tests.sources.log.log_writer import row, write_log
from wandb_plot.errors import MachineError, NotFoundError, UsageError
from wandb_plot.model.history import History
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.local.source import LocalSource
from wandb_plot.sources.log.history_columns import read_history
from wandb_plot.sources.open_project import open_source
from wandb_plot.sources.selection.names_and_globs import name_runs
from wandb_plot.sources.selection.select_runs import select_run


@pytest.fixture
def warnings() -> list[str]:
    """What a source warned of."""
    return []


def opened(path: Path, warnings: list[str]) -> LocalSource:
    """The source of a path, through the door that commands use."""
    source = open_source(str(path), warn=warnings.append, timeout=1)
    assert isinstance(source, LocalSource)
    return source


def test_a_folder_a_run_folder_and_a_log_name_the_same_run(recorded: Path, warnings: list[str], tmp_path: Path) -> None:
    """So does the folder that holds wandb/, and the latest-run link."""
    folder = next(recorded.glob("*-empty003"))
    for path in (folder, next(folder.glob("*.wandb")), recorded / "latest-run"):
        assert [run.id for run in opened(path, warnings).runs(RunQuery())] == ["empty003"]
        assert select_run(opened(path, warnings), None).id == "empty003"
    baseline = opened(next(recorded.glob("*-base0001")), warnings)
    for name in ("baseline", "base0001", "latest", None):
        assert select_run(baseline, name).id == "base0001"
    with pytest.raises(UsageError, match="PROJECT is the run baseline"):
        select_run(baseline, "wider")
    alone = tmp_path / "wandb"
    alone.mkdir()
    shutil.copytree(next(recorded.glob("*-base0001")), alone / "offline-run-20260101_000000-base0001")
    for name in ("baseline", "base0001", "latest", None):
        assert select_run(opened(alone, warnings), name).id == "base0001"
    with pytest.raises(NotFoundError, match="no run has the id or name 'wider'"):
        select_run(opened(alone, warnings), "wider")
    assert len(opened(recorded.parent, warnings).runs(RunQuery())) == 3


def test_segments_whose_steps_go_on_are_joined(recorded: Path, warnings: list[str]) -> None:
    """One history of all points, and a word on which folders it is made of."""
    source = opened(recorded.parent / "segments" / "wandb", warnings)
    run = select_run(source, "goeson")
    assert len(run.segments) == 2
    assert run.last_step == 19
    loss = source.history(run, ["loss"]).columns["loss"]
    assert loss.steps.tolist() == list(range(20))
    np.testing.assert_array_equal(loss.values, 1 / np.arange(1, 21))
    assert any("joined from 2 folders" in warning and run.segments[0] in warning for warning in warnings)


def test_segments_that_start_again_are_not_joined(recorded: Path, warnings: list[str]) -> None:
    """The newest is read, and it is said which."""
    source = opened(recorded.parent / "segments" / "wandb", warnings)
    run = select_run(source, "restarts")
    assert len(run.segments) == 1
    assert source.history(run, ["loss"]).rows == 5
    assert any("overlap" in warning and run.segments[0] in warning for warning in warnings)


def test_several_runs_are_named_in_one_word(recorded: Path, warnings: list[str]) -> None:
    """Ids and names may be mixed, none comes twice, and order is kept."""
    source = opened(recorded, warnings)
    assert [run.id for run in name_runs(source, "wider, base0001,baseline,latest")] == [
        "other002",
        "base0001",
        "empty003",
    ]
    with pytest.raises(UsageError):
        name_runs(source, ",")
    with pytest.raises(UsageError, match="RUNS is missing"):
        name_runs(source, None)


def test_a_name_that_two_runs_bear_is_ambiguous(recorded: Path, warnings: list[str], tmp_path: Path) -> None:
    """Both are named by their ids."""
    folder = next(recorded.glob("*-base0001"))
    for run_id in ("aaaa", "bbbb"):
        copy = tmp_path / f"offline-run-20260101_000000-{run_id}"
        copy.mkdir()
        shutil.copy(next(folder.glob("*.wandb")), copy / f"run-{run_id}.wandb")
    with pytest.raises(NotFoundError, match="2 runs") as ambiguous:
        select_run(opened(tmp_path, warnings), "baseline")
    assert ambiguous.value.code == "run_ambiguous"
    assert set(ambiguous.value.candidates) == {"aaaa", "bbbb"}


def test_a_log_without_an_end_is_running_until_nobody_writes(
    recorded: Path, warnings: list[str], tmp_path: Path
) -> None:
    """As wandb-core has it: no exit record, and crashed after ten minutes of silence."""
    log = next(next(recorded.glob("*-base0001")).glob("*.wandb")).read_bytes()
    cut = tmp_path / "run-cut.wandb"
    cut.write_bytes(log[: len(log) // 2])
    assert select_run(opened(cut, warnings), None).state == "running"
    long_ago = time.time() - 601
    os.utime(cut, (long_ago, long_ago))
    run = select_run(opened(cut, warnings), None)
    assert run.state == "crashed"
    source = opened(cut, warnings)
    assert source.history(run, ["train/loss"]).columns["train/loss"].values[0] == 3.0
    assert (run.truncated, warnings) == (True, [])


def test_a_run_of_which_nothing_can_be_read(recorded: Path, warnings: list[str], tmp_path: Path) -> None:
    """A listing leaves it out and says so once; who names it learns that it is damaged, not that it is missing."""
    shutil.copytree(recorded, tmp_path / "wandb", symlinks=True)
    log = next(tmp_path.glob("wandb/*-other002/*.wandb"))
    log.write_bytes(b"")
    source = opened(tmp_path, warnings)
    assert {run.id for run in source.runs(RunQuery())} == {"base0001", "empty003"}
    assert len(warnings) == 1
    assert warnings[0].startswith(f"left out run other002: {log} is empty")
    with pytest.raises(MachineError, match="is empty") as unreadable:
        select_run(source, "other002")
    assert unreadable.value.code == "log_unreadable"


def test_a_segment_of_which_nothing_can_be_read(recorded: Path, warnings: list[str], tmp_path: Path) -> None:
    """The others are the run, its files included."""
    for folder in (recorded.parent / "segments" / "wandb").glob("*-goeson"):
        shutil.copytree(folder, tmp_path / folder.name)
    oldest = min(tmp_path.glob("*/*.wandb"))
    oldest.write_bytes(b"")
    (oldest.parent / "files").mkdir(exist_ok=True)
    (oldest.parent / "files" / "roc.png").touch()
    source = opened(tmp_path, warnings)
    run = select_run(source, "goeson")
    assert source.history(run, ["loss"]).columns["loss"].steps.tolist() == list(range(10, 20))
    assert "roc.png" not in {file.name for file in source.files(run)}
    assert len(warnings) == 1
    assert "left out a segment of run goeson" in warnings[0]


def test_a_misspelt_path_is_answered_with_paths(
    recorded: Path, warnings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is suggested for a relative path can be given as PROJECT: without its ./ it would name a project."""
    monkeypatch.chdir(recorded.parent)
    with pytest.raises(NotFoundError, match=r"there is no \./wandbb") as missing:
        open_source("./wandbb", warn=warnings.append, timeout=1)
    assert missing.value.candidates == ("./wandb",)


def test_a_home_that_nobody_has(warnings: list[str]) -> None:
    """A ~ that leads nowhere is a missing path like any other."""
    with pytest.raises(NotFoundError, match="~nobody-of-that-name/wandb") as missing:
        open_source("~nobody-of-that-name/wandb", warn=warnings.append, timeout=1)
    assert missing.value.code == "path_not_found"


def test_the_summary_of_a_large_log_is_what_its_tail_says(warnings: list[str], tmp_path: Path) -> None:
    """A value from the head may have changed in between, so it isn't told, unless a summary file tells it."""
    records = [row(step, loss=step, text="x" * 900) for step in range(4000)]
    folder = tmp_path / "run-20260101_000000-large"
    folder.mkdir()
    write_log(folder / "run-large.wandb", [row(0, once=1), *records])
    assert select_run(opened(folder, warnings), None).summary["loss"] == 3999
    assert "once" not in select_run(opened(folder, warnings), None).summary
    (folder / "files").mkdir()
    (folder / "files" / "wandb-summary.json").write_text('{"once": 1, "loss": 3, "_wandb": {}}')
    summary = select_run(opened(folder, warnings), None).summary
    assert (summary["once"], summary["loss"]) == (1, 3999)
    assert "_wandb" not in summary


def test_paths_that_hold_no_run(recorded: Path, warnings: list[str], tmp_path: Path) -> None:
    """Each says what is wrong and what to name instead."""
    with pytest.raises(NotFoundError, match="no runs lie in"):
        opened(tmp_path, warnings)
    with pytest.raises(NotFoundError, match="there is no"):
        opened(recorded / "nowhere", warnings)
    (tmp_path / "run-x.wandb").write_bytes(b"not a log at all")
    with pytest.raises(MachineError) as unreadable:
        select_run(opened(tmp_path, warnings), None)
    assert unreadable.value.code == "log_unreadable"


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ([0.5], ["n/a"], "mixed"),
        (["n/a"], [0.5], "mixed"),
        ([True], [1.5], "numeric"),
        ([1.5], [True], "numeric"),
        ([True], ["yes"], "string"),
        (["NaN"], ["text"], "string"),
        (["NaN"], [1], "numeric"),
        ([None], ["text"], "string"),
        ([{"_type": "image-file"}], ["text"], "string"),
    ],
    ids=str,
)
def test_a_joined_metric_has_the_type_that_one_log_would_give_it(
    warnings: list[str], tmp_path: Path, first: list[object], second: list[object], kind: str
) -> None:
    """Of two segments or of one log, in listing and history alike."""
    values = [*first, *second]
    for name, parts in (("apart", [(0, first), (len(first), second)]), ("whole", [(0, values)])):
        for start, logged in parts:
            folder = tmp_path / name / f"run-20260101_00000{start}-a"
            folder.mkdir(parents=True)
            write_log(folder / "run-a.wandb", [row(start + at, m=value) for at, value in enumerate(logged)])
        source = opened(tmp_path / name, warnings)
        run = select_run(source, None)
        column = source.history(run, ["m"]).columns["m"]
        assert (source.metric_types(run)["m"], column.type, len(run.segments)) == (kind, kind, len(parts))


def test_a_cut_run_says_so(warnings: list[str], tmp_path: Path) -> None:
    """Its log ends inside a record; one that ends where a record does is not called cut."""
    path = write_log(tmp_path / "run-a.wandb", [row(step, loss=step) for step in range(100)])
    assert not select_run(opened(path, warnings), None).truncated
    path.write_bytes(path.read_bytes()[:-3])
    run = select_run(opened(path, warnings), None)
    assert (run.truncated, run.last_step) == (True, 98)


def test_a_small_log_is_read_once_for_its_metrics_and_their_values(
    warnings: list[str], recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes of it is what reading it twice gives; another run is never taken for the one that was read."""
    source, twice = opened(recorded, warnings), opened(recorded, warnings)
    monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", 10**9)
    runs = source.runs(RunQuery())
    for run in runs:
        types = source.metric_types(run)
        for other in runs:
            names = ["train/loss", "unstable", "system.cpu", "nothing"]
            one, both = source.history(other, names), twice.history(other, names)
            assert (one.rows, one.system_rows, list(one.columns)) == (both.rows, both.system_rows, list(both.columns))
            assert all(same(column, both.columns[name]) for name, column in one.columns.items())
        monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", 0)
        assert twice.metric_types(run) == types
        monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", 10**9)


def test_a_large_log_is_read_once_for_its_metrics_and_the_numbers_that_are_chosen(
    warnings: list[str], recorded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a name alone doesn't tell to be chosen is read by itself."""
    monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", 0)
    read: list[Sequence[str] | None] = []

    def counted(logs: Sequence[Path], names: Sequence[str] | None, **options: Any) -> History:
        read.append(names)
        return read_history(logs, names, **options)

    monkeypatch.setattr("wandb_plot.sources.local.source.read_history", counted)
    source, twice = opened(recorded, warnings), opened(recorded, warnings)
    run = select_run(source, "base0001")
    wanted = ["train/loss", "unstable", "system.cpu"]
    logged = source.read(run, lambda types: [name for name in wanted if name in types] + ["nothing"], over="_runtime")
    assert (logged.types, sorted(logged.history.columns), read) == (twice.metric_types(run), sorted(wanted), [])
    apart = twice.history(run, wanted)
    assert all(same(column, apart.columns[name]) for name, column in logged.history.columns.items())
    read.clear()
    assert list(source.read(run, lambda _: ["train/loss", "_runtime"], over="_runtime").history.columns)
    assert not read
    logged = source.read(run, lambda types: wanted if len(types) > 1 else [])
    assert (sorted(logged.history.columns), read) == (sorted(wanted), [wanted])


def test_a_log_that_has_grown_large_is_read_anew(
    warnings: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read of it when it was small is forgotten once its metrics are looked up again."""
    log = tmp_path / "run-a.wandb"
    write_log(log, [row(step, m=step) for step in range(2)])
    source = opened(log, warnings)
    run = select_run(source, None)
    source.metric_types(run)
    write_log(log, [row(step, m=step) for step in range(3)])
    monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", 0)
    source.metric_types(run)
    assert len(source.history(run, ["m"])["m"].values) == 3

"""`history --output DIR`: whole histories, a Parquet file a run, which is a PROJECT of its own."""

import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import Command
from tests.sources.log.log_writer import field, row, write_log
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.open_project import open_source


def test_a_folder_is_the_project_it_was_written_from(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """Runs, types, and every number, NaN, system stream and counts included."""
    done = wandb_plot("history", recorded, "all", "--output", "kept")
    assert done.code == 0
    assert len(done.stdout.splitlines()) == 3
    with (
        open_source(str(recorded), warn=print, timeout=1) as logs,
        open_source(str(here / "kept"), warn=print, timeout=1) as kept,
    ):
        runs = logs.runs(RunQuery())
        assert kept.runs(RunQuery()) == runs
        for run in runs:
            assert kept.metric_types(run) == logs.metric_types(run)
            read, expected = kept.history(run, None), logs.history(run, None)
            assert (read.rows, read.system_rows, [*read.columns]) == (
                expected.rows,
                expected.system_rows,
                [*expected.columns],
            )
            for name, column in expected.columns.items():
                found = read.columns[name]
                assert (found.type, found.non_null, found.is_system) == (column.type, column.non_null, column.is_system)
                np.testing.assert_array_equal(found.steps, column.steps)
                np.testing.assert_array_equal(found.values, column.values)


@pytest.mark.parametrize("words", [("runs",), ("metrics", "baseline"), ("check", "all"), ("history", "wider")])
def test_every_command_reads_a_folder(wandb_plot: Command, recorded: Path, here: Path, words: tuple[str, ...]) -> None:
    """What a command says of it is what it says of the logs."""
    wandb_plot("history", recorded, "all", "--output", "kept")
    command, *rest = words
    assert wandb_plot(command, "./kept", *rest).stdout == wandb_plot(command, recorded, *rest).stdout
    (path,) = (path for path in here.glob("kept/*.parquet") if "baseline" in wandb_plot("runs", path).stdout)
    assert wandb_plot("metrics", path).stdout == wandb_plot("metrics", recorded, "baseline").stdout


def test_a_second_time_goes_on_where_the_first_was_cut(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """What is there stays, what is missing or damaged is written, and nothing else is left."""
    wandb_plot("history", recorded, "all", "--output", "kept")
    first, second, third = sorted(here.glob("kept/*.parquet"))
    before = {path: path.read_bytes() for path in (first, second, third)}
    first.unlink()
    second.write_bytes(before[second][:-20])
    document = wandb_plot("history", recorded, "all", "--output", "kept", "--json").json()
    assert isinstance(document, dict)
    assert {file["path"]: file["action"] for file in document["files"]} == {
        f"kept/{first.name}": "written",
        f"kept/{second.name}": "written",
        f"kept/{third.name}": "unchanged",
    }
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(path.name for path in here.glob("kept/*")) == sorted([*(path.name for path in before), "system"])


def test_shards_divide_the_runs(wandb_plot: Command, study: Path, here: Path) -> None:
    """Each run is in one of the parts, whichever job writes it."""
    for part in ("1/3", "2/3", "3/3"):
        assert wandb_plot("history", study, "all", "--output", part.replace("/", "-"), "--shard", part).code == 0
    written = [path.name for path in here.glob("*-3/*.parquet")]
    assert len(written) == len(set(written)) == 18


def write_runs(folder: Path, names: dict[str, str]) -> None:
    """Finished runs of one row, by id with their names."""
    for number, (run_id, name) in enumerate(names.items()):
        path = folder / f"offline-run-20260101_00000{number}-{run_id}" / f"run-{run_id}.wandb"
        path.parent.mkdir(parents=True, exist_ok=True)
        run = field(17, field(1, run_id.encode()) + field(8, name.encode()))
        write_log(path, [run, row(0, loss=number), field(18, field(1, 0))])


def test_each_run_has_a_file_of_its_own(wandb_plot: Command, here: Path) -> None:
    """Whatever its id and name: no two files differ only in case, and none is one of two runs."""
    names = {"b_c": "a", "c": "a_b", "AB": "x", "ab": "x", "a b": "x"}
    write_runs(here / "wandb", names)
    assert wandb_plot("history", "./wandb", "all", "--output", "kept").code == 0
    assert len({path.name.casefold() for path in here.glob("kept/*.parquet")}) == len(names)
    assert {run["id"] for run in wandb_plot("runs", "./kept", "--json").json()} == set(names)


def test_a_renamed_run_is_written_anew(wandb_plot: Command, here: Path) -> None:
    """Its file is replaced; of two files of one run, as when they were copied together, the newer one is read."""
    write_runs(here / "wandb", {"a": "old"})
    wandb_plot("history", "./wandb", "all", "--output", "kept")
    shutil.copy(here / "kept/a.parquet", here / "kept/z.parquet")
    os.utime(here / "kept/z.parquet", (0, 0))
    write_runs(here / "wandb", {"a": "new"})
    wandb_plot("history", "./wandb", "all", "--output", "kept")
    done = wandb_plot("runs", "./kept", "--json")
    assert [run["name"] for run in done.json()] == ["new"]
    assert "left out kept/z.parquet: a.parquet is newer, and of the same run" in done.stderr


def test_a_damaged_file_costs_its_run(wandb_plot: Command, here: Path) -> None:
    """The others are read, and stderr says which is missing; of damaged files alone nothing is read."""
    write_runs(here / "wandb", {"a": "a", "b": "b"})
    wandb_plot("history", "./wandb", "all", "--output", "kept")
    (here / "kept/a.parquet").write_bytes(b"PAR1")
    done = wandb_plot("runs", "./kept", "--json")
    assert [run["id"] for run in done.json()] == ["b"]
    assert "kept/a.parquet" in done.stderr
    (here / "kept/b.parquet").unlink()
    assert (done := wandb_plot("runs", "./kept", "--json")).code == 6
    assert "kept/a.parquet" in done.error()["message"]


def test_other_parquet_files_hide_no_runs(wandb_plot: Command, here: Path) -> None:
    """A folder of logs may hold a table of somebody else's."""
    write_runs(here, {"a": "a"})
    pq.write_table(pa.table({"a": [1, 2]}), here / "train.parquet")
    assert [run["id"] for run in wandb_plot("runs", "./", "--json").json()] == ["a"]


def test_workers_write_the_same_files(wandb_plot: Command, study: Path, here: Path) -> None:
    """Byte for byte; what the second command finds is left alone, whichever process looks."""
    for workers in ("1", "2"):
        assert wandb_plot("history", study, "all", "--output", f"by-{workers}", "--workers", workers).code == 0
    by_one, by_two = ({path.name: path.read_bytes() for path in here.glob(f"by-{n}/*.parquet")} for n in (1, 2))
    assert len(by_one) == 18
    assert by_two == by_one
    again = wandb_plot("history", study, "all", "--output", "by-1", "--workers", "2", "--json").json()
    assert isinstance(again, dict)
    assert {file["action"] for file in again["files"]} == {"unchanged"}


def test_damage_is_found_and_other_files_are_left_out(wandb_plot: Command, recorded: Path, here: Path) -> None:
    """A flipped bit in the numbers ends in exit 6, never in another number; a stranger's file isn't a run."""
    wandb_plot("history", recorded, "wider", "--output", "kept")
    (path,) = here.glob("kept/*.parquet")
    place = pq.read_metadata(path).row_group(0).column(5)
    content = bytearray(path.read_bytes())
    content[place.data_page_offset + place.total_compressed_size // 2] ^= 1
    path.write_bytes(content)
    done = wandb_plot("metrics", "./kept", "--json")
    assert (done.code, done.error()["code"]) == (6, "log_unreadable")
    pq.write_table(pa.table({"a": [1, 2]}), here / "kept/other.parquet")
    assert "left out kept/other.parquet" in wandb_plot("runs", "./kept").stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--output", "kept", "--metrics", "loss"), "a folder gets whole histories, without --metrics"),
        (("--output", "kept", "--shard", "4/3"), "is not INDEX/COUNT"),
        (("--shard", "1/3"), "--shard is for a folder of histories"),
    ],
)
def test_what_contradicts_a_folder_is_refused(
    wandb_plot: Command, recorded: Path, here: Path, words: tuple[str, ...], message: str
) -> None:
    """Nothing is read, and nothing is made."""
    done = wandb_plot("history", recorded, "baseline", *words)
    assert (done.code, message in done.stderr) == (2, True)
    assert not (here / "kept").exists()

"""The index of finished logs: it changes what a listing costs, and never what it says."""

import os
import sqlite3
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.sources.log.log_copies import lengthened, renamed
from tests.sources.log.log_writer import field, row, write_log
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Run
from wandb_plot.sources.local import described_runs
from wandb_plot.sources.local.run_index import RunIndex
from wandb_plot.sources.local.source import LocalSource

RECORDED = Path(__file__).parents[2] / "logs" / "0.31.0.wandb"
RUNS = 5


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A `wandb/` folder of finished runs that were written a day ago."""
    root = tmp_path / "wandb"
    for number in range(RUNS):
        folder = root / f"run-20260101_00000{number}-r{number}"
        folder.mkdir(parents=True)
        settled(renamed(RECORDED, folder / f"run-r{number}.wandb", f"r{number}"))
    return root


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the logs that were opened since the list was last cleared."""
    names: list[str] = []
    read_ends = described_runs.read_ends
    monkeypatch.setattr(described_runs, "read_ends", lambda path: (names.append(path.stem), read_ends(path))[1])
    return names


def settled(path: Path, *, ago: float = 86400) -> Path:
    """The file, as if it had been written some time ago."""
    os.utime(path, (time.time() - ago,) * 2)
    return path


def listed(root: Path, folder: Path) -> list[Run]:
    """All runs, with an index in `folder`."""
    return LocalSource(root, warn=print, index=RunIndex(folder)).runs(RunQuery())


@pytest.mark.parametrize("at_once", [500, 2])
def test_a_second_listing_opens_no_log_and_says_the_same(
    root: Path, tmp_path: Path, opened: list[str], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every attribute of every run, from a folder that is the user's own, however many are looked up in one query."""
    monkeypatch.setattr("wandb_plot.sources.local.run_index._PATHS_AT_ONCE", at_once)
    first = listed(root, tmp_path / "cache" / "runs")
    assert len(opened) == RUNS
    opened.clear()
    assert listed(root, tmp_path / "cache" / "runs") == first == LocalSource(root, warn=print).runs(RunQuery())
    assert len(opened) == RUNS, "only the source without an index"
    assert stat.S_IMODE((tmp_path / "cache" / "runs").stat().st_mode) == 0o700


def test_only_what_changed_is_opened_again(root: Path, tmp_path: Path, opened: list[str]) -> None:
    """A log that grew, one that was replaced at the same time, and a large one with a new summary file beside it."""
    grown, replaced, summed = (root / f"run-20260101_00000{n}-r{n}" / f"run-r{n}.wandb" for n in (0, 1, 2))
    settled(lengthened(summed, summed, 20))
    listed(root, tmp_path)
    opened.clear()
    grown.write_bytes(grown.read_bytes() + b"\0")
    times = replaced.stat()
    renamed(RECORDED, replaced.with_name("new"), "r1", name="other").replace(replaced)
    os.utime(replaced, ns=(times.st_atime_ns, times.st_mtime_ns))
    (summed.parent / "files").mkdir()
    (summed.parent / "files" / "wandb-summary.json").write_text("{}")
    assert {run.name for run in listed(root, tmp_path)} == {"small", "other"}
    assert sorted(opened) == ["run-r0", "run-r1", "run-r2"]


def test_unfinished_and_unsettled_logs_are_not_kept(root: Path, tmp_path: Path, opened: list[str]) -> None:
    """They may be written to at any time, and be as large and as old as before."""
    running = root / "run-20260101_000007-running"
    running.mkdir()
    settled(write_log(running / "run-running.wandb", [field(17, field(1, "running")), row(0, loss=1)]))
    settled(root / "run-20260101_000000-r0" / "run-r0.wandb", ago=0)
    listed(root, tmp_path)
    opened.clear()
    listed(root, tmp_path)
    assert sorted(opened) == ["run-r0", "run-running"]


@pytest.mark.parametrize("damage", ["text", "cut", "flipped", "folder", "row"])
def test_a_damaged_index_is_ignored(root: Path, tmp_path: Path, damage: str) -> None:
    """However it is damaged, a listing says what the logs say; and there is an index again afterwards."""
    expected = listed(root, tmp_path)
    (path,) = tmp_path.glob("*.sqlite")
    content = path.read_bytes()
    match damage:
        case "text":
            path.write_text("no database at all" * 1000)
        case "cut":
            path.write_bytes(content[: len(content) // 2])
        case "flipped":
            for at in range(len(content) // 4, len(content), 501):
                path.write_bytes(content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :])
                assert listed(root, tmp_path) == expected, at
        case "folder":
            path.unlink()
            path.mkdir()
        case "row":
            with sqlite3.connect(path) as connection:
                connection.execute("UPDATE logs SET said = replace(said, 'small', 'large')")
            connection.close()
    assert listed(root, tmp_path) == expected
    assert listed(root, tmp_path) == expected


def test_an_unwritable_folder_is_ignored(root: Path, tmp_path: Path) -> None:
    """As where the folder's name is that of a file."""
    (tmp_path / "file").touch()
    assert len(listed(root, tmp_path / "file")) == RUNS


def test_many_commands_at_once(root: Path, tmp_path: Path) -> None:
    """They write to one index, and all list the same."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: listed(root, tmp_path), range(16)))
    assert all(runs == found[0] for runs in found)
    assert len(RunIndex(tmp_path).load(LocalSource(root, warn=print)._segments["r0"])) == 1


def test_an_index_of_bounded_size(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept first makes room."""
    monkeypatch.setattr("wandb_plot.sources.local.run_index._MOST_LOGS", 2)
    listed(root, tmp_path)
    kept = RunIndex(tmp_path).load(
        [segment for segments in LocalSource(root, warn=print)._segments.values() for segment in segments]
    )
    assert len(kept) == 2


def test_only_the_runs_that_are_asked_for_are_opened(root: Path, opened: list[str]) -> None:
    """`latest`, the newest or oldest few, and runs named by id, also several with commas between."""
    newest = RunQuery(limit=2)
    assert [run.id for run in LocalSource(root, warn=print).runs(newest)] == ["r4", "r3"]
    assert sorted(opened) == ["run-r3", "run-r4"]
    opened.clear()
    assert [run.id for run in LocalSource(root, warn=print).runs(RunQuery(limit=1, descending=False))] == ["r0"]
    assert opened == ["run-r0"]
    opened.clear()
    assert {run.id for run in LocalSource(root, warn=print).find("r1,r2", "r1", "r2")} == {"r1", "r2"}
    assert sorted(opened) == ["run-r1", "run-r2"]
    opened.clear()
    assert len(LocalSource(root, warn=print).find("small")) == RUNS
    assert len(opened) == RUNS


def test_an_unreadable_run_makes_room_for_the_next(root: Path) -> None:
    """The newest that can be read are listed, and it is said which one can't."""
    (root / "run-20260101_000004-r4" / "run-r4.wandb").write_bytes(b"")
    warnings: list[str] = []
    source = LocalSource(root, warn=warnings.append)
    assert [run.id for run in source.runs(RunQuery(limit=2))] == ["r3", "r2"]
    assert [warning[:15] for warning in warnings] == ["left out run r4"]


def test_runs_that_began_in_one_second(tmp_path: Path) -> None:
    """Their folders don't tell which is the newest; their logs do."""
    for name, seconds in (("a", 30), ("b", 10), ("c", 20)):
        folder = tmp_path / f"run-20260101_000000-{name}"
        folder.mkdir()
        started = field(17, field(1, 1_700_000_000) + field(2, seconds * 10**6))
        write_log(folder / f"run-{name}.wandb", [field(17, field(1, name) + started), row(0, loss=1)])
    assert [run.id for run in LocalSource(tmp_path, warn=print).runs(RunQuery(limit=1))] == ["a"]

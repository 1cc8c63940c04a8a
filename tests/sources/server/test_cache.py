"""Histories that are kept: what is asked for again, and what not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.server import Contents, RunContents, TestServer
from tests.server.contents import BEGINNING
from tests.server.samples import axes, sample_contents, system_stream
from tests.sources.server.remote import Remote
from wandb_plot.model.history import History
from wandb_plot.sources.server.client.project import ServerProject

LISTING = ("Viewer", "Runs", "GetDefaultEntity")


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process with the real client for all tests of this module."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


def history(source: ServerProject, name: str, metrics: list[str] | None, samples: int | None = None) -> History:
    """The history of the run called so."""
    (run,) = source.find(name)
    return source.history(run, metrics, samples=samples)


def rows(start: int, stop: int, offset: float = 0.0) -> list[dict[str, Any]]:
    """Rows with a loss, of which no two runs have the same times."""
    return [axes(step) | {"_timestamp": step + offset, "loss": step + offset} for step in range(start, stop)]


def asked(server: TestServer) -> list[str]:
    """What was asked for since this was asked last, beside login and listing."""
    names = [request.operation for request in server.requests if request.operation not in LISTING]
    server.requests.clear()
    return names


def same(left: History, right: History) -> bool:
    """Whether two histories hold the same points."""
    return left.columns.keys() == right.columns.keys() and all(
        np.array_equal(column.steps, right.columns[name].steps)
        and np.array_equal(column.values, right.columns[name].values, equal_nan=True)
        and (column.type, column.non_null) == (right.columns[name].type, right.columns[name].non_null)
        for name, column in left.columns.items()
    )


@pytest.mark.parametrize("name", ["exported", "growing", "sparse", "diverged", "wide", "empty"])
def test_an_unchanged_run_is_not_asked_for_its_history_again(remote: Remote, name: str) -> None:
    """The second reading costs no request beside the listing, and gives the very same."""
    with TestServer(sample_contents()) as server:
        first = remote(server.env, history, name, None, cache=True)
        assert asked(server)
        again = remote(server.env, history, name, None, cache=True)
        assert asked(server) == []
        assert same(first, again)
        assert (first.rows, first.system_rows) == (again.rows, again.system_rows)


def test_an_unchanged_sample_is_not_drawn_again(remote: Remote) -> None:
    """Servers sample anew each time; one that was read once stays as it was."""
    with TestServer(sample_contents()) as server:
        first = remote(server.env, history, "exported", ["train.loss", "_runtime"], 100, cache=True)
        asked(server)
        again = remote(server.env, history, "exported", ["_runtime", "train.loss"], 100, cache=True)
        assert asked(server) == []
        assert same(first, again)
        assert first.sampled == again.sampled == {"train.loss", "_runtime"}


def test_a_run_that_has_grown_is_asked_for_what_is_new(remote: Remote) -> None:
    """Only rows from the last known one on are asked for, wherever the server keeps them by now."""
    run = RunContents("abc", state="running", rows=rows(0, 1_000), exports=[(0, 500)], events=system_stream(4))
    with TestServer(Contents.of(run)) as server:
        remote(server.env, history, "abc", ["loss"], cache=True)
        asked(server)
        run.rows += rows(1_000, 1_200)
        run.exports.append((500, 1_100))
        grown = remote(server.env, history, "abc", ["loss"], cache=True)
        (page,) = (request.variables for request in server.requests if request.operation == "HistoryPage")
        assert page["minStep"] == 999
        assert asked(server) == ["HistoryPage"]
        np.testing.assert_array_equal(grown.columns["loss"].values, np.arange(1_200))
        assert grown.rows == 1_200
        # What was read then is kept, too.
        run.state = "finished"
        remote(server.env, history, "abc", ["loss"], cache=True)
        assert asked(server) == ["HistoryPage"]
        remote(server.env, history, "abc", ["loss"], cache=True)
        assert asked(server) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"rows": rows(0, 60) + rows(60, 110, 0.5)}, "rewound, and logged anew past where it was"),
        ({"rows": rows(0, 60) + rows(60, 90, 0.5)}, "rewound, and not as far yet"),
        ({"rows": rows(0, 60) + rows(200, 260, 0.5)}, "rewound, and gone on at other steps"),
        ({"rows": rows(0, 100, 0.25), "created_at": BEGINNING + timedelta(1)}, "another run under the same id"),
    ],
)
def test_a_run_that_was_rewound_or_replaced_is_read_afresh(remote: Remote, change: dict[str, Any], why: str) -> None:
    """No row of what it was before remains."""
    contents = Contents.of(RunContents("abc", rows=rows(0, 100), exports=[(0, 50)]))
    project = contents.project("acme", "vision")
    with TestServer(contents) as server:
        before = remote(server.env, history, "abc", None, cache=True)
        project.runs["abc"] = replace(project.runs["abc"], **change, exports=[])
        after = remote(server.env, history, "abc", None, cache=True)
        assert not same(before, after), why
        assert same(after, remote(server.env, history, "abc", None)), why


def test_servers_projects_and_runs_are_kept_apart(remote: Remote) -> None:
    """The same names on another server are another run."""
    for offset in (0.0, 5.0):
        with TestServer(Contents.of(RunContents("abc", rows=rows(0, 10, offset)))) as server:
            read = remote(server.env, history, "abc", ["loss"], cache=True)
            assert read.columns["loss"].values[0] == offset


def test_without_the_cache_nothing_is_read_from_it_or_kept(tmp_path: Path) -> None:
    """`cache=False` asks the server each time, and leaves no file."""
    with TestServer(sample_contents()) as server, Remote(tmp_path) as remote:
        for _ in range(2):
            remote(server.env, history, "sparse", ["train.loss"])
            assert asked(server) == ["RunParquetHistory", "HistoryPage"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_cache_holds_no_secret_and_little_else_remains(tmp_path: Path) -> None:
    """Neither key nor signed address is in any file, and of the client's folders nothing is left."""
    with TestServer(sample_contents()) as server, Remote(tmp_path) as remote:
        remote(server.env, history, "growing", None, cache=True)
        kept = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert {path.suffix for path in kept} == {".arrow"}
        for path in kept:
            assert server.env["WANDB_API_KEY"].encode() not in path.read_bytes()
            assert b"Signature" not in path.read_bytes()


def test_an_unwritable_folder_is_no_obstacle(tmp_path: Path) -> None:
    """A file in place of the folder: nothing can be kept, and everything works."""
    (tmp_path / "cache").write_text("no folder")
    with TestServer(sample_contents()) as server, Remote(tmp_path) as remote:
        read = remote(server.env, history, "sparse", ["train.loss"], cache=True)
        assert remote.said() == ""
    assert len(read.columns["train.loss"].steps) == 300

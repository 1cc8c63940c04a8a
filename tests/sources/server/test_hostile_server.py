"""Servers that mean harm, or are badly broken: each command ends, takes no more than it should, and says why."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import private_environment, program
from tests.server import Contents, RunContents, TestServer
from tests.server.samples import axes
from tests.sources.server.processes import eventually, opened, processes_of
from tests.sources.server.remote import Remote, warnings
from wandb_plot.errors import ServerError
from wandb_plot.model.run import Project, RunFile
from wandb_plot.sources.server.client.project import ServerProject


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process with the real client."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home, with the folder for temporary files in it."""
    return tmp_path / "home"


def small_run() -> Contents:
    """A run with a few rows, all exported, and one file."""
    rows = [axes(step) | {"loss": 1.0} for step in range(10)]
    return Contents.of(RunContents("abc", rows=rows, exports=[(0, 10)], files={"a.png": bytes(100_000)}))


@pytest.mark.parametrize("operation", ["/files/*", "/storage/*"])
def test_no_more_is_taken_than_was_announced(home: Path, tmp_path: Path, operation: str) -> None:
    """A file or an export that never ends does, soon after the size that the server spoke of; nothing of it stays."""
    with TestServer(small_run()) as server, opened(server, home, timeout=30) as source:
        server.flood(operation, times=None)
        (run,) = source.find("abc")
        (file,) = source.files(run)
        with pytest.raises(ServerError, match=r"more than the \d+ bytes that it announced") as caught:
            source.fetch(run, file, tmp_path / "a.png") if "files" in operation else source.history(run, None)
    assert caught.value.code == "server"
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert eventually(lambda: processes_of(home) == {})


def test_a_byte_a_second_is_silence(home: Path, tmp_path: Path) -> None:
    """What would take a day is given up within the time limit."""
    with TestServer(small_run()) as server, opened(server, home, timeout=3) as source:
        server.trickle("/files/*", times=None)
        (run,) = source.find("abc")
        with pytest.raises(ServerError, match="gave nothing for 3 seconds") as caught:
            source.fetch(run, *source.files(run), tmp_path / "a.png")
    assert caught.value.code == "timeout"


_WITH_LITTLE_MEMORY = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (400 << 20, resource.RLIM_INFINITY))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_an_answer_that_unpacks_to_more_than_there_is_memory(home: Path) -> None:
    """The client has a limit, and the machine keeps the rest."""
    with TestServer(small_run()) as server:
        server.bomb("Runs", times=None)
        done = subprocess.run(
            [sys.executable, "-c", _WITH_LITTLE_MEMORY, program(), "runs", "acme/vision"],
            env=private_environment(home) | server.env,
            capture_output=True,
            check=False,
            timeout=60,
        )
    assert done.returncode in (5, 6)
    assert b"memory" in done.stderr, done.stderr
    assert eventually(lambda: processes_of(home) == {})


def files(project: ServerProject) -> tuple[list[RunFile], list[str]]:
    """The files of the run, and what was warned of."""
    (run,) = project.find("abc")
    return project.files(run), warnings()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("sizeBytes", True, "the size of b.png is True"),
        ("sizeBytes", -1, "the size of b.png is -1"),
        ("sizeBytes", {"bytes": 1}, "the size of b.png is {'bytes': 1}"),
        ("md5", 5, "the digest of b.png is 5"),
        ("name", 5, "the name of a file is 5"),
        ("name", None, "the name of a file is None"),
    ],
)
def test_a_file_of_which_no_sense_can_be_made_is_left_out(remote: Remote, field: str, value: Any, said: str) -> None:
    """The others are listed, and a warning says what is odd."""
    contents = Contents.of(RunContents("abc", files={"a.png": b"a", "b.png": b"b"}))

    def change(data: Any) -> Any:
        for edge in data["project"]["run"]["files"]["edges"]:
            if edge["node"]["name"] == "b.png":
                edge["node"][field] = value
        return data

    with TestServer(contents) as server:
        server.alter("RunFiles", change)
        listed, warned = remote(server.env, files)
    assert [file.name for file in listed] == ["a.png"]
    assert len(warned) == 1
    assert said in warned[0]


def projects(project: ServerProject, limit: int) -> tuple[list[Project], list[str]]:
    """The projects of the account, and what was warned of."""
    return project.projects(limit), warnings()


def test_a_project_from_no_time_is_left_out(remote: Remote) -> None:
    """The others are listed, and a warning says what is odd."""
    contents = Contents.of(RunContents("abc"))
    contents.project("acme", "odd")

    def change(data: Any) -> Any:
        for edge in data["models"]["edges"]:
            if edge["node"]["name"] == "odd":
                edge["node"]["createdAt"] = "yesterday"
        return data

    with TestServer(contents) as server:
        server.alter("GetProjects", change)
        listed, warned = remote(server.env, projects, 10, project=None)
    assert [project.name for project in listed] == ["vision"]
    assert warned == ["left out project odd: the server's answer is broken: a time is 'yesterday'"]


def test_few_projects_take_one_page(remote: Remote) -> None:
    """However many there are; that others weren't looked at is said."""
    contents = Contents()
    for number in range(250):
        contents.project("acme", f"project{number}")
    with TestServer(contents) as server:
        listed, warned = remote(server.env, projects, 5, project=None)
        assert (len(listed), server.count("GetProjects")) == (5, 1)
        assert warned == ["acme has more projects; these are the newest of 100 that the server named first"]
        listed, warned = remote(server.env, projects, 1_000, project=None)
        assert (len(listed), server.count("GetProjects"), warned) == (250, 4, [])

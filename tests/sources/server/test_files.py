"""Files of a run on a server: the very bytes, whatever happens on the way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.server import Contents, RunContents, TestServer
from tests.sources.server.remote import Remote
from wandb_plot.errors import NotFoundError, ServerError
from wandb_plot.model.run import RunFile
from wandb_plot.sources.server.client.project import ServerProject

CONTENT = bytes(range(256)) * 400
NAME = "media/images/train/roc_12_0123456789abcdef0123.png"


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process with the real client for all tests of this module."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


def contents(**files: bytes) -> Contents:
    """A run with these files, and one picture."""
    return Contents.of(RunContents("abc", files={NAME: CONTENT, **files}))


def fetched(source: ServerProject, name: str, target: Path, listing: bool = True) -> None:
    """Fetch one file, as it is listed or by its name alone."""
    (run,) = source.find("abc")
    files = source.files(run) if listing else [RunFile(name)]
    with TemporaryDirectory(dir=target.parent) as folder:
        source.fetch(run, next(file for file in files if file.name == name), Path(folder)).replace(target)


def fetched_together(source: ServerProject, folder: Path) -> list[bytes]:
    """Fetch all files at once, and read them."""
    (run,) = source.find("abc")
    files = source.files(run)
    folders = [folder / str(number) for number in range(len(files))]
    with ThreadPoolExecutor(8) as pool:
        fetched = list(pool.map(lambda file, folder: source.fetch(run, file, folder), files, folders))
    return [path.read_bytes() for path in fetched]


def test_a_file_arrives_as_it_is(remote: Remote, tmp_path: Path) -> None:
    """Its bytes, where they were asked for, and nothing beside them."""
    with TestServer(contents()) as server:
        remote(server.env, fetched, NAME, tmp_path / "roc.png")
        assert server.count("RunFiles") == server.count("/files") == 1
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("roc.png", CONTENT)]


@pytest.mark.parametrize("name", ["line\nbreak.png", "CON", "ünïcode/✓.png", "a b?c#d%20.png"])
def test_names_that_are_no_good_file_names(remote: Remote, tmp_path: Path, name: str) -> None:
    """What a file is called on the server has no say in where its bytes go."""
    with TestServer(contents(**{name: b"content"})) as server:
        remote(server.env, fetched, name, tmp_path / "x")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x", b"content")]


def test_a_name_that_leads_elsewhere_is_refused(remote: Remote, tmp_path: Path) -> None:
    """The client writes by the name; one that leaves the folder is an error, and nothing is written."""
    (tmp_path / "inner").mkdir()
    with TestServer(contents(**{"../../escape.png": b"content"})) as server, pytest.raises(ServerError):
        remote(server.env, fetched, "../../escape.png", tmp_path / "inner" / "x")
    assert [path.name for path in tmp_path.rglob("*")] == ["inner"]


@pytest.mark.parametrize("fault", ["cut", "garble"])
def test_what_arrives_broken_is_fetched_again(remote: Remote, tmp_path: Path, fault: str) -> None:
    """The client gives up on a body cut short, and doesn't look at the digest; here the fifth attempt still counts."""
    with TestServer(contents()) as server:
        getattr(server, fault)("/files/*", times=4)
        remote(server.env, fetched, NAME, tmp_path / "roc.png")
        assert server.count("/files") == 5
    assert (tmp_path / "roc.png").read_bytes() == CONTENT


@pytest.mark.parametrize("fault", ["cut", "garble"])
def test_what_never_arrives_whole_is_an_error(remote: Remote, tmp_path: Path, fault: str) -> None:
    """Rather nothing than the wrong bytes."""
    with TestServer(contents()) as server:
        getattr(server, fault)("/files/*", times=None)
        with pytest.raises(ServerError) as caught:
            remote(server.env, fetched, NAME, tmp_path / "roc.png")
    assert caught.value.code == "network"
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_expired_is_asked_for_again(remote: Remote, tmp_path: Path) -> None:
    """A file that may not be read any more may be under a new address."""
    with TestServer(contents()) as server:
        server.fail("/files/*", status=403)
        remote(server.env, fetched, NAME, tmp_path / "roc.png")
        assert server.count("RunFiles") == 2
    assert (tmp_path / "roc.png").read_bytes() == CONTENT


def test_storage_that_fails_for_a_moment_is_asked_again(remote: Remote, tmp_path: Path) -> None:
    """As the client does by itself, within bounds."""
    with TestServer(contents()) as server:
        server.fail("/files/*", status=503)
        remote(server.env, fetched, NAME, tmp_path / "roc.png")
    assert (tmp_path / "roc.png").read_bytes() == CONTENT


@pytest.mark.parametrize("listing", [True, False])
def test_a_file_that_is_gone_is_not_found(remote: Remote, tmp_path: Path, *, listing: bool) -> None:
    """Listed a moment ago or never: where the server has no bytes, it says so."""
    with TestServer(contents(**({"gone.png": b""} if listing else {}))) as server:
        server.fail("/files/*", status=404)
        with pytest.raises(NotFoundError, match=r"gone\.png") as caught:
            remote(server.env, fetched, "gone.png", tmp_path / "gone.png", listing)
    assert caught.value.code == "path_not_found"


def test_an_empty_file_is_a_file(remote: Remote, tmp_path: Path) -> None:
    """No bytes are bytes, too."""
    with TestServer(contents(empty=b"")) as server:
        remote(server.env, fetched, "empty", tmp_path / "empty")
    assert (tmp_path / "empty").read_bytes() == b""


def test_several_are_fetched_at_once(remote: Remote, tmp_path: Path) -> None:
    """From as many threads as one likes, none waiting for another's file."""
    with TestServer(contents(**{f"media/{number}.png": bytes([number]) for number in range(63)})) as server:
        server.latency = 0.05
        fetched = remote(server.env, fetched_together, tmp_path)
        assert server.most_at_once > 1
        assert server.count("/files") == 64
    assert sorted(fetched) == sorted([CONTENT, *(bytes([number]) for number in range(63))])

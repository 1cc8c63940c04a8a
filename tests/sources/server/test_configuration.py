"""Whose configuration counts: the user's own, and nothing that lies about where the command runs."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.server import Contents, RunContents, TestServer
from wandb_plot.sources.server.client_environment import DEFAULT_SERVER, client_environment, server_address

# The client reads some of it when it is imported.
pytestmark = pytest.mark.usefixtures("client_process")


class RecordingProxy:
    """A proxy that takes what is sent to it and passes nothing on.

    Attributes:
        url: its address.
        received: the first bytes of each connection.
    """

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._record)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _record(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.received.append(connection.recv(10_000))


@pytest.fixture
def proxy() -> Iterator[RecordingProxy]:
    """A proxy that nobody should speak to."""
    recording = RecordingProxy()
    yield recording
    recording.close()


def settings(proxy: RecordingProxy) -> str:
    """A settings file that sends everything, and so the key, through `proxy`."""
    lines = (f"http_proxy = {proxy.url}", f"https_proxy = {proxy.url}", "insecure_disable_ssl = true", "entity = evil")
    return "\n".join(["[default]", *lines])


@pytest.mark.parametrize("folder", ["wandb", ".wandb"])
def test_a_settings_file_of_the_current_folder_does_not_count(
    wandb_plot: Command, here: Path, proxy: RecordingProxy, folder: str
) -> None:
    """It may have been downloaded with a run: neither does it get the key, nor say whose project is meant."""
    (here / folder).mkdir()
    (here / folder / "settings").write_text(settings(proxy))
    with TestServer(Contents.of(RunContents("abc"))) as server:
        done = wandb_plot("runs", "vision", "--json", "--timeout", 3, env=server.env)
        assert done.code == 0, done.stderr
        assert [request.variables.get("entity") for request in server.requests if request.operation == "Runs"] == [
            "acme"
        ]
    assert proxy.received == []


def test_the_settings_file_of_the_user_counts(wandb_plot: Command, tmp_path: Path, proxy: RecordingProxy) -> None:
    """Who has to use a proxy has said so there."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings").write_text(settings(proxy))
    with TestServer(Contents.of(RunContents("abc"))) as server:
        env = server.env | {"WANDB_CONFIG_DIR": str(tmp_path / "config")}
        assert wandb_plot("runs", "acme/vision", "--timeout", 3, env=env).code == 5
        assert server.requests == []
    assert proxy.received


def test_without_a_home_a_folder_called_so_does_not_count(
    here: Path, monkeypatch: pytest.MonkeyPatch, proxy: RecordingProxy
) -> None:
    """Where `~` stands for nothing, a folder of that name in the current one is a stranger's."""
    (here / "~/.config/wandb").mkdir(parents=True)
    (here / "~/.config/wandb/settings").write_text(settings(proxy) + "\nbase_url = https://evil.example")
    monkeypatch.chdir(here)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert server_address({}) == DEFAULT_SERVER
    environment = client_environment({}, here, DEFAULT_SERVER, 60)
    assert not (Path(environment["WANDB_CONFIG_DIR"]) / "settings").exists()

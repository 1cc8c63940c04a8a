"""Who is let in by the test server, and what goes wrong when asked to."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.server import RunContents, TestServer
from tests.server.asking import fetch, post


@pytest.mark.parametrize("key", ["", "short"])
def test_no_key_no_answer(serve: Callable[..., TestServer], key: str) -> None:
    """Without a key as long as W&B's, nothing is answered."""
    status, answer = post(serve(), "{ viewer { id } }", key=key)
    assert (status, answer["errors"]) == (401, [{"message": "user is not logged in"}])


FILE = (
    '{ project(name: "vision", entityName: "acme") { run(name: "a") { files { edges { node { url directUrl } } } } } }'
)


def test_file_addresses(serve: Callable[..., TestServer]) -> None:
    """A file's address takes the key, its direct one the signature; either serves parts, also past the end."""
    server = serve(RunContents("a", files={"a b/ü?.bin": b"0123456789"}))
    edge = post(server, FILE)[1]["data"]["project"]["run"]["files"]["edges"][0]["node"]
    assert fetch(server, edge["url"])[0] == 401
    assert fetch(server, edge["url"], key="k" * 40) == (200, b"0123456789")
    assert fetch(server, edge["directUrl"]) == (200, b"0123456789")
    assert fetch(server, edge["directUrl"], Range="bytes=4-6") == (206, b"456")
    assert fetch(server, edge["directUrl"], Range="bytes=8-10") == (206, b"89")
    assert fetch(server, edge["directUrl"][:-1] + "?")[0] == 403


VIEWER = "query Viewer { viewer { entity } }"


def test_faults_strike_as_often_as_asked(serve: Callable[..., TestServer]) -> None:
    """A fault befalls what it matches, so many times, and then no more."""
    server = serve()
    server.fail("View*", times=2, status=429, retry_after=3)
    assert post(server, "query Other { viewer { entity } }")[0] == 200
    assert [post(server, VIEWER)[0] for _ in range(3)] == [429, 429, 200]
    assert server.count("Viewer") == 3


def test_broken_bodies(serve: Callable[..., TestServer]) -> None:
    """A cut body ends too early, a garbled one only differs, a refused request has none."""
    server = serve()
    for fault in (server.cut, server.garble, server.refuse):
        fault("Viewer")
    with pytest.raises(http.client.IncompleteRead):
        post(server, VIEWER)
    with pytest.raises(json.JSONDecodeError):
        post(server, VIEWER)
    with pytest.raises(http.client.RemoteDisconnected):
        post(server, VIEWER)


def test_latency(serve: Callable[..., TestServer]) -> None:
    """Every answer takes as much longer as asked."""
    server = serve()
    server.latency = 0.1
    before = time.monotonic()
    post(server, VIEWER)
    assert time.monotonic() - before >= 0.1


def test_a_closed_server_refuses_connections(serve: Callable[..., TestServer]) -> None:
    """Closing doesn't wait for requests that hang; afterwards nobody listens and the private folders are gone."""
    server = serve()
    server.hang("Viewer")
    with pytest.raises(TimeoutError):
        post_with_patience(server, 0.2)
    server.close()
    with pytest.raises(ConnectionRefusedError):
        post(server, VIEWER)
    assert not Path(server.env["WANDB_CACHE_DIR"]).exists()


def post_with_patience(server: TestServer, seconds: float) -> None:
    """Ask who the viewer is, and give up after `seconds`."""
    where = urlsplit(server.url)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=seconds)
    try:
        connection.request("POST", "/graphql", json.dumps({"query": VIEWER}))
        connection.getresponse()
    finally:
        connection.close()


def test_started_by_hand() -> None:
    """`python -m tests.server` says what to export, serves it, and ends with Ctrl-C."""
    command = [sys.executable, "-m", "tests.server"]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(8)]
        exports = dict(
            line.removeprefix("export ").strip().split("=", 1) for line in lines if line.startswith("export")
        )
        where = urlsplit(exports["WANDB_BASE_URL"])
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=5)
        connection.request("GET", "/nothing")
        assert connection.getresponse().status == 404
        connection.close()
        server.send_signal(2)
        assert server.wait(10) == 0

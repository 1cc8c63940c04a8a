"""A server for each test of the server."""

from collections.abc import Callable, Iterator

import pytest

from tests.server import Contents, RunContents, TestServer


@pytest.fixture
def serve() -> Iterator[Callable[..., TestServer]]:
    """Start a server that holds these runs, in acme/vision."""
    servers = []

    def start(*runs: RunContents) -> TestServer:
        servers.append(TestServer(Contents.of(*runs)))
        return servers[-1]

    yield start
    for server in servers:
        server.close()

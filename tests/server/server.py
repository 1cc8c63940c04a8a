"""The server as tests use it: contents in, an address and an environment out, faults, and what was asked."""

import base64
import binascii
import json
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.server.contents import Contents
from tests.server.faults import Fault, Faults
from tests.server.listener import Listener
from tests.server.resolvers import Root
from tests.server.storage import Storage

SHORTEST_KEY = 40


class Request(NamedTuple):
    """A request that came in.

    Attributes:
        operation: the name of the GraphQL operation, or the path of any other request, without its query.
        variables: of the operation; for a path its `method` and, where there is one, its `range`.
    """

    operation: str
    variables: Mapping[str, Any]


class TestServer:
    """A W&B server on a port of its own; a context manager.

    Attributes:
        url: what the client calls the base address.
        env: the variables that make the client use this server, with a key and private folders.
        contents: what it holds; may change at any time.
        latency: seconds that every answer takes longer.
        requests: what came in, in that order, faults included, telemetry not.
        most_at_once: the most requests that waited out the latency at the same time.
        keys: how many of them held credentials.
        telemetry: paths of what the client reported about itself.
        alterations: of answers, as `alter` adds them.
    """

    __test__ = False

    def __init__(self, contents: Contents, *, port: int = 0) -> None:
        self.contents = contents
        self.latency = 0.0
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._under_way = 0
        self._counting = threading.Lock()
        self.keys = 0
        self.telemetry: list[str] = []
        self.alterations: list[tuple[str, Callable[[Any], Any]]] = []
        self.faults = Faults()
        self.closing = threading.Event()
        self._http = Listener(self, port)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self.storage = Storage(contents, self.url)
        self.root = Root(contents, self.storage)
        self._folder = Path(tempfile.mkdtemp(prefix="wandb-server-"))
        self.env = self._environment()
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def _environment(self) -> dict[str, str]:
        folders = {}
        for name in ("DIR", "CACHE_DIR", "CONFIG_DIR", "DATA_DIR"):
            folder = self._folder / name.lower()
            folder.mkdir()
            folders[f"WANDB_{name}"] = str(folder)
        return folders | {
            "WANDB_BASE_URL": self.url,
            "WANDB_API_KEY": secrets.token_hex(SHORTEST_KEY // 2),
            "WANDB_ERROR_REPORTING": "false",
            "WANDB_SILENT": "true",
        }

    def public_root(self) -> Root | None:
        """What is answered without a key; None where there is nothing public, and a key is asked for."""
        seen = self.contents.seen_without_key()
        return Root(seen, self.storage) if any(seen.entities.values()) else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Answer nothing any more: from now on the port refuses connections."""
        if not self.closing.is_set():
            self.closing.set()
            self._http.shutdown()
            self._thread.join()
            self._http.server_close()
            self._discard_folder()

    def _discard_folder(self) -> None:
        # The client's service outlives it for a moment, and may still write here.
        for _ in range(20):
            shutil.rmtree(self._folder, ignore_errors=True)
            if not self._folder.exists():
                return
            time.sleep(0.05)

    def count(self, operation: str) -> int:
        """How many requests for `operation`, a name or the beginning of a path, came in."""
        return sum(
            name == operation or (operation.startswith("/") and name.startswith(operation))
            for name, _ in list(self.requests)
        )

    def fail(
        self,
        operation: str = "*",
        *,
        times: int | None = 1,
        status: int = 500,
        retry_after: float | None = None,
        message: str = "a fault was asked for",
    ) -> None:
        """Answer the next requests that match the glob `operation` with `status`; `times=None` for all of them."""
        self.faults.add(Fault("status", operation, times, status, retry_after, message))

    def cut(self, operation: str = "*", *, times: int | None = 1) -> None:
        """End the connection in the middle of the body."""
        self.faults.add(Fault("cut", operation, times))

    def garble(self, operation: str = "*", *, times: int | None = 1) -> None:
        """Answer with a body of the right length and wrong bytes."""
        self.faults.add(Fault("garble", operation, times))

    def hang(self, operation: str = "*", *, times: int | None = 1) -> None:
        """Take the request and say nothing."""
        self.faults.add(Fault("hang", operation, times))

    def refuse(self, operation: str = "*", *, times: int | None = 1) -> None:
        """Close the connection instead of answering. For a refused connection proper, `close()` the server."""
        self.faults.add(Fault("refuse", operation, times))

    def trickle(self, operation: str = "*", *, times: int | None = 1) -> None:
        """Send one byte a second."""
        self.faults.add(Fault("trickle", operation, times))

    def flood(self, operation: str = "*", *, times: int | None = 1) -> None:
        """Send bytes until the client hangs up."""
        self.faults.add(Fault("flood", operation, times))

    def bomb(self, operation: str = "*", *, times: int | None = 1) -> None:
        """Send a few MB that unpack to 64 GB, which nobody has announced."""
        self.faults.add(Fault("bomb", operation, times))

    def alter(self, operation: str, change: Callable[[Any], Any]) -> None:
        """Answer GraphQL operations that match the glob `operation` with what `change` makes of the right `data`."""
        self.alterations.append((operation, change))

    @staticmethod
    def accepts(authorization: str) -> bool:
        """Whether the header holds a key such as W&B hands out: any of 40 signs or more."""
        scheme, _, token = authorization.partition(" ")
        if scheme != "Basic":
            return False
        try:
            _, _, key = base64.b64decode(token).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return len(key) >= SHORTEST_KEY

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Count a request among those that wait for their answers."""
        with self._counting:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            yield
        finally:
            with self._counting:
                self._under_way -= 1

    def record(self, operation: str, variables: Mapping[str, Any]) -> None:
        """Remember a request."""
        self.requests.append(Request(operation, json.loads(json.dumps(variables))))

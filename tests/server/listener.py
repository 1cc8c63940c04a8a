"""The HTTP side: requests in, answers out, and in between the faults that were asked for."""

import gzip
import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fnmatch import fnmatchcase
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from tests.server.graphql_api import execute, operation_name
from tests.server.storage import FILES, STORAGE

if TYPE_CHECKING:
    from tests.server.faults import Fault
    from tests.server.server import TestServer

TELEMETRY = "/sdk/otel/"
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


class Reply(NamedTuple):
    """An answer before it is sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {"Content-Type": "application/json"}


def _reply(status: int, document: Mapping[str, Any]) -> Reply:
    return Reply(status, json.dumps(document, allow_nan=False).encode())


def _refusal(status: int, message: str) -> Reply:
    return _reply(status, {"errors": [{"message": message}], "data": None})


def _failure(fault: "Fault") -> Reply:
    reply = _refusal(fault.status, fault.message)
    if fault.retry_after is None:
        return reply
    return reply._replace(headers={**reply.headers, "Retry-After": f"{fault.retry_after:g}"})


def _part(content: bytes, asked: str | None) -> Reply:
    """All of `content`, or the part that a Range header asks for; its end, inclusive, may lie beyond the content."""
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
    if not asked:
        return Reply(HTTPStatus.OK, content, headers)
    match = _RANGE.fullmatch(asked)
    first = int(match[1]) if match else len(content)
    if first >= len(content):
        return Reply(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", {"Content-Range": f"bytes */{len(content)}"})
    last = min(int(match[2]) if match and match[2] else len(content), len(content) - 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return Reply(HTTPStatus.PARTIAL_CONTENT, content[first : last + 1], headers)


def _endless_body(kind: str, body: bytes) -> Iterator[bytes]:
    if kind == "trickle":
        yield from (body[at : at + 1] for at in range(len(body)))
    elif kind == "flood":
        yield from repeat(bytes(1 << 20))
    else:
        yield gzip.compress(b'{"data": {"project": "')
        yield from repeat(gzip.compress(b"a" * (1 << 26)), 1_000)


class Listener(ThreadingHTTPServer):
    """Listens on a port of 127.0.0.1, with a thread for each connection; closing it closes those too."""

    daemon_threads = False
    request_queue_size = 128

    def __init__(self, owner: "TestServer", port: int) -> None:
        self.owner = owner
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection for as long as it lasts."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that is over."""
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close every connection, also one that idles, and wait for their threads."""
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: sent apart, each answer waits for the client's delayed acknowledgement.
    wbufsize = -1
    server: Listener

    def handle(self) -> None:
        """Answer until the client hangs up, which it may do at any point."""
        with suppress(ConnectionError):
            super().handle()

    def finish(self) -> None:
        """Send what is left, to a client that may be gone."""
        with suppress(ConnectionError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Log nothing: addresses are signed, headers hold the key."""

    def do_POST(self) -> None:
        """A query, or what the client reports about itself."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path.startswith(TELEMETRY):
            self.server.owner.telemetry.append(path)
            self._send(_reply(HTTPStatus.OK, {}))
        elif path == "/graphql":
            self._query(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        else:
            self._answer(path, {"method": "POST"}, lambda: _refusal(HTTPStatus.NOT_FOUND, "no such address"))

    def do_GET(self) -> None:
        """A file, or a part of one."""
        path, asked = urlsplit(self.path).path, self.headers.get("Range")
        variables = {"method": self.command} | ({"range": asked} if asked else {})
        self._answer(path, variables, lambda: self._stored(path, asked))

    do_HEAD = do_GET  # noqa: N815 - the standard library's name

    def _query(self, body: bytes) -> None:
        request = json.loads(body)
        text, variables = request["query"], request.get("variables") or {}
        name = request.get("operationName") or operation_name(text)

        def make() -> Reply:
            owner = self.server.owner
            root = owner.root if self._logged_in() else owner.public_root()
            if root is None:
                return _refusal(HTTPStatus.UNAUTHORIZED, "user is not logged in")
            answer = execute(text, variables, root, owner.contents.missing_fields)
            body = answer.body
            for match, change in owner.alterations:
                if fnmatchcase(name, match) and "data" in body:
                    body = {"data": change(body["data"])}
            return _reply(answer.status, body)

        self._answer(name, variables, make)

    def _stored(self, path: str, asked: str | None) -> Reply:
        storage = self.server.owner.storage
        if path.startswith(STORAGE) and not storage.is_signed(self.path):
            return _refusal(HTTPStatus.FORBIDDEN, "the signature does not match")
        if path.startswith(FILES) and not (self._logged_in() or self.server.owner.public_root()):
            return _refusal(HTTPStatus.UNAUTHORIZED, "user is not logged in")
        content = storage.read(path)
        return _refusal(HTTPStatus.NOT_FOUND, "no such file") if content is None else _part(content, asked)

    def _logged_in(self) -> bool:
        return self.server.owner.accepts(self.headers.get("Authorization", ""))

    def _answer(self, operation: str, variables: Mapping[str, Any], make: Callable[[], Reply]) -> None:
        """Record the request, let a fault befall it, else send what `make` makes."""
        owner = self.server.owner
        owner.record(operation, variables)
        owner.keys += "Authorization" in self.headers
        fault = owner.faults.strike(operation)
        kind = fault.kind if fault else None
        with owner.under_way():
            owner.closing.wait(None if kind == "hang" else owner.latency)
        if owner.closing.is_set() or kind == "refuse":
            self.close_connection = True
        elif fault and kind == "status":
            self._send(_failure(fault))
        else:
            reply = make()
            if kind == "garble":
                reply = reply._replace(body=bytes(byte ^ 0x55 for byte in reply.body))
            if kind in ("trickle", "flood", "bomb"):
                self._send_endlessly(kind, reply)
            else:
                self._send(reply, cut=kind == "cut")

    def _send_endlessly(self, kind: str, reply: Reply) -> None:
        """Send the body a byte a second, or another one for as long as anybody listens."""
        self.close_connection = True
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if kind == "bomb":
            self.send_header("Content-Encoding", "gzip")
        if kind == "trickle":
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        with suppress(OSError):
            for part in _endless_body(kind, reply.body):
                self.wfile.write(part)
                self.wfile.flush()
                if self.server.owner.closing.wait(1 if kind == "trickle" else 0):
                    return

    def _send(self, reply: Reply, *, cut: bool = False) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if cut else reply.body)
        self.close_connection |= cut

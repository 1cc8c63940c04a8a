"""Questions to the test server by plain HTTP, for what the real client wouldn't ask."""

import base64
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from tests.server import TestServer


def post(server: TestServer, query: str, *, key: str = "k" * 40, **variables: Any) -> tuple[int, Any]:
    """The status and document that a query is answered with, by plain HTTP."""
    status, body = fetch(
        server,
        "/graphql",
        key=key,
        body=json.dumps({"query": query, "variables": variables}),
    )
    return status, json.loads(body)


def fetch(
    server: TestServer, address: str, *, key: str = "", body: str | None = None, **headers: str
) -> tuple[int, bytes]:
    """The status and body at `address`; POST where there is a `body`."""
    where = urlsplit(server.url)
    if key:
        headers["Authorization"] = "Basic " + base64.b64encode(f"api:{key}".encode()).decode()
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=5)
    try:
        connection.request("POST" if body else "GET", address.removeprefix(server.url), body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()

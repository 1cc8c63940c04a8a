"""Bytes behind addresses: a run's files for the account, and objects behind signed addresses for whoever has one."""

import base64
import hashlib
import hmac
import itertools
import secrets
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.server.contents import Contents, RunContents
from tests.server.exports import parquet

if TYPE_CHECKING:
    from collections.abc import Callable

FILES = "/files/"
STORAGE = "/storage/"


def md5(content: bytes) -> str:
    """The base64 of the digest, as W&B gives it."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


class Storage:
    """What the addresses in the server's answers lead to.

    Args:
        contents: what the server holds.
        base_url: what every address begins with.
    """

    def __init__(self, contents: Contents, base_url: str) -> None:
        self._contents = contents
        self._base_url = base_url
        self._secret = secrets.token_bytes()
        self._exports: dict[str, Callable[[], bytes]] = {}
        self._numbers = itertools.count(1)

    def _signature(self, path: str) -> str:
        return hmac.new(self._secret, path.encode(), hashlib.sha256).hexdigest()

    def _signed(self, path: str) -> str:
        return f"{self._base_url}{path}?X-Expires=3600&X-Signature={self._signature(path)}"

    def is_signed(self, address: str) -> bool:
        """Whether `address`, path and query, bears the signature of its path."""
        parts = urlsplit(address)
        given = parse_qs(parts.query).get("X-Signature", [""])[0]
        return hmac.compare_digest(given, self._signature(parts.path))

    def file_url(self, entity: str, project: str, run: RunContents, name: str) -> str:
        """The address of a file for those who are logged in."""
        return f"{self._base_url}{FILES}{quote(f'{entity}/{project}/{run.id}/{name}')}"

    def direct_file_url(self, entity: str, project: str, run: RunContents, name: str) -> str:
        """The signed address of a file."""
        return self._signed(f"{STORAGE}files/{quote(f'{entity}/{project}/{run.id}/{name}')}")

    def export_urls(self, entity: str, project: str, run: RunContents) -> list[str]:
        """Signed addresses of the exports as they are now, new ones each time, the last export first."""
        urls = []
        for first, end in run.exports:
            folder = f"{STORAGE}exports/{quote(f'{entity}/{project}/{run.id}')}"
            path = f"{folder}/{first}-{end}-{next(self._numbers)}.parquet"
            rows = run.rows[first:end]
            self._exports[path] = cache(lambda rows=rows: parquet(rows, run.export_style))
            urls.append(self._signed(path))
        for export in run.extra_exports:
            path = f"{STORAGE}exports/{quote(f'{entity}/{project}/{run.id}')}/extra-{next(self._numbers)}.parquet"
            self._exports[path] = lambda export=export: export
            urls.append(self._signed(path))
        return urls[::-1]

    def read(self, path: str) -> bytes | None:
        """The bytes at `path`, without host and query; None where there is nothing."""
        if path in self._exports:
            return self._exports[path]()
        for root in (FILES, f"{STORAGE}files/"):
            if path.startswith(root):
                return self._file(unquote(path.removeprefix(root)))
        return None

    def _file(self, path: str) -> bytes | None:
        entity, project, run_id, name = (*path.split("/", 3), "", "", "")[:4]
        run = self._contents.find(entity, project, run_id)
        return run.files.get(name) if run else None

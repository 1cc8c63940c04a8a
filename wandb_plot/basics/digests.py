"""Digests of files."""

import base64
import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """The SHA-256 digest of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def md5_of(path: Path) -> str:
    """The MD5 digest of a file, in base64, as W&B has it."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    return base64.b64encode(digest.digest()).decode()

"""What tells one stored file from another: where it lies, how large it is, and a digest of its bytes."""

import stat
from pathlib import Path
from typing import NamedTuple

from wandb_plot.basics.digests import sha256_of


class Stamp(NamedTuple):
    """What tells a file from another that takes its place, without reading either; it outlives a move."""

    inode: int
    bytes: int
    modified_ns: int


class Content(NamedTuple):
    """A file and the bytes it held."""

    stamp: Stamp
    sha256: str


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of the file `path`; None where there is no file: nothing, a folder, a link, a device."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


def content_of(path: Path) -> Content:
    """What the file `path` holds.

    Raises:
        OSError: there is no file, or it can't be read.
    """
    stamp = stamp_of(path)
    if stamp is None:
        raise FileNotFoundError(f"{path} is no file")
    return Content(stamp, sha256_of(path))


def same_bytes(path: Path, content: Content) -> Content | None:
    """The file `path` where it holds the bytes of `content`, else None."""
    stamp = stamp_of(path)
    if stamp is None or stamp.bytes != content.stamp.bytes:
        return None
    there = content_of(path)
    return there if there.sha256 == content.sha256 else None

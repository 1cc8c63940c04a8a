"""Open files that a stranger may have made: no device, no pipe, and no more bytes than allowed."""

import os
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

# Windows has neither.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


class NotRegularError(OSError):
    """It is no regular file, or a larger one than allowed."""


def open_regular(path: Path, *, follow_links: bool = True) -> BinaryIO:
    """Open a file to read, unbuffered.

    A pipe, which could be waited for forever, or a device, which may never end, is refused.

    Args:
        path: the file.
        follow_links: whether `path` itself may be a symbolic link.

    Raises:
        NotRegularError: it is a pipe, a device or a folder.
        OSError: it can't be opened.
    """
    flags = os.O_RDONLY | _NO_WAIT | _BINARY | (0 if follow_links else _NO_FOLLOW)
    descriptor = os.open(path, flags)
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegularError(None, "it is no regular file", str(path))
    return os.fdopen(descriptor, "rb", buffering=0)


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a file of at most `limit` bytes.

    Raises:
        FileNotFoundError: there is nothing.
        NotRegularError: it is a link, a pipe, a device or a folder, or larger.
        OSError: it can't be read.
    """
    if path.is_symlink():
        raise NotRegularError(None, "it is a link", str(path))
    with open_regular(path, follow_links=False) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limit:
            raise NotRegularError(None, f"it has more than {limit} bytes", str(path))
        return file.read(size)

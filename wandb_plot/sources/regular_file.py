"""Open files that a stranger may have put there."""

import os
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

# Windows has neither.
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def open_regular(path: Path, *, follow_links: bool = True) -> BinaryIO:
    """Open a file to read, unbuffered.

    A pipe, which could be waited for forever, or a device, which may never end, is refused.

    Args:
        path: the file.
        follow_links: whether `path` itself may be a symbolic link.

    Raises:
        OSError: it can't be opened, or is no regular file.
    """
    flags = os.O_RDONLY | _NO_WAIT | _BINARY | (0 if follow_links else _NO_FOLLOW)
    descriptor = os.open(path, flags)
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(None, "it is no regular file", str(path))
    return os.fdopen(descriptor, "rb", buffering=0)

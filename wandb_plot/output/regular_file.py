"""Reading files that anybody may have put into an output folder: no device, no pipe, no link, and no more than fits."""

import os
import stat
from pathlib import Path

# More than any document of ours: metadata.json says some kilobytes of a figure.
MAX_BYTES = 256 << 20


class NotRegularError(OSError):
    """There is something else than a file of bounded size."""


def read_regular(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file.

    Raises:
        FileNotFoundError: there is nothing.
        NotRegularError: it is a link, a folder, a pipe or a device, or larger than `limit`.
        OSError: it can't be read.
    """
    if not stat.S_ISREG(path.lstat().st_mode):
        raise NotRegularError(f"{path} is not a regular file")
    # Without O_NONBLOCK, opening a pipe that took the file's place just now would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    with open(descriptor, "rb") as stream:  # noqa: PTH123 -- a descriptor has no path
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
            raise NotRegularError(f"{path} is not a regular file of at most {limit} bytes")
        return stream.read(limit)

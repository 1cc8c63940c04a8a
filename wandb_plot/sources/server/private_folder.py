"""A folder of one process for files that nobody else may see or change; those of killed processes are removed."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from wandb_plot.basics.held_folders import lock_within, remove_unless_held

_PREFIX = "wandb-plot-client-"
_LOCK = "lock"
_MADE_WITHIN = 3_600


class PrivateFolder:
    """A folder below TMPDIR that only this user can read. It is locked for as long as its process lives.

    Attributes:
        path: the folder, absolute.
    """

    def __init__(self) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX)).absolute()
            self._lock = lock_within(self.path, _LOCK)
            with suppress(TimeoutError):
                self._lock.acquire(timeout=0)
                # Another command may have taken it for abandoned before it was locked.
                if (self.path / _LOCK).exists():
                    return
                self._lock.release()

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._lock.release()


def remove_abandoned() -> None:
    """Remove the private folders of this user's processes that were killed: nobody holds the locks of those."""
    for folder in _private_folders():
        remove_unless_held(folder, _LOCK)


def _private_folders() -> Iterator[Path]:
    """Those below TMPDIR that are locked or were once, or are old; not one that is just being made."""
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            with suppress(OSError):
                if not entry.name.startswith(_PREFIX) or not entry.is_dir(follow_symlinks=False):
                    continue
                status = entry.stat(follow_symlinks=False)
                is_mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
                is_old = status.st_mtime < time.time() - _MADE_WITHIN
                if is_mine and (is_old or Path(entry.path, _LOCK).is_file()):
                    yield Path(entry.path)

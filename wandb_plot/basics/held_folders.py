"""Folders that a process has for itself: it holds a lock in each, and who finds that nobody does may remove it."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock


def lock_within(folder: Path, name: str) -> "BaseFileLock":
    """The lock that a process holds for as long as it needs `folder`; the system lets go of it where it is killed."""
    from filelock import FileLock

    return FileLock(folder / name, thread_local=False)


def remove_unless_held(folder: Path, name: str) -> bool:
    """Remove a folder whose process has ended, and say whether it had.

    One that is held stays, as does one of another user, or in which a link stands for the lock: we make no such link.
    """
    if (folder / name).is_symlink():
        return False
    lock = lock_within(folder, name)
    try:
        lock.acquire(timeout=0)
    except OSError:  # filelock's Timeout is one
        return False
    # Held meanwhile, so that nobody enters a folder that is going.
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    return True

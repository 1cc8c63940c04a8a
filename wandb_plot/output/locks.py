"""The lock on an output folder, and the one that each command in it holds for as long as it lives."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from wandb_plot.errors import MachineError

if TYPE_CHECKING:
    from filelock import BaseFileLock

# What begins the names of all that commands put into the folder for themselves.
PREFIX = ".wandb-plot"
FOLDER_LOCK = f"{PREFIX}.lock"
# The lock is held for milliseconds; after so long, the command that holds it must have been stopped.
LOCK_SECONDS = 30

_ALIVE = "alive.lock"


def lock_folder(folder: Path) -> AbstractContextManager[object]:
    """Take the lock of an output folder, which is there; waits for another command that has it.

    Raises:
        MachineError: another command doesn't let go of it, or it is a link.
        OSError: it can't be made.
    """
    from filelock import FileLock, Timeout

    path = folder / FOLDER_LOCK
    if path.is_symlink():
        raise MachineError(
            f"{path} is a link, which no command makes",
            hint="remove it if you don't know it, or choose another folder with --output",
        )
    lock = FileLock(path, timeout=LOCK_SECONDS)
    try:
        return lock.acquire()
    except Timeout as timeout:
        raise MachineError(
            f"another command has kept {folder} locked for {LOCK_SECONDS} seconds",
            hint="let it end, or choose another folder with --output",
        ) from timeout


def lock_of_living(workspace: Path) -> "BaseFileLock":
    """The lock that a command takes in its own dot-folder; the system lets go of it where the command is killed."""
    from filelock import FileLock

    return FileLock(workspace / _ALIVE, thread_local=False)


def is_dead(workspace: Path) -> bool:
    """Whether the command that a dot-folder belongs to has ended."""
    from filelock import FileLock

    if (workspace / _ALIVE).is_symlink():
        return False
    try:
        with FileLock(workspace / _ALIVE, timeout=0):
            return True
    except OSError:
        # Held by its command (filelock's Timeout is an OSError), or another user's, and not ours to judge.
        return False

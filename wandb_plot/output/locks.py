"""The lock on an output folder, and the names of locks."""

from contextlib import AbstractContextManager
from pathlib import Path

from wandb_plot.errors import MachineError

# What begins the names of all that commands put into the folder for themselves.
PREFIX = ".wandb-plot"
FOLDER_LOCK = f"{PREFIX}.lock"
# The lock is held for milliseconds; after so long, the command that holds it must have been stopped.
LOCK_SECONDS = 30

# The lock that a command holds in its own dot-folder.
ALIVE = "alive.lock"


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

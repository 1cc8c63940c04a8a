"""What several commands that write to one folder at once need: a lock, claims on names, and private temporaries.

Each command has a dot-folder of its own in the output folder, and holds a lock in it for as long as it lives. Names are
given out under the folder's lock and noted there, so that no other command takes one before it is in metadata.json.
A dot-folder whose lock nobody holds was left by a command that was killed: its claims are void, and it is removed.
"""

import errno
import json
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wandb_plot.errors import MachineError
from wandb_plot.output.names import FileIdentity

if TYPE_CHECKING:
    from filelock import BaseFileLock

PREFIX = ".wandb-plot"
# The lock is held for milliseconds; who waits this long waits for a command that was stopped.
LOCK_SECONDS = 30

# Removing the temporaries is tried this often, and for long enough for a write to end.
_REMOVALS, _REMOVAL_SECONDS = 10, 0.05

_CLAIMS = "claims.json"
_ALIVE = "alive.lock"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def filesystem_errors(path: Path, only: Collection[int] = ()) -> Iterator[None]:
    """Turn each `OSError` within, or those with an `errno` in `only`, into a `MachineError` about `path`."""
    try:
        yield
    except OSError as error:
        if only and error.errno not in only:
            raise
        full = error.errno in _FULL
        raise MachineError(
            f"can't write to {path}: {error.strerror or error}",
            hint="free some space, or choose another folder with --output"
            if full
            else "choose a folder that can be written with --output",
        ) from error


@contextmanager
def full_disk_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` within that speaks of a full disk into a `MachineError` about `path`; let others pass."""
    with filesystem_errors(path, only=_FULL):
        yield


class Workspace:
    """The dot-folder of one command within an output folder; both are made when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / f"{PREFIX}-{secrets.token_hex(4)}"
        self._alive: BaseFileLock | None = None
        self._opening = threading.Lock()
        self._closed = False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other command from giving out names in the folder, and from writing its metadata.json.

        Raises:
            MachineError: the folder can't be written, or another command doesn't let go of it.
        """
        with filesystem_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._acquired():
                self._open()
                yield

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """An empty folder on the same file system, gone afterwards; safe to use from several threads."""
        with self._opening:
            if self._closed:
                raise MachineError(f"{self._folder} is no longer written to: the command is ending")
            if self._alive is None:
                with self.locked():
                    pass
        with filesystem_errors(self._folder):
            path = Path(tempfile.mkdtemp(dir=self._path))
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def claim(self, names: Mapping[str, FileIdentity]) -> None:
        """Note that `names` are this command's; only under the lock. Each call replaces what the last one noted."""
        claims = [[name, owner.kind, owner.full_name, owner.runs] for name, owner in names.items()]
        with filesystem_errors(self._folder):
            (self._path / _CLAIMS).write_text(json.dumps(claims))

    def claims_of_others(self) -> dict[str, FileIdentity]:
        """The names that living commands have claimed; only under the lock. What dead ones left is removed."""
        claims = {}
        for path in sorted(self._folder.glob(f"{PREFIX}-*/")):
            if path == self._path:
                continue
            if _is_dead(path):
                shutil.rmtree(path, ignore_errors=True)
                continue
            # None yet, or cut short by a full disk: then that command fails too.
            with suppress(FileNotFoundError, ValueError):
                for name, kind, full_name, runs in json.loads((path / _CLAIMS).read_bytes()):
                    claims[name] = FileIdentity(kind, full_name, tuple(runs))
        return claims

    def close(self) -> None:
        """Write no more: what threads of an interrupted command still try is refused."""
        with self._opening:
            self._closed = True
        self.release()

    def release(self) -> None:
        """Give up all claims, and remove what is left of the temporaries; what is written next opens anew."""
        if self._alive is not None:
            self._alive.release()
            self._alive = None
            # A thread of an interrupted command may still put a file there, as its last deed.
            for _ in range(_REMOVALS):
                shutil.rmtree(self._path, ignore_errors=True)
                if not self._path.exists():
                    break
                time.sleep(_REMOVAL_SECONDS)

    def _acquired(self) -> AbstractContextManager[object]:
        from filelock import FileLock, Timeout

        lock = FileLock(self._folder / f"{PREFIX}.lock", timeout=LOCK_SECONDS)
        try:
            return lock.acquire()
        except Timeout as timeout:
            raise MachineError(
                f"another command has kept {self._folder} locked for {LOCK_SECONDS} seconds",
                hint="let it end, or choose another folder with --output",
            ) from timeout

    def _open(self) -> None:
        # Under the folder's lock, so that nobody sees the dot-folder before it is locked, and takes it for a dead one.
        if self._alive is None:
            from filelock import FileLock

            self._path.mkdir(exist_ok=True)
            self._alive = FileLock(self._path / _ALIVE, thread_local=False)
            self._alive.acquire()


def _is_dead(path: Path) -> bool:
    from filelock import FileLock

    try:
        with FileLock(path / _ALIVE, timeout=0):
            return True
    except OSError:
        # Held by its command (filelock's Timeout is an OSError), or another user's, and not ours to judge.
        return False

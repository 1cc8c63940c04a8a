"""What a command has for itself in a folder that others write to as well: claims on names, and temporaries.

Each command has a dot-folder of its own in the output folder, and holds a lock in it for as long as it lives. Names are
given out under the folder's lock and noted there, so that no other command takes one before it is in metadata.json.
A dot-folder whose lock nobody holds was left by a command that was killed: its claims are void, and it is removed.
The last command to leave removes the lock, and the folder too where it made that and put nothing there.
"""

import json
import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import astuple
from pathlib import Path
from typing import TYPE_CHECKING

from wandb_plot.basics.held_folders import lock_within, remove_unless_held
from wandb_plot.basics.untrusted_files import NotRegularError, read_regular
from wandb_plot.errors import MachineError
from wandb_plot.output.file_names import FileIdentity
from wandb_plot.output.locks import ALIVE, FOLDER_LOCK, PREFIX, lock_folder
from wandb_plot.output.write_errors import filesystem_errors

if TYPE_CHECKING:
    from filelock import BaseFileLock

# Making a folder that others remove is tried this often.
_ATTEMPTS = 5

# Removing the temporaries is tried this often, and for long enough for a write to end.
_REMOVALS, _REMOVAL_SECONDS = 60, 0.05

_CLAIMS = "claims.json"
_MAX_CLAIMS = 64 << 20  # bytes; a command claims some hundred names


class Workspace:
    """The dot-folder of one command within an output folder; both are made when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Path] = []
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
        with filesystem_errors(self._folder), self._entered():
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
        claims = [[name, *astuple(owner)] for name, owner in names.items()]
        with filesystem_errors(self._folder):
            (self._path / _CLAIMS).write_text(json.dumps(claims))

    def claims_of_others(self) -> dict[str, FileIdentity]:
        """The names that living commands have claimed; only under the lock. What dead ones left is removed."""
        claims = {}
        for path in self._others():
            if remove_unless_held(path, ALIVE):
                continue
            # None yet, or cut short by a full disk: then that command fails too.
            with suppress(FileNotFoundError, NotRegularError, ValueError, TypeError):
                for name, kind, full_name, runs, options in json.loads(read_regular(path / _CLAIMS, _MAX_CLAIMS)):
                    claims[name] = FileIdentity(kind, full_name, tuple(runs), tuple(options))
        return claims

    def close(self) -> None:
        """Write no more: what threads of an interrupted command still try is refused."""
        with self._opening:
            self._closed = True
        self.release()
        with suppress(MachineError, OSError):
            self._tidy()

    def release(self) -> None:
        """Give up all claims, and remove what is left of the temporaries; what is written next opens anew."""
        if self._alive is not None:
            self._alive.release()
            self._alive = None
            # A thread of an interrupted command may still write a last file there.
            for _ in range(_REMOVALS):
                shutil.rmtree(self._path, ignore_errors=True)
                if not self._path.exists():
                    break
                time.sleep(_REMOVAL_SECONDS)

    def _entered(self) -> AbstractContextManager[object]:
        """Make the folder where it isn't there, and take its lock."""
        for _ in range(_ATTEMPTS):
            # A command that made the folder, and has nothing to leave in it, may remove it at this very moment.
            with suppress(FileNotFoundError):
                if not self._folder.is_dir():
                    self._made = [path for path in (self._folder, *self._folder.parents) if not path.exists()]
                    self._folder.mkdir(parents=True, exist_ok=True)
                return lock_folder(self._folder)
        raise MachineError(f"{self._folder} is removed again and again", hint="choose another folder with --output")

    def _tidy(self) -> None:
        """Remove the lock where no other command is here, and the folders that this one made where they are empty."""
        if not (self._folder / FOLDER_LOCK).exists():
            return
        with lock_folder(self._folder):
            if not any(True for _ in self._others()):
                # A command that waits for this lock file finds it gone, and makes a new one.
                (self._folder / FOLDER_LOCK).unlink()
        for path in self._made:
            path.rmdir()

    def _others(self) -> list[Path]:
        found = sorted(self._folder.glob(f"{PREFIX}-*/"))
        return [path for path in found if path.name != self._path.name and not path.is_symlink()]

    def _open(self) -> None:
        # Under the folder's lock, so that no other command finds the dot-folder unlocked and removes it.
        if self._alive is None:
            self._path.mkdir(exist_ok=True)
            self._alive = lock_within(self._path, ALIVE)
            self._alive.acquire()

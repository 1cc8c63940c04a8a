"""The output folder: files move in whole, under names that nobody else has, and metadata.json says what they show."""

import base64
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self, cast

from wandb_plot.errors import MachineError
from wandb_plot.model.documents import FileEntry
from wandb_plot.model.run import Run
from wandb_plot.output.metadata import Metadata, Subject
from wandb_plot.output.names import (
    METADATA,
    FileIdentity,
    assign_names,
    collision_key,
    full_name,
    output_folder,
    safe_name,
)
from wandb_plot.output.workspace import Workspace, filesystem_errors, full_disk_errors

__all__ = ["OutputFolder", "full_name", "md5_of", "output_folder", "safe_name", "sha256_of"]

Kind = Literal["plot", "download"]
Action = Literal["written", "unchanged"]


class OutputFolder:
    """The folder that a command writes to; any number of commands may write to one at once.

    A context manager: leaving it gives up the claimed names that `commit` didn't list, and removes all temporaries.
    `place` may be called from several threads.

    Args:
        path: need not be there; made when the first name is claimed.
        entity: owner of the project; None where it isn't known.
        project: its name; None where it isn't known.
        runs: those that every file of this command shows.
        warn: called with a line for the user.
    """

    def __init__(
        self,
        path: Path,
        *,
        entity: str | None,
        project: str | None,
        runs: Sequence[Run],
        warn: Callable[[str], None],
    ) -> None:
        self.path = path
        self._subject = Subject(entity, project, runs)
        self._warn = warn
        self._workspace = Workspace(path)
        self._claims: dict[str, FileIdentity] = {}
        self._taken: set[str] = set()
        self._placed: dict[str, _Content] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._workspace.close()

    def assign(self, wanted: Mapping[str, str], kind: Kind, *, claim: bool = True) -> dict[str, str]:
        """Find the names that files of this command are to have.

        Args:
            wanted: by the full name of a metric or logged file (`full_name` of several metrics), the name its file
                would like: relative, with `/` between parts.
            kind: of all these files.
            claim: keep other commands that write to the folder now from taking them. False for a dry run: nothing is
                written then.

        Returns:
            By full name, the file name: safe, and equal to no other even but for case. What metadata.json lists
            keeps its name.

        Raises:
            MachineError: the folder can't be read, or written.
        """
        runs = self._subject.run_paths
        identities = {FileIdentity(kind, name, runs): liked for name, liked in wanted.items()}
        if claim:
            with self._workspace.locked():
                names = self._assign(identities, self._workspace.claims_of_others())
                self._claims |= {name: identity for identity, name in names.items()}
                self._workspace.claim(self._claims)
        else:
            names = self._assign(identities, {})
        return {identity.full_name: name for identity, name in names.items()}

    def place(self, name: str, produce: Callable[[Path], None]) -> Action:
        """Make a file and move it into place, unless the same bytes are there already.

        Args:
            name: from `assign`, or one that no file of a run can have, such as `index.html`.
            produce: writes the file to the path it is given, which lies elsewhere but ends in the same name. Other
                files that it leaves beside it are moved along, but for those that begin with a dot.

        Raises:
            MachineError: the folder can't be written, or `produce` wrote nothing, or what it left beside can't have
                its name here. What `produce` itself raises passes through, but for a full disk.
        """
        target = self.path / name
        with self._workspace.stage() as stage:
            made = stage / target.name
            with full_disk_errors(self.path):
                produce(made)
            with filesystem_errors(self.path):
                if not made.is_file():
                    raise MachineError(f"nothing was written for {name}")
                self._move_companions(made, target)
                self._placed[name], action = _move(made, target)
        return action

    def commit(self, entries: Mapping[str, FileEntry]) -> Path:
        """Add files that are in place to metadata.json, whole or not at all; then give up all claims.

        A metadata.json that is damaged or from elsewhere is kept under a name that begins with a dot.

        Args:
            entries: by file name, what to say of it; `runs`, `bytes` and `sha256` are added. A file that another
                command has replaced since it was placed, to show the same in another way, is left to that one.

        Returns:
            The path of metadata.json.

        Raises:
            MachineError: the folder can't be written.
        """
        with self._workspace.locked():
            described = {name: found for name, entry in entries.items() if (found := self._described(name, entry))}
            old = Metadata.read(self.path)
            if old.backup_name:
                self._keep_aside(old.backup_name)
                warning = f"{METADATA} in {self.path} is damaged or not ours: kept as {old.backup_name}, and begun anew"
                self._warn(warning)
            self._write(METADATA, old.merged(self._subject, described).encode())
        self._workspace.release()
        return self.path / METADATA

    def _assign(
        self, identities: Mapping[FileIdentity, str], others: Mapping[str, FileIdentity]
    ) -> dict[FileIdentity, str]:
        with filesystem_errors(self.path):
            owners = {**others, **Metadata.read(self.path).owners(), **self._claims}
        names = assign_names(identities, owners)
        self._taken.update(map(collision_key, (*owners, *names.values())))
        return names

    def _move_companions(self, made: Path, target: Path) -> None:
        # Before the file itself, so that it is never there without them.
        stage = made.parent
        for companion in sorted(stage.rglob("*")):
            parts = companion.relative_to(stage).parts
            if companion == made or not companion.is_file() or any(part.startswith(".") for part in parts):
                continue
            beside = target.parent.joinpath(*parts)
            taken = collision_key(beside.relative_to(self.path).as_posix()) in self._taken
            if taken or any(safe_name(part) != part for part in parts):
                raise MachineError(f"{'/'.join(parts)}, which goes with {target.name}, can't have that name here")
            _move(companion, beside)

    def _described(self, name: str, entry: FileEntry) -> FileEntry | None:
        path = self.path / name
        stamp = _stamp_if_there(path)
        content = self._placed.get(name) or (stamp and _Content(stamp, sha256_of(path)))
        if content is None or content.stamp != stamp:
            return None
        return cast("FileEntry", {**entry, "bytes": content.stamp.bytes, "sha256": content.sha256})

    def _keep_aside(self, backup: str) -> None:
        with filesystem_errors(self.path):
            try:
                # Whatever it is, and as it is, even a pipe; and there is a metadata.json at every moment.
                os.link(self.path / METADATA, self.path / backup, follow_symlinks=False)
            except FileExistsError:
                pass
            except OSError:  # a file system without links
                (self.path / METADATA).replace(self.path / backup)

    def _write(self, name: str, content: bytes) -> None:
        with self._workspace.stage() as stage:
            made = stage / name
            made.write_bytes(content)
            _move(made, self.path / name)


class _Stamp(NamedTuple):
    """What tells a file from another that takes its place."""

    inode: int
    bytes: int
    modified_ns: int


class _Content(NamedTuple):
    stamp: _Stamp
    sha256: str


def sha256_of(path: Path) -> str:
    """The SHA-256 digest of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def md5_of(path: Path) -> str:
    """The MD5 digest of a file, in base64: as W&B says it of its files."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False))
    return base64.b64encode(digest.digest()).decode()


def _move(made: Path, target: Path) -> tuple[_Content, Action]:
    """Move a file into place, or leave alone what is there where it has the same bytes."""
    fresh, there = _stamp(made), _stamp_if_there(target)
    digest = sha256_of(made)
    if there and there.bytes == fresh.bytes and sha256_of(target) == digest:
        return _Content(there, digest), "unchanged"
    target.parent.mkdir(parents=True, exist_ok=True)
    made.replace(target)
    return _Content(fresh, digest), "written"


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return _Stamp(status.st_ino, status.st_size, status.st_mtime_ns)


def _stamp_if_there(path: Path) -> _Stamp | None:
    try:
        return _stamp(path)
    except (FileNotFoundError, NotADirectoryError):
        return None

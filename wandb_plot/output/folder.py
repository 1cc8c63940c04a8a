"""The output folder: files move in whole, under names that nobody else has, and metadata.json says what they show."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self, cast

from wandb_plot.errors import MachineError
from wandb_plot.model.metadata_types import FileEntry
from wandb_plot.model.run import Run
from wandb_plot.output.file_content import Content, content_of, same_bytes, stamp_of
from wandb_plot.output.file_names import (
    METADATA,
    FileIdentity,
    assign_names,
    collision_key,
    companion_identity,
    safe_name,
)
from wandb_plot.output.metadata_file import add_to_metadata, read_metadata
from wandb_plot.output.metadata_merging import FolderRuns
from wandb_plot.output.workspace import Workspace
from wandb_plot.output.write_errors import filesystem_errors, full_disk_errors

FileKind = Literal["plot", "download"]
StoreAction = Literal["written", "unchanged"]


class _Stored(NamedTuple):
    """A file that is in place, or will be at the next moment, and what metadata.json is to say of it."""

    content: Content
    entry: FileEntry

    def described(self) -> FileEntry:
        """The entry, with what the file holds."""
        facts = {"bytes": self.content.stamp.bytes, "sha256": self.content.sha256}
        return cast("FileEntry", {**self.entry, **facts})


class OutputFolder:
    """The folder that a command writes to; any number of commands may write to one at once.

    A context manager: whatever way it is left, metadata.json lists the files that are in place, all temporaries are
    removed, and a folder in which there was nothing to put is not left behind. `store` and `keep` may be called from
    several threads; once it is left, they put nothing in place any more.

    Args:
        path: need not be there; made when the first name is claimed.
        entity: owner of the project; None where it isn't known.
        project: its name; None where it isn't known.
        runs: those that every file of this command shows.
        warn: called with a line for the user.
        planned: names that a dry run gave to files of other runs; those of this one are added. None for a real one.
    """

    def __init__(
        self,
        path: Path,
        *,
        entity: str | None,
        project: str | None,
        runs: Sequence[Run],
        warn: Callable[[str], None],
        planned: dict[str, FileIdentity] | None = None,
    ) -> None:
        self.path = path
        self._runs = FolderRuns(entity, project, runs)
        self._warn = warn
        self._workspace = Workspace(path)
        self._claims: dict[str, FileIdentity] = {} if planned is None else planned
        self._owners: dict[str, FileIdentity] = {}
        self._stored: dict[str, _Stored] = {}
        self._storing = threading.Lock()
        self._left = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._storing:
            self._left = True
        try:
            self._commit_at_the_end(error)
        finally:
            self._workspace.close()

    def assign(
        self, wanted: Mapping[str, str], kind: FileKind, *, options: Sequence[str] = (), claim: bool = True
    ) -> dict[str, str]:
        """Find the names that files of this command are to have.

        Args:
            wanted: by the full name of a metric or logged file (`full_name` of several metrics), the name its file
                would like: relative, with `/` between parts.
            kind: of all these files.
            options: what was chosen of these figures, such as `yscale=log`; their entries say so too. A figure that
                is there with other options keeps its file.
            claim: keep other commands that write to the folder now from taking them. False for a dry run: nothing is
                written then.

        Returns:
            By full name, the file name: safe, and equal to no other even but for case. What metadata.json lists
            keeps its name.

        Raises:
            MachineError: the folder can't be read, or written.
        """
        runs = self._runs.run_paths
        identities = {FileIdentity(kind, name, runs, tuple(options)): liked for name, liked in wanted.items()}
        if claim:
            with self._workspace.locked():
                names = self._assign(identities, self._workspace.claims_of_others())
                self._claims |= {name: identity for identity, name in names.items()}
                self._workspace.claim(self._claims)
        else:
            names = self._assign(identities, {})
            self._claims |= {name: identity for identity, name in names.items()}
        return {identity.full_name: name for identity, name in names.items()}

    def store(self, name: str, produce: Callable[[Path], None], entry: FileEntry | None = None) -> StoreAction:
        """Make a file and move it into place, unless the same bytes are there already.

        Args:
            name: from `assign`, or one that no file of a run can have, such as `index.html`.
            produce: writes the file to the path it is given, which lies elsewhere but ends in the same name. Other
                files that it leaves beside it are moved along, but for those that begin with a dot.
            entry: what metadata.json says of the file; it isn't listed there without. `runs`, `bytes`, `sha256` and
                `companions` are added.

        Raises:
            MachineError: the folder can't be written, or `produce` wrote nothing, or what it left beside can't have
                its name here, or the folder was left. What `produce` itself raises passes through, but for a full disk.
        """
        with self._workspace.stage() as stage:
            made = stage / Path(name).name
            with full_disk_errors(self.path):
                produce(made)
            with filesystem_errors(self.path):
                if not made.is_file():
                    raise MachineError(f"nothing was written for {name}")
                content = content_of(made)
                with self._storing:
                    self._require_open()
                    # Before the file itself, so that it is never there without them.
                    companions = self._move_companions(made, self._target(name))
                    listed = {**entry, "companions": companions} if entry and companions else entry
                    return self._move(made, content, name, cast("FileEntry | None", listed))

    def keep(self, name: str, entry: FileEntry) -> None:
        """List a file that is in place already, though it wasn't made again."""
        with filesystem_errors(self.path):
            content = content_of(self.path / name)
        with self._storing:
            self._require_open()
            self._stored[name] = _Stored(content, entry)

    def commit(self) -> Path | None:
        """Add the files that are in place to metadata.json, whole or not at all; then give up all claims.

        A metadata.json that is damaged or from elsewhere is kept under a name that begins with a dot. A file that
        another command has replaced since, to show the same in another way, is left to that one.

        Returns:
            The path of metadata.json; None where there is nothing to add.

        Raises:
            MachineError: the folder can't be written.
        """
        with self._storing:
            stored = dict(self._stored)
        if not stored:
            return None
        with self._workspace.locked():
            entries = {name: one.described() for name, one in stored.items() if self._is_there(name, one.content)}
            add_to_metadata(self.path, self._workspace, self._runs, entries, self._warn)
        with self._storing:
            self._stored = {name: one for name, one in self._stored.items() if stored.get(name) is not one}
        self._workspace.release()
        return self.path / METADATA

    def _commit_at_the_end(self, error: BaseException | None) -> None:
        try:
            self.commit()
        except KeyboardInterrupt:
            self.commit()
            raise
        except MachineError as failure:
            if error is None:
                raise
            # The error that ends the command is more important.
            self._warn(f"{METADATA} does not list what was written: {failure}")

    def _assign(
        self, identities: Mapping[FileIdentity, str], others: Mapping[str, FileIdentity]
    ) -> dict[FileIdentity, str]:
        with filesystem_errors(self.path):
            owners = {**others, **read_metadata(self.path).owners(), **self._claims}
        names = assign_names(identities, owners)
        owners |= {name: identity for identity, name in names.items()}
        self._owners |= {collision_key(name): identity for name, identity in owners.items()}
        return names

    def _require_open(self) -> None:
        if self._left:
            raise MachineError(f"{self.path} is no longer written to: the command is ending")

    def _target(self, name: str) -> Path:
        target = self.path / name
        for folder in target.parents:
            if folder == self.path:
                break
            if folder.is_symlink():
                raise MachineError(
                    f"{folder} is a link to elsewhere: no file is written through it",
                    hint="remove the link, or choose another folder with --output",
                )
        return target

    def _move_companions(self, made: Path, target: Path) -> list[str]:
        companions = []
        stage = made.parent
        for companion in sorted(stage.rglob("*")):
            parts = companion.relative_to(stage).parts
            if companion == made or not companion.is_file() or any(part.startswith(".") for part in parts):
                continue
            name = target.parent.joinpath(*parts).relative_to(self.path).as_posix()
            owner = self._owners.setdefault(collision_key(name), companion_identity(name))
            if owner != companion_identity(name) or any(safe_name(part) != part for part in parts):
                raise MachineError(f"{'/'.join(parts)}, which goes with {target.name}, can't have that name here")
            self._move(companion, content_of(companion), name)
            companions.append(name)
        return companions

    def _move(self, made: Path, content: Content, name: str, entry: FileEntry | None = None) -> StoreAction:
        target = self._target(name)
        there = same_bytes(target, content)
        if entry:
            # Noted first, so that no interruption leaves a file unlisted. `commit` drops one that was never moved in.
            self._stored[name] = _Stored(there or content, entry)
        if there:
            return "unchanged"
        target.parent.mkdir(parents=True, exist_ok=True)
        made.replace(target)
        return "written"

    def _is_there(self, name: str, content: Content) -> bool:
        return stamp_of(self.path / name) == content.stamp

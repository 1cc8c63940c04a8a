"""metadata.json: one document a folder, which says of every file what it shows; all commands add to it."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self, cast

from wandb_plot.model.documents import (
    FileEntry,
    FolderDocument,
    RunEntry,
)
from wandb_plot.model.regular_file import NotRegularError, read_regular
from wandb_plot.model.run import Run
from wandb_plot.output.names import METADATA, FileIdentity, companion_identity, full_name, path_of, run_path
from wandb_plot.output.validation import is_ours

SCHEMA = 1

# More than any document of ours: it says some kilobytes of a figure.
MAX_BYTES = 256 << 20


@dataclass(frozen=True)
class FolderRuns:
    """What a command is about: the runs that every file of it shows.

    Attributes:
        entity: owner of the project; None where it isn't known, as for many local runs.
        project: its name; None where it isn't known.
        runs: all of them, in any order.
    """

    entity: str | None
    project: str | None
    runs: Sequence[Run]

    @property
    def run_paths(self) -> tuple[str, ...]:
        """Sorted; see `run_path`."""
        return tuple(sorted(map(run_path, self.runs)))


@dataclass(frozen=True)
class Metadata:
    """The document of one folder, as read or merged.

    Attributes:
        document: as in the file, with empty values for what it doesn't say.
        backup_name: under which name to keep a metadata.json that can't be understood: no other content gets it. None
            where there is no such file.
    """

    document: FolderDocument
    backup_name: str | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the document of `folder`; the folder need not be there.

        Raises:
            OSError: the file is there and can't be read.
        """
        path = folder / METADATA
        try:
            content = read_regular(path, MAX_BYTES)
        except FileNotFoundError:
            return cls(_empty())
        except NotRegularError:
            status = path.lstat()
            return cls(_empty(), _backup_name(f"{status.st_size} {status.st_mtime_ns}".encode()))
        try:
            document = json.loads(content, parse_float=_finite, parse_constant=_finite)
        except (ValueError, RecursionError):
            return cls(_empty(), _backup_name(content))
        if not is_ours(document):
            return cls(_empty(), _backup_name(content))
        return cls(cast("FolderDocument", {**_empty(), **document}))

    def owners(self) -> dict[str, FileIdentity]:
        """What each file shows, by its name. An entry that doesn't name its runs is of all the runs of the folder."""
        everyone = tuple(sorted(self.runs()))
        files = self.document["files"]
        companions = {name for entry in files.values() for name in entry.get("companions", ())}
        return {name: companion_identity(name) for name in sorted(companions)} | {
            name: _identity(entry, everyone) for name, entry in files.items()
        }

    def runs(self) -> dict[str, RunEntry]:
        """The runs of the folder by their paths (`names.run_path`)."""
        return {run.get("path") or _implied_path(run, self.document): run for run in self.document["runs"]}

    def merged(self, subject: FolderRuns, entries: Mapping[str, FileEntry]) -> Self:
        """This document with the runs of `subject` and the files `entries` added to it.

        What it says of other files stays, and so do keys that this version doesn't know. An entry names its runs only
        where the folder has others too, and a run its path only where entity and project of the folder don't give it:
        then the document is the same in whatever order commands ran.
        """
        old = self.document
        document: FolderDocument = {
            "schema": max(SCHEMA, old["schema"]),
            "entity": subject.entity if not old["runs"] or old["entity"] == subject.entity else None,
            "project": subject.project if not old["runs"] or old["project"] == subject.project else None,
            "run_id": None,
            "run_name": None,
            "runs": [],
            "files": {},
        }
        runs = self.runs()
        for run in subject.runs:
            known = runs.get(run_path(run))
            runs[run_path(run)] = {**known, **_describe(run)} if known else _describe(run)
        if len(runs) == 1:
            (only,) = runs.values()
            document["run_id"], document["run_name"] = only["id"], only.get("name")
        paths = sorted(runs, key=lambda path: (runs[path]["id"], path))
        document["runs"] = [_with_path(runs[path], path, document) for path in paths]
        files = {**old["files"], **entries}
        shown = {name: owner.runs for name, owner in self.owners().items()} | dict.fromkeys(entries, subject.run_paths)
        described = {name: _with_runs(files[name], shown[name], tuple(sorted(runs))) for name in sorted(files)}
        unknown = {key: value for key, value in sorted(old.items()) if key not in document}
        # The files come last, after what another version wrote.
        ours = {key: value for key, value in document.items() if key != "files"}
        return type(self)(cast("FolderDocument", {**ours, **unknown, "files": described}))

    def encode(self) -> bytes:
        """The bytes of the file: the same document always gives the same. A run, a series or a group is one line."""
        text = _encoded(self.document)
        # Half a surrogate pair can be a part of a metric's name but not of UTF-8; JSON has an escape of the same form.
        return f"{text}\n".encode(errors="backslashreplace")


def _encoded(value: object, margin: str = "") -> str:
    """`value` as JSON: a key a line, and what stands in a list a line each, however much it holds."""
    inner = margin + "  "
    if isinstance(value, Mapping) and value:
        lines = [f"{inner}{_flat(str(key))}: {_encoded(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return "[\n" + ",\n".join(inner + _flat(item) for item in value) + f"\n{margin}]"
    return _flat(value)


def _flat(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def keep_aside(folder: Path, backup_name: str) -> None:
    """Keep the metadata.json of `folder` under that name, whatever it is and as it is, even a pipe.

    Where the file system can, it stays in its place too until another one replaces it.

    Raises:
        OSError: the folder can't be written.
    """
    try:
        os.link(folder / METADATA, folder / backup_name, follow_symlinks=False)
    except FileExistsError:
        pass
    except OSError:  # a folder, or a file system without links
        (folder / METADATA).replace(folder / backup_name)


def _empty() -> FolderDocument:
    return {
        "schema": SCHEMA,
        "entity": None,
        "project": None,
        "run_id": None,
        "run_name": None,
        "runs": [],
        "files": {},
    }


def _describe(run: Run) -> RunEntry:
    entry: RunEntry = {
        "id": run.id,
        "name": run.name,
        "state": run.state,
        "last_step": run.last_step,
        "url": run.url,
    }
    if run.segments:
        entry["segments"] = list(run.segments)
    return entry


def _implied_path(run: RunEntry, document: FolderDocument) -> str:
    return path_of(document["entity"], document["project"], run["id"])


def _with_path(run: RunEntry, path: str, document: FolderDocument) -> RunEntry:
    bare = cast("RunEntry", {key: value for key, value in run.items() if key != "path"})
    return bare if _implied_path(run, document) == path else {**bare, "path": path}


def _with_runs(entry: FileEntry, runs: tuple[str, ...], everyone: tuple[str, ...]) -> FileEntry:
    bare = {key: value for key, value in entry.items() if key != "runs"}
    return cast("FileEntry", bare if runs == everyone else {**bare, "runs": list(runs)})


def _identity(entry: FileEntry, everyone: tuple[str, ...]) -> FileIdentity:
    known: Mapping[str, Any] = entry
    shown = known["source"] if "source" in known else full_name(known.get("metrics", ()))
    runs, options = tuple(sorted(known.get("runs") or everyone)), tuple(known.get("options", ()))
    return FileIdentity(known.get("kind", ""), shown, runs, options)


def _backup_name(content: bytes) -> str:
    return f".{METADATA}.damaged-{sha256(content).hexdigest()[:8]}"


def _finite(token: str) -> float:
    number = float(token)
    if not math.isfinite(number):
        raise ValueError(f"{token} is no JSON number")
    return number

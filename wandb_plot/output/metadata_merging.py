"""What metadata.json says: of a folder its runs, and of every file what it shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

from wandb_plot.model.metadata_types import (
    FileEntry,
    FolderDocument,
    RunEntry,
)
from wandb_plot.model.run import Run
from wandb_plot.output.file_names import FileIdentity, companion_identity, full_name, path_of, run_path

SCHEMA = 1


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
        backup_name: the name to keep a metadata.json under that can't be understood. The name contains a digest, so
            two damaged files never share one. None where there is no such file.
    """

    document: FolderDocument
    backup_name: str | None = None

    def owners(self) -> dict[str, FileIdentity]:
        """What each file shows, by its name. An entry that doesn't name its runs is of all the runs of the folder."""
        everyone = tuple(sorted(self.runs()))
        files = self.document["files"]
        companions = {name for entry in files.values() for name in entry.get("companions", ())}
        return {name: companion_identity(name) for name in sorted(companions)} | {
            name: _identity(entry, everyone) for name, entry in files.items()
        }

    def runs(self) -> dict[str, RunEntry]:
        """The runs of the folder by their paths (`file_names.run_path`)."""
        return {run.get("path") or _implied_path(run, self.document): run for run in self.document["runs"]}

    def merged(self, folder_runs: FolderRuns, entries: Mapping[str, FileEntry]) -> Self:
        """This document with the runs of `folder_runs` and the files `entries` added to it.

        What it says of other files stays, and so do keys that this version doesn't know. An entry names its runs only
        where the folder has others too, and a run its path only where entity and project of the folder don't give it:
        then the document is the same in whatever order commands ran.
        """
        old = self.document
        document: FolderDocument = {
            "schema": max(SCHEMA, old["schema"]),
            "entity": folder_runs.entity if not old["runs"] or old["entity"] == folder_runs.entity else None,
            "project": folder_runs.project if not old["runs"] or old["project"] == folder_runs.project else None,
            "run_id": None,
            "run_name": None,
            "runs": [],
            "files": {},
        }
        runs = self.runs()
        for run in folder_runs.runs:
            known = runs.get(run_path(run))
            runs[run_path(run)] = {**known, **_run_entry(run)} if known else _run_entry(run)
        if len(runs) == 1:
            (only,) = runs.values()
            document["run_id"], document["run_name"] = only["id"], only.get("name")
        paths = sorted(runs, key=lambda path: (runs[path]["id"], path))
        document["runs"] = [_with_path(runs[path], path, document) for path in paths]
        files = {**old["files"], **entries}
        shown = {name: owner.runs for name, owner in self.owners().items()}
        shown |= dict.fromkeys(entries, folder_runs.run_paths)
        described = {name: _with_runs(files[name], shown[name], tuple(sorted(runs))) for name in sorted(files)}
        unknown = {key: value for key, value in sorted(old.items()) if key not in document}
        # The files come last, after what another version wrote.
        ours = {key: value for key, value in document.items() if key != "files"}
        return type(self)(cast("FolderDocument", {**ours, **unknown, "files": described}))


def empty_document() -> FolderDocument:
    """The document of a folder in which nothing has been stored."""
    return {
        "schema": SCHEMA,
        "entity": None,
        "project": None,
        "run_id": None,
        "run_name": None,
        "runs": [],
        "files": {},
    }


def _run_entry(run: Run) -> RunEntry:
    entry: RunEntry = {
        "id": run.id,
        "name": run.name,
        "state": run.state,
        "last_step": run.last_step,
        "url": run.url,
    }
    # Which folder it was is only said where there are several.
    if len(run.segments) > 1 or run.skipped_segments:
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

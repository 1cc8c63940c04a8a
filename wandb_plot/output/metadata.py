"""metadata.json: one document a folder, which says of every file what it shows; all commands add to it."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from wandb_plot.model.run import Run
from wandb_plot.output.names import METADATA, UNNAMED, FileIdentity, full_name, run_path

SCHEMA = 1

Document = dict[str, Any]


@dataclass(frozen=True)
class Subject:
    """What a command is about: the runs that every file of it shows.

    Attributes:
        entity: owner of the project; None where nobody says.
        project: its name; None likewise.
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
        document: as in the file; without any files, for a folder that has none.
        damaged: the bytes of a metadata.json that isn't one of ours; None where there is no such thing.
    """

    document: Document
    damaged: bytes | None = None

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the document of `folder`; the folder need not be there.

        Raises:
            OSError: the file is there and can't be read.
        """
        try:
            content = (folder / METADATA).read_bytes()
        except FileNotFoundError:
            return cls({})
        try:
            document = json.loads(content, parse_float=_finite, parse_constant=_finite)
        except (ValueError, RecursionError):
            return cls({}, content)
        return cls(document) if _is_ours(document) else cls({}, content)

    def owners(self) -> dict[str, FileIdentity]:
        """What each file shows, by its name. An entry that doesn't name its runs is of all the runs here."""
        everyone = tuple(sorted(self._runs()))
        return {name: _identity(entry, everyone) for name, entry in self.document.get("files", {}).items()}

    def merged(self, subject: Subject, entries: Mapping[str, Document]) -> Self:
        """This document with the runs of `subject` and the files `entries` added to it.

        What it says of other files stays, and so do keys that this version doesn't know. An entry names its runs only
        where the folder has others too, and a run its path only where entity and project of the folder don't give it:
        then the outcome is the same in whatever order commands ran.
        """
        old = self.document
        common: Document = {
            key: value if not old.get("runs") or old.get(key) == value else None
            for key, value in (("entity", subject.entity), ("project", subject.project))
        }
        runs = self._runs()
        for run in subject.runs:
            runs[run_path(run)] = runs.get(run_path(run), {}) | _describe(run)
        only = next(iter(runs.values())) if len(runs) == 1 else {}
        files = old.get("files", {}) | entries
        shown = {name: owner.runs for name, owner in self.owners().items()} | dict.fromkeys(entries, subject.run_paths)
        document = {
            "schema": max(SCHEMA, old.get("schema", SCHEMA)),
            **common,
            "run_id": only.get("id"),
            "run_name": only.get("name"),
            "runs": [_with_path(runs[path], path, common) for path in sorted(runs, key=lambda p: (runs[p]["id"], p))],
        }
        unknown = {key: old[key] for key in sorted(old) if key not in document and key != "files"}
        everyone = tuple(sorted(runs))
        described = {name: _with_runs(files[name], shown[name], everyone) for name in sorted(files)}
        return type(self)({**document, **unknown, "files": described})

    def encode(self) -> bytes:
        """The bytes of the file: the same document always gives the same."""
        text = json.dumps(self.document, indent=2, ensure_ascii=False, allow_nan=False)
        # Half a surrogate pair can be a part of a metric's name but not of UTF-8; JSON has an escape of the same form.
        return f"{text}\n".encode(errors="backslashreplace")

    def backup_name(self) -> str:
        """Where to keep a damaged file: a name that no other content gets."""
        return f".{METADATA}.damaged-{sha256(self.damaged or b'').hexdigest()[:8]}"

    def _runs(self) -> dict[str, Document]:
        return {run.get("path") or _implied_path(run, self.document): run for run in self.document.get("runs", ())}


def _describe(run: Run) -> Document:
    known = {"id": run.id, "name": run.name, "state": run.state, "last_step": run.last_step, "url": run.url}
    return known | ({"segments": list(run.segments)} if run.segments else {})


def _implied_path(run: Document, document: Document) -> str:
    return "/".join((document.get("entity") or UNNAMED, document.get("project") or UNNAMED, run["id"]))


def _with_path(run: Document, path: str, document: Document) -> Document:
    bare = {key: value for key, value in run.items() if key != "path"}
    return bare if _implied_path(run, document) == path else {**bare, "path": path}


def _with_runs(entry: Document, runs: tuple[str, ...], everyone: tuple[str, ...]) -> Document:
    bare = {key: value for key, value in entry.items() if key != "runs"}
    return bare if runs == everyone else {**bare, "runs": list(runs)}


def _identity(entry: Document, everyone: tuple[str, ...]) -> FileIdentity:
    shown = entry["source"] if "source" in entry else full_name(entry.get("metrics", ()))
    runs = entry.get("runs")
    return FileIdentity(entry.get("kind", ""), shown, tuple(sorted(runs)) if runs else everyone)


def _finite(token: str) -> float:
    number = float(token)
    if not math.isfinite(number):
        raise ValueError(f"{token} is no JSON number")
    return number


def _is_ours(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and isinstance(document.get("schema"), int)
        and isinstance(document.get("runs"), list)
        and all(map(_is_run, document["runs"]))
        and isinstance(document.get("files"), dict)
        and all(map(_is_entry, document["files"].values()))
    )


def _is_run(run: Any) -> bool:
    return isinstance(run, dict) and isinstance(run.get("id"), str) and isinstance(run.get("path", ""), str)


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("kind", ""), str)
        and isinstance(entry.get("source", ""), str)
        and all(_is_texts(entry.get(key, [])) for key in ("metrics", "runs"))
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)

"""What a source hands out: projects, runs and their files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Of the states that W&B gives runs: those that ended before they were done, and all that log no further row.
ENDED_EARLY = ("crashed", "failed", "killed", "preempted")
ENDED = ("finished", *ENDED_EARLY)
# Those of runs that were not cut short, as far as is known.
PRESUMED_FINISHED = ("finished", "unknown")

# What is kept under this key, in config and summary, is the SDK's own.
SDK_KEY = "_wandb"

# Where runs and projects are sorted, those of unknown age are taken to be the oldest.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Project:
    """A project of an entity on a W&B server."""

    name: str
    entity: str
    created_at: datetime | None = None
    url: str | None = None


@dataclass(frozen=True)
class Run:
    """One run: who it is and what it says of itself, without its history.

    Attributes:
        id: unique within its project.
        name: the display name; the id where none was given.
        state: `finished`, `failed`, `crashed`, `running`, ...
        created_at: aware, in UTC.
        summary: nested as logged; a nested metric `a.b` is `summary["a"]["b"]`.
        config: nested as given, without the SDK's own `_wandb`.
        sweep: the id of the sweep that it belongs to.
        last_step: the greatest `_step` of the history, where known.
        segments: names of the folders that the run is read from, oldest first; empty for a server's.
        skipped_segments: those of older folders that hold it too, whose steps overlap with what is read.
        truncated: whether its log ends inside a record: it was cut off, or is still being written.
    """

    id: str
    name: str
    entity: str
    project: str
    state: str = "unknown"
    created_at: datetime | None = None
    summary: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    sweep: str | None = None
    notes: str | None = None
    url: str | None = None
    last_step: int | None = None
    segments: tuple[str, ...] = ()
    skipped_segments: tuple[str, ...] = ()
    truncated: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.id})" if self.name != self.id else self.id


@dataclass(frozen=True)
class RunFile:
    """A file that a run logged.

    Attributes:
        name: its path within the run, with `/` between folders, such as `media/images/roc_12_ab34.png`.
        size: bytes, where known.
        md5: base64 of the digest, as the server says it; None where it is not known.
        step: the step it was logged at, where the history says so.
        caption: the caption logged with it.
    """

    name: str
    size: int | None = None
    md5: str | None = None
    step: int | None = None
    caption: str | None = None


def without_sdk_key(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A config or a summary without what the SDK keeps there for itself."""
    return {key: value for key, value in mapping.items() if key != SDK_KEY}


def user_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A summary without axes, without what is the SDK's own, and without media: of those it holds names of files."""
    return {
        key: user_summary(value) if isinstance(value, Mapping) else value
        for key, value in summary.items()
        if not key.startswith("_") and not (isinstance(value, Mapping) and "_type" in value)
    }


def runs_named(runs: Iterable[Run], *names: str) -> list[Run]:
    """Of each of `names`, the run whose id it is, else every one with that display name; none twice."""
    by_name: dict[str, list[Run]] = {}
    by_id: dict[str, list[Run]] = {}
    for run in runs:
        by_id[run.id] = [run]
        by_name.setdefault(run.name, []).append(run)
    return list({run.id: run for name in names for run in by_id.get(name) or by_name.get(name, [])}.values())

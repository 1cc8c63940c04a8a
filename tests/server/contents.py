"""What the test server holds: entities, their projects, the runs of each. Tests build it and may change it live."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Row = dict[str, Any]

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class RunContents:
    """One run, with everything it ever logged.

    Attributes:
        id: what W&B calls the run's `name`.
        name: the display name; the id where left empty.
        config: plain values; the server adds W&B's `{"value": ...}` and its `_wandb`.
        summary: None for the last value of each key of `rows`.
        rows: the history, ascending by `_step`, nested as logged, with floats for NaN and the infinities.
        events: the system stream, with `_runtime`, `_timestamp` and `system.*`.
        files: bytes by name.
        exports: the exports to Parquet, each the indices into `rows` of its first row and of the row after
            its last; rows in no export are live. Empty where the server exports nothing.
        heartbeat_at: None for the time of creation plus the last row's `_runtime`.
        extra_exports: bytes of further exports, for shapes that `rows` can't give.
        export_style: `flat`, `nested` or `binary`, as in `exports.parquet`.
        last_step_said: what `historyKeys` calls the last step, where that isn't what it is.
        nested_keys: have `historyKeys` list dicts as maps with keys of their own, which aren't counted, in place of
            dotted keys.
        reports_live: say which rows are live. Some backends don't, and a client must not take it for "none are".
        bare_tokens: write NaN and infinities of rows and summary as the bare tokens of old clients, not as strings.
    """

    id: str
    name: str = ""
    state: str = "finished"
    created_at: datetime = BEGINNING
    config: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] | None = None
    tags: list[str] = field(default_factory=list)
    group: str | None = None
    job_type: str | None = None
    sweep: str | None = None
    notes: str | None = None
    rows: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    exports: list[tuple[int, int]] = field(default_factory=list)
    extra_exports: list[bytes] = field(default_factory=list)
    export_style: Literal["flat", "nested", "binary"] = "flat"
    heartbeat_at: datetime | None = None
    last_step_said: float | None = None
    nested_keys: bool = False
    reports_live: bool = True
    bare_tokens: bool = False

    @property
    def display_name(self) -> str:
        """The name that people see."""
        return self.name or self.id

    @property
    def last_step(self) -> int:
        """The `_step` of the last row; -1 without rows."""
        return max((row["_step"] for row in self.rows), default=-1)

    def summarised(self) -> dict[str, Any]:
        """The summary that was set, else the last value of each key."""
        if self.summary is not None:
            return dict(self.summary)
        return {key: value for row in self.rows for key, value in row.items()}

    def live_rows(self) -> list[Row]:
        """The rows that no export holds, as far as the server says so."""
        if not self.reports_live:
            return []
        exported = {index for first, end in self.exports for index in range(first, end)}
        return [row for index, row in enumerate(self.rows) if index not in exported]


@dataclass
class ProjectContents:
    """One project: its runs by id, in no order that the server owes anybody.

    Attributes:
        public: whether it can be read without a key.
    """

    name: str
    created_at: datetime = BEGINNING
    runs: dict[str, RunContents] = field(default_factory=dict)
    public: bool = False

    def add(self, *runs: RunContents) -> None:
        """Add or replace runs; also while a client pages through them."""
        self.runs |= {run.id: run for run in runs}


@dataclass
class Contents:
    """All that a server holds.

    Attributes:
        viewer: the account's own entity, which a project without an entity belongs to.
        entities: projects by name, by entity.
        missing_fields: fields of the schema that this server is too old for, such as `Run.parquetHistory`.
    """

    viewer: str = "acme"
    entities: dict[str, dict[str, ProjectContents]] = field(default_factory=dict)
    missing_fields: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *runs: RunContents, entity: str = "acme", project: str = "vision") -> "Contents":
        """One entity, which is the viewer's, with one project that holds `runs`."""
        contents = cls(viewer=entity)
        contents.project(entity, project).add(*runs)
        return contents

    def project(self, entity: str, name: str) -> ProjectContents:
        """The project of that name, made where it is missing."""
        return self.entities.setdefault(entity, {}).setdefault(name, ProjectContents(name))

    def seen_without_key(self) -> "Contents":
        """What everybody may see: the public projects, and nobody's account."""
        return Contents(
            "",
            {
                entity: {name: project for name, project in projects.items() if project.public}
                for entity, projects in self.entities.items()
            },
        )

    def find(self, entity: str, project: str, run: str) -> RunContents | None:
        """The run of that id, if there is one."""
        held = self.entities.get(entity, {}).get(project)
        return held.runs.get(run) if held else None

"""One run as the W&B client hands it out: its own words turned into ours, and the questions one can ask of it.

This is where what a newer client changes about runs shows.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from wandb_plot.errors import NotFoundError
from wandb_plot.model.history import NUMERIC, STEP, SYSTEM_PREFIX
from wandb_plot.model.nested import nested
from wandb_plot.model.run import Run
from wandb_plot.sources.rows import NON_FINITE, STRING, media_type, type_of

_INTERNAL = "_wandb"
_TYPES = {"number": NUMERIC, "bool": "boolean"}

_HISTORY_PAGE = """
query HistoryPage($entity: String!, $project: String!, $name: String!, $minStep: Int64!, $maxStep: Int64!,
                  $pageSize: Int!) {
    project(name: $project, entityName: $entity) {
        run(name: $name) { history(minStep: $minStep, maxStep: $maxStep, samples: $pageSize) }
    }
}
"""

_SAMPLED_HISTORY = """
query RunSampledHistory($entity: String!, $project: String!, $name: String!, $specs: [JSONString!]!) {
    project(name: $project, entityName: $entity) {
        run(name: $name) { sampledHistory(specs: $specs) }
    }
}
"""

_EVENTS = """
query RunEvents($entity: String!, $project: String!, $name: String!, $samples: Int) {
    project(name: $project, entityName: $entity) {
        run(name: $name) { eventsLineCount events(samples: $samples) }
    }
}
"""

# A day of the system stream at its default pace; what is longer takes a second request.
_EVENTS_AT_FIRST = 6_000

_FILES_A_PAGE = 500


@dataclass(frozen=True)
class HistoryVersion:
    """What a run says of its history without showing it; a history that is as it was has an equal version.

    Attributes:
        created_at: as the server writes it; tells a run from another that took its place.
        state: `finished`, `running`, ...
        last_step: the greatest `_step`; -1 before the first row.
        line_count: rows that were logged.
        heartbeat_at: when the run was last heard of, as the server writes it.
    """

    created_at: str
    state: str
    last_step: int
    line_count: int
    heartbeat_at: str | None

    def may_grow_into(self, later: "HistoryVersion") -> bool:
        """Whether a history of the version `later` can be this one with rows added."""
        return (
            self.created_at == later.created_at
            and self.last_step <= later.last_step
            and self.line_count <= later.line_count
        )


class ServerRun:
    """One run on a server.

    Args:
        handle: the client's `Run`, loaded whole.
        server: API address of the server it is on.
    """

    def __init__(self, handle: Any, server: str) -> None:
        self._handle = handle
        self.name: str = handle.name or handle.id
        self.created_at = parse_time(handle.created_at)
        self.address: tuple[str, ...] = (server, handle.entity, handle.project, handle.id)
        self._keys: Mapping[str, Any] = _attribute(handle, "historyKeys") or {}

    @property
    def described(self) -> Run:
        """What it says of itself."""
        handle = self._handle
        return Run(
            id=handle.id,
            name=self.name,
            entity=handle.entity,
            project=handle.project,
            state=handle.state or "unknown",
            created_at=self.created_at,
            summary={key: value for key, value in handle.summary_metrics.items() if key != _INTERNAL},
            config=handle.config,
            tags=tuple(_attribute(handle, "tags") or ()),
            group=_attribute(handle, "group") or None,
            job_type=_attribute(handle, "jobType") or None,
            notes=_attribute(handle, "notes") or None,
            url=handle.url,
            last_step=self.version.last_step if self.version.last_step >= 0 else None,
        )

    @cached_property
    def version(self) -> HistoryVersion:
        """What tells whether its history changed, as of when the run was looked up."""
        handle = self._handle
        last = self._keys.get("lastStep")
        if not isinstance(last, int):
            last = handle.summary_metrics.get(STEP)
        return HistoryVersion(
            created_at=str(handle.created_at),
            state=handle.state or "",
            last_step=last if isinstance(last, int) else -1,
            line_count=int(_attribute(handle, "historyLineCount") or 0),
            heartbeat_at=_attribute(handle, "heartbeatAt"),
        )

    @cached_property
    def _kinds(self) -> dict[str, dict[str, int]]:
        """How many values of each kind every metric has, in the server's words."""
        kinds: dict[str, dict[str, int]] = {}
        for name, known in (self._keys.get("keys") or {}).items():
            for metric, kind, count in _kinds_of(name, known.get("typeCounts") or ()):
                kinds.setdefault(metric, {})[kind] = count
        return kinds

    @cached_property
    def value_counts(self) -> dict[str, int]:
        """How many values each metric has."""
        return {name: sum(kinds.values()) for name, kinds in self._kinds.items()}

    @property
    def encoded(self) -> set[str]:
        """Metrics whose exported text may be the JSON of something else, as it was not always text."""
        return {name for name, kinds in self._kinds.items() if kinds.keys() - {"string"}}

    @cached_property
    def metric_types(self) -> dict[str, str]:
        """Every metric with its type, axes and system stream included."""
        system = map(_system_name, self._handle.system_metrics)
        types = {name: NUMERIC for name in system if name != f"{SYSTEM_PREFIX}{_INTERNAL}"}
        types |= {name: self._type(name, kinds) for name, kinds in self._kinds.items()}
        return {name: types[name] for name in sorted(types)}

    def _type(self, name: str, kinds: Mapping[str, int]) -> str:
        types = {_TYPES.get(kind) or media_type(kind) for kind in kinds}
        # NaN counts as text on the server; the last value is the only one at hand to tell them apart.
        last = nested(self._handle.summary_metrics, name)
        if types == {STRING} and last in NON_FINITE:
            return NUMERIC
        if NUMERIC in types and (isinstance(last, (int, float)) or last in NON_FINITE):
            types.discard(STRING)
        return type_of(types)

    def download_exports(self, folder: Path) -> tuple[list[Path], list[str], bool]:
        """Bring the exported parts of the history into `folder`.

        Returns:
            Their paths; why others did not arrive; whether there are rows in no export.
        """
        outcome = self._handle.download_history_exports(str(folder), require_complete_history=False)
        return list(outcome.paths), list((outcome.errors or {}).values()), outcome.contains_live_data

    def history_page(self, start: int, stop: int, rows: int) -> list[str]:
        """At most `rows` rows from step `start` up to, not including, `stop`; each a line of JSON."""
        lines: list[str] = self._ask(_HISTORY_PAGE, "history", minStep=start, maxStep=stop, pageSize=rows)
        return lines

    def sampled_history(self, specs: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
        """For each spec, a sample of the rows that hold all of its `keys`; `minStep` is inclusive."""
        answers: list[list[dict[str, Any]]] = self._ask(
            _SAMPLED_HISTORY, "sampledHistory", specs=list(map(json.dumps, specs))
        )
        return [sorted(rows, key=lambda row: row[STEP]) for rows in answers]

    def events(self) -> tuple[list[str], int]:
        """The rows of the system stream, each a line of JSON, and how many there are."""
        answer = self._answer(_EVENTS, samples=_EVENTS_AT_FIRST)
        count = answer["eventsLineCount"] or 0
        if count > len(answer["events"] or ()):
            answer = self._answer(_EVENTS, samples=count)
        return answer["events"] or [], count

    def files(self, names: Sequence[str] = ()) -> Any:
        """The client's paginator over the run's files; over those called `names`, where there are any."""
        return self._handle.files(names=list(names), per_page=_FILES_A_PAGE)

    def _ask(self, query: str, field: str, **variables: Any) -> Any:
        return self._answer(query, **variables)[field] or []

    def _answer(self, query: str, **variables: Any) -> dict[str, Any]:
        # The client has no public way to ask for several samples, or one page of rows, at once.
        response = self._handle._exec(query, **variables)  # noqa: SLF001
        run = (response.get("project") or {}).get("run")
        if run is None:
            raise NotFoundError(f"run {self.name} is gone from the server", hint="list the runs again: wandb-plot runs")
        found: dict[str, Any] = run
        return found


def _kinds_of(name: str, counts: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str, int]]:
    """Metric, kind and count of what was logged under `name`, which dicts nest further metrics below."""
    for said in counts:
        if said["type"] == "map":
            for key, inner in (said.get("keys") or {}).items():
                yield from _kinds_of(f"{name}.{key}", inner)
        elif said["type"] != "nil":
            yield name, said["type"], int(said["count"])


def _attribute(handle: Any, name: str) -> Any:
    return getattr(handle, name, None)


def _system_name(key: str) -> str:
    return key if key.startswith(SYSTEM_PREFIX) else SYSTEM_PREFIX + key


def parse_time(text: str | None) -> datetime | None:
    """A moment as the server writes it, in UTC."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

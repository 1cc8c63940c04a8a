"""One run as the W&B client hands it out, turned into ours.

What a newer client changes about runs is to be changed here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from wandb_plot.model.metrics import NUMERIC, STEP, SYSTEM_PREFIX
from wandb_plot.model.run import SDK_KEY, Run, without_sdk_key
from wandb_plot.sources.server.client.answer_checks import as_count, as_list, as_mapping, as_text, odd_answer, step_of
from wandb_plot.sources.server.client.logged_metrics import HistoryKeys, system_name
from wandb_plot.sources.server.client.run_requests import ClientRun, RunRequests


@dataclass(frozen=True)
class HistoryVersion:
    """What a run says of its history before that is read; an unchanged history has an equal version.

    Attributes:
        created_at: as the server writes it; tells a run from a later one of the same id.
        state: `finished`, `running`, ...
        last_step: the greatest `_step`; -1 before the first row.
        row_count: rows that were logged.
        heartbeat_at: when the run was last heard of, as the server writes it.
    """

    created_at: str
    state: str
    last_step: int
    row_count: int
    heartbeat_at: str | None

    def may_grow_into(self, later: "HistoryVersion") -> bool:
        """Whether a history of the version `later` can be this one with rows added."""
        return (
            self.created_at == later.created_at
            and self.last_step <= later.last_step
            and self.row_count <= later.row_count
        )


class ServerRun(RunRequests):
    """One run on a server: what it says of itself, and what it can be asked.

    Args:
        handle: the client's `Run`, loaded whole.
        server: API address of the server it is on.

    Attributes:
        name: the display name; the id where there is none.
        created_at: in UTC.
        address: server, entity, project and id.
        version: what tells whether its history changed, as of when the run was looked up.
        knows_row_count: whether the number of rows in `version` is the server's, and not an upper bound.
        described: what it says of itself.

    Raises:
        OddAnswerError: what the server told of it is not what runs have.
    """

    def __init__(self, handle: ClientRun, server: str) -> None:
        super().__init__(handle)
        if not as_text(handle.id, "the id of a run"):
            raise odd_answer("the id of a run", handle.id)
        self.name = as_text(handle.name, f"the name of run {handle.id}") or handle.id
        self.created_at = parse_time(handle.created_at)
        self.address: tuple[str, ...] = (server, handle.entity, handle.project, handle.id)
        self._summary = self._mapping("summary_metrics")
        self.knows_row_count = True
        self._keys = HistoryKeys(self._attribute("historyKeys"), self._summary)
        self.version = self._version()
        self.described = self._describe()

    def _describe(self) -> Run:
        handle = self._handle
        tags = as_list(self._attribute("tags"), f"the list of tags of run {handle.id}")
        if not all(isinstance(tag, str) for tag in tags):
            raise odd_answer(f"a tag of run {handle.id}", tags)
        return Run(
            id=handle.id,
            name=self.name,
            entity=handle.entity,
            project=handle.project,
            state=self._text("state") or "unknown",
            created_at=self.created_at,
            summary=without_sdk_key(self._summary),
            config=self._mapping("config"),
            tags=tuple(tags),
            group=self._text("group"),
            job_type=self._text("jobType"),
            sweep=self._text("sweepName"),
            notes=self._text("notes"),
            url=self._text("url"),
            last_step=self.version.last_step if self.version.last_step >= 0 else None,
        )

    def _version(self) -> HistoryVersion:
        last = self._keys.last_step
        if last is None:
            step = step_of(self._summary)
            last = -1 if step is None else int(step)
        # Where a server is too old to count rows, there are as many as have a step, or no more than steps.
        count = self._attribute("historyLineCount")
        if count is None:
            with_step = self.value_counts.get(STEP, math.inf)
            self.knows_row_count = math.isfinite(with_step)
            count = with_step if self.knows_row_count else last + 1
        return HistoryVersion(
            created_at=str(self._handle.created_at),
            state=self._text("state") or "",
            last_step=last,
            row_count=as_count(count, f"the number of rows of run {self._handle.id}"),
            heartbeat_at=self._text("heartbeatAt"),
        )

    def _attribute(self, name: str) -> Any:
        """An attribute of the handle; None where the server is too old to have it."""
        try:
            return getattr(self._handle, name, None)
        except (ValueError, TypeError) as error:  # it is JSON, which the client decodes when it is asked for
            raise odd_answer(f"{name} of run {self._handle.id}", error) from None

    def _text(self, name: str) -> str | None:
        return as_text(self._attribute(name), f"{name} of run {self._handle.id}")

    def _mapping(self, name: str) -> Mapping[str, Any]:
        return as_mapping(self._attribute(name), f"{name} of run {self._handle.id}")

    @property
    def value_counts(self) -> Mapping[str, float]:
        """How many values each metric has; infinity where the server doesn't say."""
        return self._keys.value_counts

    @cached_property
    def metric_types(self) -> dict[str, str]:
        """Every metric with its type, axes and system stream included."""
        system = {system_name(key) for key in [*self._mapping("system_metrics"), *self._keys.system_keys]}
        types = dict.fromkeys(system - {f"{SYSTEM_PREFIX}{SDK_KEY}"}, NUMERIC) | self._keys.types
        return {name: types[name] for name in sorted(types)}


def parse_time(text: str | None) -> datetime | None:
    """A time as the server writes it, in UTC.

    Raises:
        OddAnswerError: it is none.
    """
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        raise odd_answer("a time", text) from None

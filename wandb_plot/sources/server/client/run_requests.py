"""What can be asked of one run, through the W&B client or by queries of our own; answers are checked for their form."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from wandb_plot.errors import NotFoundError
from wandb_plot.model.metrics import LARGEST_STEP
from wandb_plot.sources.server.client.answer_checks import (
    Row,
    as_count,
    as_list,
    as_mapping,
    odd_answer,
    parse_rows,
    step_of,
)

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

# What GraphQL's Int holds.
_LARGEST_INT = 2**31 - 1


class ClientRun(Protocol):
    """What we use of the client's `Run`.

    Further attributes are the fields of its query, as the server names them, and missing where that is too old:
    `tags`, `group`, `jobType`, `sweepName`, `notes`, `historyKeys`, `historyLineCount`, `heartbeatAt`.
    """

    id: str
    name: str
    entity: str
    project: str
    state: str
    created_at: str
    url: str
    config: Mapping[str, Any]
    summary_metrics: Mapping[str, Any]
    system_metrics: Mapping[str, Any]

    def download_history_exports(self, download_dir: str, *, require_complete_history: bool) -> Any:
        """Bring the exports of the history into a folder."""
        ...

    def files(self, names: list[str], per_page: int) -> Any:
        """The client's paginator over files."""
        ...

    def _exec(self, query: str, **variables: Any) -> dict[str, Any] | None:
        """The answer to a query of one's own about this run."""
        ...


class RunRequests:
    """Asks about one run.

    Args:
        handle: the client's `Run`.
    """

    def __init__(self, handle: ClientRun) -> None:
        self._handle = handle

    def download_exports(self, folder: Path) -> tuple[list[Path], list[str], bool]:
        """Bring the exports of the history into `folder`.

        Returns:
            Their paths; why others did not arrive; whether there are rows in no export.
        """
        outcome = self._handle.download_history_exports(str(folder), require_complete_history=False)
        return list(outcome.paths), list((outcome.errors or {}).values()), outcome.contains_live_data

    def history_page(self, start: int, stop: int | None, rows: int) -> list[Row]:
        """At most `rows` rows from step `start` up to, not including, `stop`; None for the end of the history.

        Where there are more, the server chooses which. Rows without a step are left out.

        Raises:
            OddAnswerError: these are other rows, or none at all.
        """
        limit, size = LARGEST_STEP if stop is None else stop, min(rows, _LARGEST_INT)
        lines = self._ask(_HISTORY_PAGE, "history", minStep=start, maxStep=limit, pageSize=size)
        return _between(parse_rows(lines, "the history"), start, limit, "the history")

    def sampled_history(self, specs: Sequence[Mapping[str, Any]]) -> list[list[Row]]:
        """For each spec, a sample of the rows that hold all of its `keys`, by steps; `minStep` is inclusive.

        Raises:
            OddAnswerError: they are no such samples.
        """
        answers = self._ask(_SAMPLED_HISTORY, "sampledHistory", specs=list(map(json.dumps, specs)))
        if len(answers) != len(specs):
            raise odd_answer("the number of samples", f"{len(answers)} where {len(specs)} were asked for")
        samples = []
        for spec, answer in zip(specs, answers, strict=True):
            rows = as_list(answer, "a sample of the history")
            if not all(isinstance(row, dict) for row in rows):
                raise odd_answer("a row of a sample", next(row for row in rows if not isinstance(row, dict)))
            samples.append(_between(rows, spec["minStep"], LARGEST_STEP, "a sample"))
        return samples

    def events(self) -> tuple[list[Row], int]:
        """The rows of the system stream, and how many there are."""
        answer = self._answer(_EVENTS, samples=_EVENTS_AT_FIRST)
        count = as_count(answer.get("eventsLineCount"), "the number of rows of the system stream")
        if count > len(as_list(answer.get("events"), "the system stream")):
            answer = self._answer(_EVENTS, samples=min(count, _LARGEST_INT))
        return parse_rows(as_list(answer.get("events"), "the system stream"), "the system stream"), count

    def files(self, names: Sequence[str] = ()) -> Any:
        """The client's paginator over the run's files; over those called `names`, where there are any."""
        return self._handle.files(names=list(names), per_page=_FILES_A_PAGE)

    def _ask(self, query: str, field: str, **variables: Any) -> list[Any]:
        return as_list(self._answer(query, **variables).get(field), field)

    def _answer(self, query: str, **variables: Any) -> Mapping[str, Any]:
        # The client has no public way to ask for several samples, or one page of rows, at once.
        response = self._handle._exec(query, **variables)  # noqa: SLF001
        if not response or "project" not in response:
            raise odd_answer("its data", response)
        run = as_mapping(response["project"], "the project").get("run")
        if run is None:
            raise NotFoundError(
                f"run {self._handle.id} is gone from the server", hint="list the runs again: wandb-plot runs"
            )
        return as_mapping(run, "the run")


def _between(rows: Sequence[Row], start: float, stop: float, what: str) -> list[Row]:
    """Those of `rows` that lie between two steps, in their order; it is an error where all others are outside."""
    steps = [step_of(row) for row in rows]
    inside = [(step, row) for step, row in zip(steps, rows, strict=True) if step is not None and start <= step < stop]
    outside = [step for step in steps if step is not None]
    if outside and not inside:
        raise odd_answer(f"the step of a row of {what} from step {start} on", outside[0])
    return [row for _, row in sorted(inside, key=lambda pair: pair[0])]

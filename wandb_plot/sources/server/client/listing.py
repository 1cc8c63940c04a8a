"""The runs that a query selects, in as many queries as a server needs for it, also where its filters see less."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from wandb_plot.model.queries.filters import check_patterns, matches
from wandb_plot.model.queries.keys import value_of
from wandb_plot.model.queries.regular_expressions import check_for_server
from wandb_plot.model.queries.run_query import RunQuery, sort_runs
from wandb_plot.model.run import Run
from wandb_plot.sources.server.client.answer_checks import OddAnswerError
from wandb_plot.sources.server.client.errors import TooOldError
from wandb_plot.sources.server.client.paging import read_pages
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.client.run import ServerRun
from wandb_plot.sources.server.client.server_query import (
    ServerQuery,
    both,
    dotted_keys,
    lacking,
    server_filter,
    server_queries,
    widened,
)
from wandb_plot.sources.source_protocol import Warn

# Enough to learn from how a project names its keys, and few enough for one page.
_LOOKED_AT = 100

# The client asks for these fields of a run, and the run can be read without any of them.
_DISPENSABLE = {
    *("commit", "description", "heartbeatAt", "historyKeys", "historyLineCount"),
    *("jobType", "notes", "readOnly", "sweepName", "systemMetrics"),
}
_UNKNOWN_FIELD = re.compile(r"Cannot query field \W*(\w+)")

Ask = Callable[[ServerQuery, int | None], list[Run]]


def list_runs(query: RunQuery, ask: Ask, warn: Warn) -> list[Run]:
    """The runs that `query` selects, in its order; those without the key it sorts by come last.

    Args:
        query: what is wanted.
        ask: brings the runs of one server query, or so many of them.
        warn: told where the server can't answer by itself.

    Raises:
        UsageError: a pattern is none of the server's.
    """
    check_patterns(query.filter, check_for_server)
    keys = dotted_keys(query)
    if keys:
        # Among the newest runs in which the server doesn't find the key, a page is looked for one that has it.
        unseen = ask(ServerQuery(server_filter(both(widened(query.filter, keys), lacking(keys)))), _LOOKED_AT)
        whole = sorted(key for key in keys if any(value_of(run, key) is not None for run in unseen))
        if whole:
            warn(f"the server finds no key that holds a dot, such as {whole[0]}: runs were looked through one by one")
            runs = ask(ServerQuery(server_filter(widened(query.filter, keys))), None)
            chosen = [run for run in runs if matches(query.filter, run)]
            return sort_runs(chosen, query.sort, descending=query.descending)[: query.limit]
    return _chosen_by_server(query, ask)


def _chosen_by_server(query: RunQuery, ask: Ask) -> list[Run]:
    found: list[Run] = []
    for asked in server_queries(query):
        room = None if query.limit is None else query.limit - len(found)
        if room == 0:
            break
        found += ask(asked, room)
    return found


def read_handles(paginator: Any, calls: ServerCalls, unknown: set[str], *, limit: int | None) -> dict[str, Any]:
    """The client's runs, by id, without the fields that the server is too old for.

    Args:
        paginator: the client's `Runs`, a new one.
        calls: how the server is asked.
        unknown: fields that it is known to be too old for; those that turn out to be are added.
        limit: how many are enough; None for all.

    Raises:
        NotFoundError: there is no such project.
        TooOldError: it lacks a field that runs can't be read without.
        ServerError: as `read_pages` has it.
    """
    while True:
        for field in unknown:
            paginator.QUERY = re.sub(rf"\b{field}\b", "", paginator.QUERY)
        try:
            return read_pages(paginator, calls, lambda handle: str(handle.id), limit=limit)
        except TooOldError as error:
            named = _UNKNOWN_FIELD.search(error.message)
            if not named or named[1] not in _DISPENSABLE - unknown:
                raise
            unknown.add(named[1])


def server_runs(handles: Mapping[str, Any], server: str, warn: Warn) -> dict[str, ServerRun]:
    """The client's runs as ours, by id; those that can't be understood are left out, with a warning.

    Raises:
        OddAnswerError: none of them can be understood.
    """
    runs: dict[str, ServerRun] = {}
    odd: dict[str, OddAnswerError] = {}
    for run_id, handle in handles.items():
        try:
            runs[run_id] = ServerRun(handle, server)
        except OddAnswerError as error:
            odd[run_id] = error
    if odd and not runs:
        raise next(iter(odd.values()))
    for run_id, reason in odd.items():
        warn(f"left out run {run_id}: {reason.message}")
    return runs

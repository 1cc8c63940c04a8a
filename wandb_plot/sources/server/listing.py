"""The runs that a query selects, in as many questions as that takes, whatever a server makes of them."""

from collections.abc import Callable, Mapping
from typing import Any

from wandb_plot.model.filters import check_patterns, matches
from wandb_plot.model.keys import value_of
from wandb_plot.model.patterns import check_for_server
from wandb_plot.model.query import RunQuery, sort_runs
from wandb_plot.model.run import Run
from wandb_plot.sources.server.answers import OddAnswerError
from wandb_plot.sources.server.query import Selection, both, dotted_keys, lacking, selections, server_filter, widened
from wandb_plot.sources.server.run import ServerRun
from wandb_plot.sources.source import Warn

# Enough to learn from how a project names its keys, and few enough for one page.
_LOOKED_AT = 100

Ask = Callable[[Selection, int | None], list[Run]]


def list_runs(query: RunQuery, ask: Ask, warn: Warn) -> list[Run]:
    """The runs that `query` selects, in its order; those without the key it sorts by come last.

    Args:
        query: what is wanted.
        ask: brings the runs of one question, or so many of them.
        warn: told where the server can't answer by itself.

    Raises:
        UsageError: a pattern is none of the server's.
    """
    check_patterns(query.filter, check_for_server)
    keys = dotted_keys(query)
    if keys:
        # One page tells whether there are runs that have such a key under its whole name: newest first.
        unseen = ask(Selection(server_filter(both(widened(query.filter, keys), lacking(keys)))), _LOOKED_AT)
        whole = sorted(key for key in keys if any(value_of(run, key) is not None for run in unseen))
        if whole:
            warn(f"the server finds no key that holds a dot, such as {whole[0]}: runs were looked through one by one")
            runs = ask(Selection(server_filter(widened(query.filter, keys))), None)
            chosen = [run for run in runs if matches(query.filter, run)]
            return sort_runs(chosen, query.sort, descending=query.descending)[: query.limit]
    return _chosen_by_server(query, ask)


def _chosen_by_server(query: RunQuery, ask: Ask) -> list[Run]:
    found: list[Run] = []
    for selection in selections(query):
        room = None if query.limit is None else query.limit - len(found)
        if room == 0:
            break
        found += ask(selection, room)
    return found


def server_runs(handles: Mapping[str, Any], server: str, warn: Warn) -> dict[str, ServerRun]:
    """The client's runs as ours, by id; one of several of which no sense can be made is left out.

    Raises:
        OddAnswerError: this goes for all of them.
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

"""A query for runs as a server takes it, whose filters have other keys than ours, and know less."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wandb_plot.model.queries.filters import FILTER_KEYS, Filter, filter_keys, has_operators
from wandb_plot.model.queries.keys import split_key
from wandb_plot.model.queries.run_query import RunQuery

_SERVER_KEYS = {"display_name": "displayName", "created_at": "createdAt", "job_type": "jobType"}
_OPTIONAL = {"tags", "group", "job_type", "jobType", "notes", "sweep"}  # keys under which a run may have nothing
_ORDER_KEYS = {"name": "display_name", "id": "name"}


@dataclass(frozen=True)
class ServerQuery:
    """One query that a server answers.

    Attributes:
        filter: in W&B's MongoDB form, with the keys that the server knows.
        order: `+` or `-` before the server's name for what to sort by.
    """

    filter: Filter
    order: str = "-created_at"


def server_queries(query: RunQuery) -> Iterator[ServerQuery]:
    """The queries whose answers, one after the other, are what `query` selects.

    A server lists runs without the value that is sorted by first or last, depending on the direction; here they are
    always last. So for config and summary a query of its own asks for them.
    """
    wanted = server_filter(query.filter)
    section, name = split_key(query.sort)
    order = ("-" if query.descending else "+") + _order_key(section, name, query.sort)
    if not section:
        yield ServerQuery(wanted, order)
        return
    yield ServerQuery(both(wanted, _has(query.sort)), order)
    yield ServerQuery(both(wanted, _lacks(query.sort)))


def server_filter(wanted: Filter) -> Filter:
    """A filter as the server takes it.

    It has no `$not`, and a run without the key never passes `$ne` there; here it does.
    """
    clauses = [clause for key, inner in wanted.items() for clause in _clauses(key, inner)]
    return {"$and": clauses} if len(clauses) > 1 else clauses[0] if clauses else {}


def dotted_keys(query: RunQuery) -> set[str]:
    """Keys of a query whose dots may belong to a name: such names no filter of the server's finds."""
    keys = {key.removesuffix(".value") for key in (*filter_keys(query.filter), query.sort)}
    return {key for key in keys if "." in split_key(key)[1]}


def lacking(keys: set[str]) -> Filter:
    """A filter for runs in which the server doesn't find one of `keys`."""
    return {"$or": [_lacks(key) for key in sorted(keys)]}


def widened(wanted: Filter, keys: set[str]) -> Filter:
    """A looser filter: it also lets through runs of which the server can't see one of `keys`."""
    clauses: list[Filter] = []
    for key, inner in wanted.items():
        clause = {key: inner}
        if not keys & {asked.removesuffix(".value") for asked in filter_keys(clause)}:
            clauses.append(clause)
        elif key in ("$and", "$or"):
            clauses.append({key: [widened(each, keys) for each in inner]})
        elif key != "$nor":
            clauses.append({"$or": [clause, {key: {"$exists": False}}]})
    return {"$and": clauses} if clauses else {}


def both(first: Filter, second: Filter) -> Filter:
    """A filter that holds where both do."""
    return {"$and": [first, second]} if first else second


def _clauses(key: str, inner: Any) -> Iterator[Filter]:
    if key not in FILTER_KEYS and not split_key(key)[0]:  # joins filters
        yield {key: [server_filter(clause) for clause in inner]}
        return
    server_key = _SERVER_KEYS.get(key, key)
    absent = {server_key: None} if key in _OPTIONAL else {} if key in FILTER_KEYS else {server_key: {"$exists": False}}
    for operator, operand in inner.items() if has_operators(inner) else [("$eq", inner)]:
        if operator == "$not":
            yield {"$nor": [server_filter({key: operand})]}
        elif absent and ((operator == "$ne" and operand is not None) or (operator == "$nin" and None not in operand)):
            yield {"$or": [absent, {server_key: {operator: operand}}]}
        else:
            yield {server_key: operand if operator == "$eq" else {operator: operand}}


def _has(key: str) -> Filter:
    return {_server_key(key): {"$exists": True}}


def _lacks(key: str) -> Filter:
    return {_server_key(key): {"$exists": False}}


def _server_key(key: str) -> str:
    section, name = split_key(key)
    return f"summary_metrics.{name}" if section == "summary" else key


def _order_key(section: str, name: str, key: str) -> str:
    if not section:
        return _ORDER_KEYS.get(key, key)
    if section == "summary":
        return f"summary_metrics.{name}"
    # Each config key is kept with a description beside its value.
    first, _, rest = name.partition(".")
    return f"config.{first}.value" + (f".{rest}" if rest else "")

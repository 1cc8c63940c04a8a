"""A query for runs in the words of the server."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wandb_plot.model.filters import Filter
from wandb_plot.model.query import RunQuery

_FILTER_KEYS = {"display_name": "displayName", "created_at": "createdAt", "job_type": "jobType"}
_ORDER_KEYS = {"name": "display_name", "id": "name"}


@dataclass(frozen=True)
class Selection:
    """One question for runs.

    Attributes:
        filter: in W&B's MongoDB form, with the server's names for columns.
        order: `+` or `-` before the server's name for what to sort by.
    """

    filter: Filter
    order: str = "-created_at"


def selections(query: RunQuery) -> Iterator[Selection]:
    """The questions whose answers, one after the other, are what `query` selects.

    The server puts runs without the value that is sorted by first or last as the direction has it, here they are always
    last; so for config and summary they are a question of their own.
    """
    wanted = _translated(query.filter)
    kind, _, key = query.sort.partition(".")
    order = ("-" if query.descending else "+") + _order_key(kind, key)
    if not key:
        yield Selection(wanted, order)
        return
    sorted_by = f"summary_metrics.{key}" if kind == "summary" else query.sort
    yield Selection(_both(wanted, {sorted_by: {"$exists": True}}), order)
    yield Selection(_both(wanted, {sorted_by: {"$exists": False}}))


def _order_key(kind: str, key: str) -> str:
    if not key:
        return _ORDER_KEYS.get(kind, kind)
    if kind == "summary":
        return f"summary_metrics.{key}"
    # Each config key is kept with a description beside its value.
    first, _, rest = key.partition(".")
    return f"config.{first}.value" + (f".{rest}" if rest else "")


def _both(first: Filter, second: Filter) -> Filter:
    return {"$and": [first, second]} if first else second


def _translated(wanted: Any) -> Any:
    """The filter with the server's names for its keys."""
    if isinstance(wanted, Mapping):
        return {_FILTER_KEYS.get(key, key): _translated(value) for key, value in wanted.items()}
    return [_translated(item) for item in wanted] if isinstance(wanted, list) else wanted

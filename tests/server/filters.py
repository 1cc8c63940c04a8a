"""The filters and orders that W&B takes for runs: MongoDB's notation over columns, config and summary."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.server.contents import RunContents

_MISSING = object()


class FilterError(ValueError):
    """The server refuses this filter or order."""


_COLUMNS: dict[str, Callable[[RunContents], Any]] = {
    "name": lambda run: run.id,
    "displayname": lambda run: run.display_name,
    "state": lambda run: run.state,
    "tags": lambda run: run.tags,
    "group": lambda run: run.group,
    "jobtype": lambda run: run.job_type,
    "createdat": lambda run: run.created_at,
    "heartbeatat": lambda run: run.heartbeat_at or run.created_at,
    "notes": lambda run: run.notes,
    "sweep": lambda run: run.sweep,
}


def _descend(tree: Any, path: str) -> Any:
    """The value at `path`, each dot of which leads one level down: a key that holds a dot itself is never found."""
    for part in path.split("."):
        if not isinstance(tree, Mapping) or part not in tree:
            return _MISSING
        tree = tree[part]
    return tree


def look_up(run: RunContents, key: str) -> Any:
    """What `key` of a filter or an order stands for in `run`; `_MISSING` where the run lacks it."""
    section, _, rest = key.partition(".")
    if section == "config":
        # Each key is kept with a description beside its value, and may be named either way.
        found = _descend(run.config, rest)
        return (
            _descend({key: {"value": value} for key, value in run.config.items()}, rest) if found is _MISSING else found
        )
    if section == "summary_metrics":
        return _descend(run.summarised(), rest)
    column = _COLUMNS.get(key.replace("_", "").lower())
    if column is None:
        raise FilterError(f"unknown run column {key!r}")
    return column(run)


def _comparable(left: Any, right: Any) -> tuple[Any, Any] | None:
    """Both sides in one type that has an order, or None."""
    if isinstance(left, datetime) and isinstance(right, str):
        right = datetime.fromisoformat(right)
        return left, right if right.tzinfo else right.replace(tzinfo=left.tzinfo)
    numbers = (int, float)
    if isinstance(left, numbers) and isinstance(right, numbers):
        return left, right
    return (left, right) if isinstance(left, str) and isinstance(right, str) else None


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(value: Any, operand: Any) -> bool:
        pair = _comparable(value, operand)
        return pair is not None and test(*pair)

    return holds


def _equal(value: Any, operand: Any) -> bool:
    if isinstance(value, list):
        return value == operand or operand in value
    if value is _MISSING:
        return operand is None
    pair = _comparable(value, operand)
    left, right = pair or (value, operand)
    return bool(left == right)


# What RE2 has and Python writes otherwise, and what it lacks.
_ONLY_RE2 = {r"\z": r"\Z", "[[:digit:]]": "[0-9]", "[[:alpha:]]": "[A-Za-z]", r"\pL": "[A-Za-z]"}
_NOT_RE2 = re.compile(r"\(\?<?[=!]|\\[1-9]|\(\?P=|\(\?>")


def _re2(pattern: str) -> re.Pattern[str]:
    """A pattern of RE2's, as far as the tests need it."""
    refused = _NOT_RE2.search(pattern)
    if refused:
        raise FilterError(f"error parsing regexp: invalid or unsupported Perl syntax: `{refused[0]}`")
    for theirs, ours in _ONLY_RE2.items():
        pattern = pattern.replace(theirs, ours)
    try:
        return re.compile(pattern)
    except re.error as error:
        raise FilterError(f"error parsing regexp: {error}") from None


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda value, operand: value is not _MISSING and not _equal(value, operand),
    "$gt": _ordered(lambda left, right: left > right),
    "$gte": _ordered(lambda left, right: left >= right),
    "$lt": _ordered(lambda left, right: left < right),
    "$lte": _ordered(lambda left, right: left <= right),
    "$in": lambda value, operand: any(_equal(value, item) for item in operand),
    "$nin": lambda value, operand: value is not _MISSING and not any(_equal(value, item) for item in operand),
    "$regex": lambda value, operand: isinstance(value, str) and _re2(operand).search(value) is not None,
    "$exists": lambda value, operand: (value is not _MISSING and value is not None) == operand,
}


def matches(run: RunContents, condition: Mapping[str, Any]) -> bool:
    """Whether `run` meets every part of `condition`.

    Raises:
        FilterError: an unknown operator or run column.
    """
    return all(_meets(run, key, wanted) for key, wanted in condition.items())


def _meets(run: RunContents, key: str, wanted: Any) -> bool:
    match key:
        case "$and":
            return all(matches(run, part) for part in wanted)
        case "$or":
            return any(matches(run, part) for part in wanted)
        case "$nor":
            return not any(matches(run, part) for part in wanted)
    value = look_up(run, key)
    # As in a table, who has no tags has nothing to compare.
    value = _MISSING if value == [] or value is None else value
    if not isinstance(wanted, Mapping):
        return _equal(value, wanted)
    for operator in wanted:
        if operator not in _OPERATORS:
            raise FilterError(f"unknown operator {operator!r}")
    return all(_OPERATORS[operator](value, operand) for operator, operand in wanted.items())


def ordered(runs: list[RunContents], order: str) -> list[RunContents]:
    """`runs` by `order`: a key behind an optional `+` (ascending, the default) or `-`.

    As in the database behind W&B, runs that lack the key come first when ascending and last when descending, and
    runs that are equal come by creation.
    """
    descending, key = order.startswith("-"), order.lstrip("+-")

    def rank(run: RunContents) -> tuple[int, Any]:
        whole = key.removeprefix("config.").removesuffix(".value")
        # Only an order finds a key of config that holds a dot.
        value = run.config[whole] if "." in whole and whole in run.config else look_up(run, key)
        if value is _MISSING or value is None or isinstance(value, list | Mapping):
            return (0, 0)
        return (1, value) if isinstance(value, int | float) else (2, str(value))

    by_creation = sorted(runs, key=lambda run: (run.created_at, run.id))
    return sorted(by_creation, key=rank, reverse=descending)

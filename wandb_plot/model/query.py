"""Which runs are wanted, and in which order: one form that a server executes and that run folders are matched against.

Filters are kept in W&B's own MongoDB form. `display_name`, `state`, `tags`, `group`, `job_type`, `created_at`,
`config.KEY` and `summary_metrics.KEY` are its keys, and `name` there is the run's id.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wandb_plot.errors import UsageError
from wandb_plot.model.nested import nested
from wandb_plot.model.run import Run

Filter = Mapping[str, Any]

_EXPRESSION = re.compile(r"^\s*([^=!<>~]+?)\s*(<=|>=|!=|==|=|<|>|~)\s*(.*?)\s*$", re.DOTALL)
_OPERATORS = {"=": "$eq", "==": "$eq", "!=": "$ne", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}

# What users say, and what W&B's filters call it.
_KEYS = {
    "id": "name",
    "name": "display_name",
    "display_name": "display_name",
    "state": "state",
    "tag": "tags",
    "tags": "tags",
    "group": "group",
    "job_type": "job_type",
    "created_at": "created_at",
}
_HINT = "write KEY=VALUE with =, !=, <, <=, >, >= or ~, such as config.lr=0.1, summary.loss<0.2 or name~^base"


@dataclass(frozen=True)
class RunQuery:
    """A selection of runs.

    Attributes:
        filter: in W&B's MongoDB form; empty selects all.
        sort: `created_at`, `name`, `id`, `state`, `group`, `summary.KEY` or `config.KEY`.
        descending: from the greatest down; runs without the key come last either way.
        limit: at most this many; None for all.
    """

    filter: Filter = field(default_factory=dict)
    sort: str = "created_at"
    descending: bool = True
    limit: int | None = None


def parse_filters(
    expressions: Sequence[str], *, states: Sequence[str] = (), tags: Sequence[str] = (), group: str | None = None
) -> Filter:
    """One filter that holds where everything asked for holds.

    Args:
        expressions: each `KEY OP VALUE`, or a JSON object that already is a W&B filter.
        states: any of them.
        tags: all of them.
        group: the run's group.

    Raises:
        UsageError: an expression can't be understood.
    """
    clauses = [_parse(expression) for expression in expressions]
    if states:
        clauses.append({"state": {"$in": list(states)}})
    clauses += [{"tags": tag} for tag in tags]
    if group is not None:
        clauses.append({"group": group})
    if len(clauses) > 1:
        return {"$and": clauses}
    return clauses[0] if clauses else {}


def parse_sort(text: str) -> tuple[str, bool]:
    """Split `--sort` into the key and whether it descends.

    Raises:
        UsageError: no run has such a key.
    """
    key = text.removeprefix("-").removeprefix("+")
    if key in ("created_at", "name", "id", "state", "group") or re.match(r"(summary|config)\..", key):
        return key, text.startswith("-")
    raise UsageError(
        f"runs can't be sorted by {text!r}",
        hint="sort by created_at, name, id, state, group, summary.KEY or config.KEY, with a leading - for descending",
    )


def matches(wanted: Filter, run: Run) -> bool:
    """Whether `run` meets a filter in W&B's MongoDB form.

    Raises:
        UsageError: the filter has an operator or a key that isn't known.
    """
    # Every clause is looked at, so that a mistake in a later one is reported whatever the first says.
    met = [_matches_clause(key, condition, run) for key, condition in wanted.items()]
    return all(met)


def sort_runs(runs: Sequence[Run], key: str, *, descending: bool) -> list[Run]:
    """The runs in order of `key`; ties by age and id, runs without the key last."""
    by_id = sorted(runs, key=lambda run: (run.created_at or _EPOCH, run.id), reverse=descending)
    having = [run for run in by_id if _sortable(value_of(run, key)) is not None]
    missing = [run for run in by_id if _sortable(value_of(run, key)) is None]
    having.sort(key=lambda run: _sortable(value_of(run, key)) or (0, 0), reverse=descending)
    return having + missing


def value_of(run: Run, key: str) -> Any:
    """What `run` says of a key as users write it: `name`, `state`, `config.lr`, `summary.loss`, ...; else None."""
    kind, _, rest = key.partition(".")
    if rest and kind == "config":
        return nested(run.config, rest)
    if rest and kind in ("summary", "summary_metrics"):
        return nested(run.summary, rest)
    return getattr(run, {"display_name": "name", "tag": "tags"}.get(key, key), None)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _parse(expression: str) -> Filter:
    if expression.lstrip().startswith("{"):
        try:
            whole: Filter = json.loads(expression)
        except json.JSONDecodeError as error:
            raise UsageError(f"--filter {expression!r} is no JSON: {error}", hint=_HINT) from error
        return whole
    found = _EXPRESSION.match(expression)
    if not found:
        raise UsageError(f"--filter {expression!r} can't be understood", hint=_HINT)
    key, operator, text = found.groups()
    if operator == "~":
        _compiled(text)
        return {_filter_key(key): {"$regex": text}}
    wanted = _filter_key(key)
    value = _literal(text)
    if wanted in _KEYS.values() and not isinstance(value, str):
        # These are text: a run called 7 has no number for a name.
        value = text
    return {wanted: {_OPERATORS[operator]: value}}


def _filter_key(key: str) -> str:
    kind, _, rest = key.partition(".")
    if rest and kind == "config":
        return key
    if rest and kind in ("summary", "summary_metrics"):
        return f"summary_metrics.{rest}"
    if key not in _KEYS:
        raise UsageError(f"--filter: runs have no {key!r}", hint=f"{_HINT}; keys are {', '.join(sorted(_KEYS))}")
    return _KEYS[key]


def _literal(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _matches_clause(key: str, condition: Any, run: Run) -> bool:
    if key in ("$and", "$or", "$nor"):
        if not isinstance(condition, list):
            raise UsageError(f"--filter: {key} takes a list of filters", hint=_HINT)
        if not all(isinstance(clause, Mapping) for clause in condition):
            raise UsageError(f"--filter: {key} takes filters, which are JSON objects", hint=_HINT)
        met = [matches(clause, run) for clause in condition]
        return all(met) if key == "$and" else any(met) == (key == "$or")
    if key.startswith("$"):
        raise UsageError(f"--filter: the operator {key!r} isn't known here", hint=_HINT)
    return _matches_condition(condition, _filtered_value(run, key))


def _matches_condition(condition: Any, value: Any) -> bool:
    if isinstance(condition, Mapping) and any(name.startswith("$") for name in condition):
        met = [_compare(operator, operand, value) for operator, operand in condition.items()]
        return all(met)
    return _equal(value, condition)


def _filtered_value(run: Run, key: str) -> Any:
    if key.startswith("config."):
        value = value_of(run, key)
        return value_of(run, key.removesuffix(".value")) if value is None else value
    names = {"name": "id", "displayName": "name", "jobType": "job_type", "createdAt": "created_at"}
    value = value_of(run, names.get(key, key))
    return value.isoformat() if isinstance(value, datetime) else value


def _equal(value: Any, operand: Any) -> bool:
    if isinstance(value, (list, tuple)) and not isinstance(operand, (list, tuple)):
        return any(_equal(item, operand) for item in value)
    if isinstance(value, bool) is not isinstance(operand, bool):
        return False
    return bool(value == operand)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(value: Any, operand: Any) -> bool:
        try:
            return compare(value, operand)
        except TypeError:
            return False

    return holds


def _regex(value: Any, pattern: Any) -> bool:
    values = value if isinstance(value, (list, tuple)) else [value]
    return any(_compiled(pattern).search(item) for item in values if isinstance(item, str))


def _compiled(pattern: Any) -> re.Pattern[str]:
    try:
        return re.compile(str(pattern))
    except re.error as error:
        raise UsageError(f"--filter: {pattern!r} is no regular expression: {error}", hint=_HINT) from error


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda value, operand: not _equal(value, operand),
    "$lt": _ordered(lambda value, operand: value < operand),
    "$lte": _ordered(lambda value, operand: value <= operand),
    "$gt": _ordered(lambda value, operand: value > operand),
    "$gte": _ordered(lambda value, operand: value >= operand),
    "$in": lambda value, operand: any(_equal(value, item) for item in operand),
    "$nin": lambda value, operand: not any(_equal(value, item) for item in operand),
    "$exists": lambda value, operand: (value is not None) is bool(operand),
    "$regex": _regex,
}


def _compare(operator: str, operand: Any, value: Any) -> bool:
    if operator == "$not":
        return not _matches_condition(operand, value)
    if operator not in _COMPARISONS:
        raise UsageError(f"--filter: the operator {operator!r} isn't known here", hint=_HINT)
    if operator in ("$in", "$nin") and not isinstance(operand, list):
        raise UsageError(f"--filter: {operator} takes a list", hint=_HINT)
    return _COMPARISONS[operator](value, operand)


def _sortable(value: Any) -> tuple[int, Any] | None:
    """A key that orders numbers before text, or None for what has no order."""
    if isinstance(value, datetime):
        return 0, value.timestamp()
    if isinstance(value, (bool, int, float)):
        return (0, value) if value == value else None  # noqa: PLR0124 -- NaN has no place in an order
    if isinstance(value, str):
        return 1, value
    return None

"""Filters in W&B's own MongoDB form: whether one is valid, which keys it names, and whether a run meets it.

A server applies them itself; runs on disk are matched against them here. Their keys are `display_name`, `state`,
`tags`, `group`, `job_type`, `notes`, `sweep`, `created_at`, `config.KEY`, `summary_metrics.KEY`, and `name`, which is
the run's id.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from wandb_plot.basics.formatting import excerpt
from wandb_plot.basics.json_text import non_finite_text
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.keys import split_key, value_of
from wandb_plot.model.queries.regular_expressions import compile_pattern
from wandb_plot.model.run import Run

Filter = Mapping[str, Any]

HINT = "write KEY=VALUE with =, !=, <, <=, >, >= or ~, such as config.lr=0.1, summary.loss<0.2 or name~^base"

# The keys of a filter, and the attribute of a run that each asks of.
FILTER_KEYS = {
    "name": "id",
    "display_name": "name",
    "displayName": "name",
    "state": "state",
    "tags": "tags",
    "group": "group",
    "job_type": "job_type",
    "jobType": "job_type",
    "notes": "notes",
    "sweep": "sweep",
    "created_at": "created_at",
    "createdAt": "created_at",
}

_JUNCTIONS = ("$and", "$or", "$nor")

# Nobody writes deeper ones, and Python's own calls don't go much deeper.
_DEEPEST_FILTER = 50


def check_filter(wanted: Any, depth: int = 0) -> None:
    """Refuse a filter that is not valid.

    Raises:
        UsageError: it has a key or an operator that isn't known, or an operand of the wrong kind.
    """
    if not isinstance(wanted, Mapping):
        raise UsageError(f"filter: {excerpt(wanted)} is no filter, which is a JSON object", hint=HINT)
    if depth > _DEEPEST_FILTER:
        raise UsageError(f"filter: filters nest at most {_DEEPEST_FILTER} deep", hint=HINT)
    for key, condition in wanted.items():
        if key in _JUNCTIONS:
            if not isinstance(condition, list):
                raise UsageError(f"filter: {key} takes a list of filters", hint=HINT)
            for clause in condition:
                check_filter(clause, depth + 1)
        elif key.startswith("$"):
            raise UsageError(f"filter: the operator {excerpt(key)} isn't known here", hint=HINT)
        elif key not in FILTER_KEYS and not all(split_key(key)):
            keys = f"{', '.join(sorted(FILTER_KEYS))}, config.KEY and summary_metrics.KEY"
            raise UsageError(f"filter: a JSON filter has no key {excerpt(key)}", hint=f"its keys are {keys}")
        else:
            _check_condition(condition, depth + 1)


def filter_keys(wanted: Filter) -> Iterator[str]:
    """The keys of runs that a filter asks of, as users write them; some several times."""
    for key, condition in wanted.items():
        if key in _JUNCTIONS:
            for clause in condition:
                yield from filter_keys(clause)
        else:
            section, name = split_key(key)
            yield f"{section}.{name}" if section else FILTER_KEYS[key]


def check_patterns(wanted: Any, check: Callable[[str], object]) -> None:
    """Call `check` with every regular expression of a filter that passed `check_filter`; it may refuse one."""
    for key, inner in wanted.items() if isinstance(wanted, Mapping) else ():
        if key == "$regex":
            check(inner)
        for clause in inner if key in _JUNCTIONS else [inner]:
            check_patterns(clause, check)


def matches(wanted: Filter, run: Run) -> bool:
    """Whether `run` meets a filter that passed `check_filter`.

    Raises:
        UsageError: it has a pattern that Python can't read.
    """
    return all(_meets(key, condition, run) for key, condition in wanted.items())


def operator_holds(operator: str, value: Any, operand: Any) -> bool:
    """Whether `value` stands in the relation `operator` (`$lt`, `$regex`, ...) to `operand`; None is no value."""
    if operator == "$not":
        return not _meets_condition(operand, value)
    if isinstance(value, datetime):
        value, operand = _times(operator, value, operand)
    return _COMPARISONS[operator](value, operand)


def has_operators(operand: Any) -> bool:
    """Whether what a key is held against is made of operators, and not a value to be equal to."""
    return isinstance(operand, Mapping) and any(name.startswith("$") for name in operand)


def _check_condition(condition: Any, depth: int) -> None:
    if not has_operators(condition):
        return
    if depth > _DEEPEST_FILTER:
        raise UsageError(f"filter: filters nest at most {_DEEPEST_FILTER} deep", hint=HINT)
    for operator, operand in condition.items():
        if operator == "$not":
            if not has_operators(operand):
                raise UsageError("filter: $not takes an operator", hint=HINT)
            _check_condition(operand, depth + 1)
        elif operator not in _COMPARISONS:
            raise UsageError(f"filter: the operator {excerpt(operator)} isn't known here", hint=HINT)
        elif operator in _OPERANDS and not isinstance(operand, _OPERANDS[operator][0]):
            raise UsageError(f"filter: {operator} takes {_OPERANDS[operator][1]}", hint=HINT)


def _meets(key: str, condition: Any, run: Run) -> bool:
    if key in _JUNCTIONS:
        met = [matches(clause, run) for clause in condition]
        return all(met) if key == "$and" else any(met) == (key == "$or")
    return _meets_condition(condition, _filtered_value(run, key))


def _meets_condition(condition: Any, value: Any) -> bool:
    if has_operators(condition):
        return all(operator_holds(operator, value, operand) for operator, operand in condition.items())
    return operator_holds("$eq", value, condition)


def _times(operator: str, value: datetime, operand: Any) -> tuple[Any, Any]:
    """A run's time and what it is compared with, both in seconds; for a pattern the time as text."""
    if operator == "$regex":
        return value.isoformat(), operand
    return value.timestamp(), list(map(_seconds, operand)) if isinstance(operand, list) else _seconds(operand)


def _seconds(text: Any) -> Any:
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return text
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _filtered_value(run: Run, key: str) -> Any:
    value = value_of(run, FILTER_KEYS.get(key, key))
    if value is None and key.startswith("config."):
        value = value_of(run, key.removesuffix(".value"))
    if isinstance(value, float) and not math.isfinite(value):
        return non_finite_text(value)
    return None if value == () else value


def _equal(value: Any, operand: Any) -> bool:
    if isinstance(value, (list, tuple)):
        if isinstance(operand, (list, tuple)):
            return list(value) == list(operand)
        return any(_equal(item, operand) for item in value)
    if isinstance(value, bool) is not isinstance(operand, bool):
        return False
    return bool(value == operand)


def _ordered(relation: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(value: Any, operand: Any) -> bool:
        try:
            return relation(value, operand)
        except TypeError:
            return False

    return holds


def _matches_pattern(value: Any, pattern: str) -> bool:
    compiled = compile_pattern(pattern)
    values = value if isinstance(value, (list, tuple)) else [value]
    return any(compiled.search(item) for item in values if isinstance(item, str))


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
    "$regex": _matches_pattern,
}
_OPERANDS: dict[str, tuple[type, str]] = {
    "$in": (list, "a list"),
    "$nin": (list, "a list"),
    "$exists": (int, "true or false"),  # booleans are integers
    "$regex": (str, "text"),
}

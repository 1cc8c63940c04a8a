"""Which runs are wanted, and in which order, as users write it on the command line."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from wandb_plot.basics.formatting import excerpt
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.filters import FILTER_KEYS, HINT, Filter, check_filter
from wandb_plot.model.queries.keys import ATTRIBUTES, split_key, value_of
from wandb_plot.model.run import EPOCH, Run

_EXPRESSION = re.compile(r"\s*([^=!<>~]+?)\s*(<=|>=|!=|==|=|<|>|~)\s*(.*?)\s*", re.DOTALL)
_OPERATORS = {"=": "$eq", "==": "$eq", "!=": "$ne", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte", "~": "$regex"}

# What the keys that users write are called in filters.
_FILTER_KEY_OF = {attribute: key for key, attribute in reversed(FILTER_KEYS.items())}
_KEYS = {key: _FILTER_KEY_OF[attribute] for key, attribute in ATTRIBUTES.items() if attribute in _FILTER_KEY_OF}
_SORT_KEYS = ("created_at", "name", "id", "state", "group")

# Nobody writes deeper JSON, and Python's own calls don't go much deeper.
_DEEPEST_JSON = 100
_BRACKET = re.compile(r'"(?:\\.|[^"\\])*"|[\[\]{}]')

_DATE = re.compile(r"\d{4}(?:-\d\d){0,2}")
# The first month and day, after a year; and the most days that a year, a month and a day have, by the parts of a date.
_FIRST = (1, 1, 1)
_LONGEST_DAYS = {1: 366, 2: 31, 3: 1}


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


@dataclass(frozen=True)
class Condition:
    """One `KEY OP VALUE` of a user.

    Attributes:
        key: as it was written.
        operator: MongoDB's name for it, such as `$lt`; `$regex` for `~`.
        value: a number, boolean, null, list or dict where the text is JSON for one, else text.
        text: the value as it was written.
    """

    key: str
    operator: str
    value: Any
    text: str


def parse_filters(
    expressions: Sequence[str],
    *,
    states: Sequence[str] = (),
    tags: Sequence[str] = (),
    group: str | None = None,
    sweep: str | None = None,
) -> Filter:
    """One filter that holds where everything asked for holds.

    Args:
        expressions: each `KEY OP VALUE`, or a JSON object that already is a W&B filter.
        states: any of them.
        tags: all of them.
        group: the run's group.
        sweep: the id of the run's sweep.

    Raises:
        UsageError: an expression can't be understood.
    """
    clauses = [_parse(expression) for expression in expressions]
    if states:
        clauses.append({"state": {"$in": list(states)}})
    clauses += [{"tags": tag} for tag in tags]
    clauses += [{key: value} for key, value in (("group", group), ("sweep", sweep)) if value is not None]
    if len(clauses) > 1:
        return {"$and": clauses}
    return clauses[0] if clauses else {}


def is_filter(text: str) -> bool:
    """Whether a text has the form of a filter, rather than that of a run's name."""
    return bool(_EXPRESSION.fullmatch(text)) or text.lstrip().startswith("{")


def joined_conditions(text: str) -> list[str]:
    """The conditions of a text that has several with commas between; empty where it has not."""
    conditions = [condition.strip() for condition in text.split(",")]
    looks_so = len(conditions) > 1 and not text.lstrip().startswith("{") and all(map(is_filter, conditions))
    return conditions if looks_so else []


def parse_condition(text: str) -> Condition:
    """Split `KEY OP VALUE`; the key may be any.

    Raises:
        UsageError: it has no such form, or its value is too much for any run.
    """
    found = _EXPRESSION.fullmatch(text)
    if not found:
        raise UsageError(f"filter {excerpt(text)} can't be understood", hint=HINT)
    key, operator, value = found.groups()
    return Condition(key, _OPERATORS[operator], value if operator == "~" else _literal(value), value)


def split_sort(text: str) -> tuple[str, bool]:
    """What to sort by, and whether from the greatest down: `-` before it says so, `+` or nothing the opposite."""
    return text.removeprefix("-").removeprefix("+"), text.startswith("-")


def parse_sort(text: str) -> tuple[str, bool]:
    """Split `--sort` into a key of runs and whether it descends.

    Raises:
        UsageError: no run has such a key.
    """
    key, descending = split_sort(text)
    if key in _SORT_KEYS or all(split_key(key)):
        return key, descending
    raise UsageError(
        f"runs can't be sorted by {text!r}",
        hint=f"sort by {', '.join(_SORT_KEYS)}, summary.KEY or config.KEY, with a leading - for descending",
    )


def sort_runs(runs: Sequence[Run], key: str, *, descending: bool) -> list[Run]:
    """The runs in order of `key`; ties by age and id, runs without the key last."""
    by_id = sorted(runs, key=lambda run: (run.created_at or EPOCH, run.id), reverse=descending)
    having = [run for run in by_id if _sortable(value_of(run, key)) is not None]
    missing = [run for run in by_id if _sortable(value_of(run, key)) is None]
    having.sort(key=lambda run: _sortable(value_of(run, key)) or (0, 0), reverse=descending)
    return having + missing


def _parse(text: str) -> Filter:
    if text.lstrip().startswith("{"):
        try:
            whole: Filter = _json(text)
        except json.JSONDecodeError as error:
            raise UsageError(f"filter {excerpt(text)} is no JSON: {error}", hint=HINT) from None
        check_filter(whole)
        return whole
    condition = parse_condition(text)
    key = filter_key(condition.key)
    # These keys hold text: the name of a run called 7 is no number.
    value = condition.text if key in _KEYS.values() and not isinstance(condition.value, str) else condition.value
    if key == "created_at" and condition.operator != "$regex":
        return _time_filter(key, condition)
    return {key: {condition.operator: value}}


def filter_key(key: str) -> str:
    """What W&B's filters call a key that users write.

    Raises:
        UsageError: no run has such a key.
    """
    section, name = split_key(key)
    if section:
        return key if section == "config" else f"summary_metrics.{name}"
    if key not in _KEYS:
        raise UsageError(f"filter: runs have no {excerpt(key)}", hint=f"{HINT}; keys are {', '.join(sorted(_KEYS))}")
    return _KEYS[key]


def _time_filter(key: str, condition: Condition) -> Filter:
    """Of a time of a day, or of a whole day, month or year: `=` is within it, `<=` before its end, `>` after it."""
    start, stop = _period(condition.text)
    if stop is None:
        return {key: {condition.operator: start}}
    conditions: dict[str, Filter] = {
        "$eq": {key: {"$gte": start, "$lt": stop}},
        "$ne": {"$or": [{key: {"$lt": start}}, {key: {"$gte": stop}}]},
        "$lte": {key: {"$lt": stop}},
        "$gt": {key: {"$gte": stop}},
    }
    return conditions.get(condition.operator, {key: {condition.operator: start}})


def _period(text: str) -> tuple[str, str | None]:
    """When a year, month or day in ISO 8601 begins, and the next one does, in UTC; a time of a day has no end."""
    hint = "such as created_at>=2026-01-31 or created_at<2026-01-31T12:00"
    try:
        if _DATE.fullmatch(text):
            parts = [int(part) for part in text.split("-")]
            year, month, day = (*parts, *_FIRST[len(parts) :])
            start = datetime(year, month, day)  # noqa: DTZ001 -- W&B's filters take times without a zone for UTC
            stop = start + timedelta(days=_LONGEST_DAYS[len(parts)])
            return start.isoformat(), (stop if len(parts) == len(_FIRST) else stop.replace(day=1)).isoformat()
        time = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UsageError(f"filter: {excerpt(text)} is no date", hint=hint) from None
    return (time.astimezone(UTC) if time.tzinfo else time).replace(tzinfo=None).isoformat(), None


def _literal(text: str) -> Any:
    try:
        return _json(text)
    except json.JSONDecodeError:
        return text


def _json(text: str) -> Any:
    """What `text` stands for as JSON; non-finite numbers as the texts that runs have for them.

    Raises:
        json.JSONDecodeError: it is no JSON.
        UsageError: it nests too deep, or holds a number of too many digits.
    """
    depth = 0
    for token in _BRACKET.findall(text):
        depth += 1 if token in ("[", "{") else -1 if token in ("]", "}") else 0
        if depth > _DEEPEST_JSON:
            raise UsageError(f"filter: {excerpt(text)} nests more than {_DEEPEST_JSON} deep", hint=HINT)
    try:
        return json.loads(text, parse_constant=str)
    except json.JSONDecodeError:
        raise
    except ValueError:
        raise UsageError(f"filter: {excerpt(text)} has a number of too many digits", hint=HINT) from None


def _sortable(value: Any) -> tuple[int, Any] | None:
    """A key that orders numbers before text, or None for what has no order."""
    if isinstance(value, datetime):
        return 0, value.timestamp()
    if isinstance(value, (bool, int, float)):
        return (0, value) if value == value else None  # noqa: PLR0124 -- NaN has no order
    if isinstance(value, str):
        return 1, value
    return None

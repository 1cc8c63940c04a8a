"""History rows as W&B hands them out: flattened keys, words for what JSON has no numbers for, random samples."""

import itertools
import json
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.server.contents import Row, RunContents

DEFAULT_SAMPLES = 500


def spoken(value: Any) -> Any:
    """`value` with "NaN", "Infinity" and "-Infinity" in place of the numbers that JSON lacks, at any depth."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {key: spoken(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [spoken(item) for item in value]
    return value


def line(run: RunContents, value: Any) -> str:
    """`value` as one line of JSON, in the way this run's client wrote non-finite numbers."""
    return json.dumps(value if run.bare_tokens else spoken(value))


def flattened(row: Mapping[str, Any], prefix: str = "") -> Row:
    """One level: nested keys joined with dots; what says its `_type` stays whole."""
    flat: Row = {}
    for key, value in row.items():
        if isinstance(value, Mapping) and "_type" not in value:
            flat |= flattened(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def sampled(rows: Sequence[Row], samples: int | None, seed: object) -> list[Row]:
    """At most `samples` of `rows`, in their order: which, is left to chance, so a spike is as likely lost as not.

    The same `seed` draws the same rows.
    """
    count = DEFAULT_SAMPLES if samples is None else samples
    if len(rows) <= count:
        return list(rows)
    chosen = random.Random(str(seed)).sample(range(len(rows)), max(count, 0))  # noqa: S311 - chance, not secrecy
    return [rows[index] for index in sorted(chosen)]


def history(run: RunContents, low: int | None, end: int | None, samples: int | None) -> list[str]:
    """Whole rows from step `low` up to, not including, `end`, as lines of JSON."""
    rows = [row for row in list(run.rows) if (low or 0) <= row["_step"] < (math.inf if end is None else end)]
    return [line(run, row) for row in sampled(rows, samples, (run.id, low, end))]


def sampled_history(run: RunContents, spec: Mapping[str, Any]) -> list[Row]:
    """For one spec: the rows that hold all of its keys, cut down to these, steps `minStep` to `maxStep` inclusive."""
    keys = spec["keys"]
    low, high = spec.get("minStep", 0), spec.get("maxStep", math.inf)
    rows = []
    for row in list(run.rows):
        if low <= row["_step"] <= high:
            flat = flattened(row)
            if all(flat.get(key) is not None for key in keys):
                rows.append({key: spoken(flat[key]) for key in keys})
    return sampled(rows, spec.get("samples"), (run.id, *keys))


_KINDS = {type(None): "nil", bool: "bool", int: "number", float: "number", str: "string", list: "list"}


def _kind(value: Any) -> str:
    """What the server calls the type of `value`; the words that stand for non-finite numbers are strings to it."""
    said = spoken(value)
    return said.get("_type", "map") if isinstance(said, dict) else _KINDS[type(said)]


def history_keys(run: RunContents) -> dict[str, Any]:
    """Every key with the number of rows that hold it, by type; those of the system stream behind `system/`."""
    rows = list(run.rows)
    streams = [flattened(row) for row in rows] if not run.nested_keys else rows
    events = [
        {f"system/{key.removeprefix('system.')}": value for key, value in row.items() if key.startswith("system.")}
        for row in list(run.events)
    ]
    last = run.last_step if run.last_step_said is None else run.last_step_said
    return {"keys": _keys(streams) | _keys(events), "sets": [], "lastStep": last}


def _keys(rows: Sequence[Row]) -> dict[str, Any]:
    values: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for key, value in row.items():
            values[key].append(value)
    return {key: _told(held) for key, held in values.items()}


def _told(values: Sequence[Any]) -> dict[str, Any]:
    """What the server says of the values of one key."""
    numbers = [value for value in values if _kind(value) == "number"]
    ascends = all(left <= right for left, right in itertools.pairwise(numbers))
    return {
        "typeCounts": [
            {"type": kind, "count": count} | ({"keys": _inner_keys(values)} if kind == "map" else {})
            for kind, count in Counter(map(_kind, values)).items()
        ],
        "monotonic": ascends and len(numbers) == len(values),
        "previousValue": numbers[-1] if numbers else None,
    }


def _inner_keys(values: Sequence[Any]) -> dict[str, Any]:
    """The keys of dicts, with types and without counts."""
    kinds: defaultdict[str, dict[str, list[Any]]] = defaultdict(dict)
    for value in values:
        for key, inner in value.items() if _kind(value) == "map" else ():
            kinds[key].setdefault(_kind(inner), []).append(inner)
    return {
        key: [{"type": kind} | ({"keys": _inner_keys(held)} if kind == "map" else {}) for kind, held in by_kind.items()]
        for key, by_kind in kinds.items()
    }


def live(row: Mapping[str, Any], keys: Iterable[str]) -> Row:
    """Those of `keys` that a live row holds: flat, media whole, every number a float."""
    flat = flattened(row)
    return {key: float(flat[key]) if _kind(flat[key]) == "number" else spoken(flat[key]) for key in keys if key in flat}

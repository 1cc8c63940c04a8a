"""Rows of an extent of a log -> the values that were logged, by dotted name, each with the row it stands in."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray
from wandb_plot.model.metrics import LARGEST_STEP, STEP, SYSTEM_PREFIX
from wandb_plot.sources.log.format.byte_arrays import Bytes, Integers
from wandb_plot.sources.log.format.protobuf import read_fields, varints
from wandb_plot.sources.log.format.transaction_log import RecordKind, Records
from wandb_plot.sources.log.item_numbers import evaluate
from wandb_plot.sources.log.key_value_items import Items, may_begin_with, read_items
from wandb_plot.sources.log.value_kinds import KINDS_BY_BYTE, ValueKinds
from wandb_plot.sources.logged_values import ValueKind, value_kind

Objects = npt.NDArray[np.object_]

# Field numbers: HistoryRecord {item 1, step 2 {num 1}}, StatsRecord {timestamp 2 {seconds 1, nanos 2}, item 3}.
_ITEM = {RecordKind.HISTORY: 1, RecordKind.STATS: 3}
_X = 2
_FIRST, _SECOND = 1, 2

# Looking for more keys costs more than reading all items.
_MOST_FIRST_KEYS = 32


class ValuesOfName(NamedTuple):
    """What was logged under one name, in the order it was logged; all arrays have the shape (values,).

    Attributes:
        row: index into `LoggedRows.x`, ascending.
        kind: a `ValueKind` other than DICT or UNKNOWN.
        value: what NUMBER and NON_FINITE_TEXT stand for; NaN of all others.
        decoded: the values as Python has them; None where they were not asked for.
    """

    row: Integers
    kind: ValueKinds
    value: FloatArray
    decoded: Objects | None


@dataclass(frozen=True, eq=False)
class LoggedRows:
    """The rows of one stream in one extent of a log.

    Attributes:
        x: shape (rows,): the step of each row, in the order of the log; for the system stream seconds since the epoch.
            NaN where a row has none.
        values: by name.
    """

    x: FloatArray
    values: Mapping[str, ValuesOfName]


class ValueReader:
    """Reads the values of one extent of a log after another.

    Args:
        wanted: whether values of a name are to be read.
        outer: whether a dict of a name may hold values of a wanted name.
        decoded: whether values of a name are to be decoded.
        first_keys: the keys to look for at the beginning of each item: every name itself, and what precedes each of its
            dots. None reads all items.
    """

    def __init__(
        self,
        *,
        wanted: Callable[[str], bool],
        outer: Callable[[str], bool],
        decoded: Callable[[str], bool],
        first_keys: Collection[str] | None = None,
    ) -> None:
        self._wanted, self._outer, self._decoded = wanted, outer, decoded
        keys = {STEP, *(first_keys or ())}
        is_worth_it = first_keys is not None and len(keys) <= _MOST_FIRST_KEYS
        self._first_keys = [key.encode() for key in keys] if is_worth_it else None

    def read(self, records: Records, stream: RecordKind) -> LoggedRows:
        """All rows of a stream: HISTORY, or STATS, whose names are prefixed with `system.`."""
        buffer = records.buffer
        x, item_fields = self._read_rows(records, stream)
        items = read_items(buffer, *item_fields)
        if stream is RecordKind.HISTORY and np.isnan(x).any():
            _take_steps(buffer, items, x)
        names = [(SYSTEM_PREFIX if stream is RecordKind.STATS else "") + ".".join(path) for path in items.paths]
        is_wanted, is_outer = (np.array([test(name) for name in names], bool) for test in (self._wanted, self._outer))
        if not is_wanted.all():
            chosen = is_wanted[items.path]
            if (is_outer & ~is_wanted).any():
                may_be_dict = KINDS_BY_BYTE[buffer[items.start]] >= ValueKind.DICT
                chosen |= is_outer[items.path] & may_be_dict
            items = items.select(np.flatnonzero(chosen))
        return LoggedRows(x, self._by_name(buffer, items, names))

    def _read_rows(self, records: Records, stream: RecordKind) -> tuple[FloatArray, tuple[Integers, ...]]:
        """The x of each row, NaN where it has none; and row, start and stop of all items that may be wanted."""
        buffer, (starts, stops) = records.buffer, records.positions(stream)
        fields = read_fields(buffer, starts, stops)
        x = np.full(len(starts), np.nan)
        says_x = fields.number == _X
        x[fields.owner[says_x]] = _x(buffer, fields.start[says_x], fields.stop[says_x], stream)
        at = np.flatnonzero(fields.number == _ITEM[stream])
        if self._first_keys is not None:
            at = at[may_begin_with(buffer, fields.start[at], fields.stop[at], self._first_keys)]
        return x, (fields.owner[at], fields.start[at], fields.stop[at])

    def _by_name(self, buffer: Bytes, items: Items, names: list[str]) -> dict[str, ValuesOfName]:
        codes: dict[str, int] = {}
        kind, number = evaluate(buffer, items)
        flat = np.flatnonzero(kind < ValueKind.DICT)
        nested = [
            (codes.setdefault(name, len(codes)), int(items.owner[index]), *value_kind(value), value)
            for index in np.flatnonzero(kind >= ValueKind.DICT).tolist()
            for name, value in _leaves(names[items.path[index]], items.content(buffer, index))
            if self._wanted(name)
        ]
        code = np.array([codes.setdefault(name, len(codes)) for name in names], np.int64)[items.path[flat]]
        row, kind, number = items.owner[flat], kind[flat], number[flat]
        if nested:
            more = list(zip(*nested, strict=True))
            code, row = np.append(code, more[0]), np.append(row, more[1])
            kind, number = np.append(kind, np.array(more[2], np.uint8)), np.append(number, more[3])
            order = np.lexsort((row, code))
        else:
            # The sort of small integers is a radix sort, which takes a tenth of the time.
            order = np.argsort(code.astype(np.min_scalar_type(len(codes))), kind="stable")
        bounds = np.searchsorted(code[order], np.arange(len(codes) + 1)).tolist()

        def decoded(index: int) -> Any:
            return items.content(buffer, int(flat[index])) if index < len(flat) else nested[index - len(flat)][-1]

        return {
            name: ValuesOfName(
                row[at], kind[at], number[at], _objects(map(decoded, at.tolist())) if self._decoded(name) else None
            )
            for (name, code_of_name) in codes.items()
            if len(at := order[bounds[code_of_name] : bounds[code_of_name + 1]])
        }


def _leaves(name: str, value: Any) -> list[tuple[str, Any]]:
    """What lies in nested dicts, by dotted name."""
    found, pending = [], [(name, value)]
    while pending:
        name, value = pending.pop()
        if isinstance(value, dict):
            pending += [(f"{name}.{key}", inner) for key, inner in value.items()]
        else:
            found.append((name, value))
    return found


def _objects(values: Any) -> Objects:
    collected = list(values)
    objects = np.empty(len(collected), object)
    objects[:] = collected
    return objects


def _x(buffer: Bytes, starts: Integers, stops: Integers, stream: RecordKind) -> FloatArray:
    """The numbers in messages of steps or timestamps; protobuf leaves out a step of 0, but not its message."""
    fields = read_fields(buffer, starts, stops)
    x = np.zeros(len(starts))
    first = fields.number == _FIRST
    x[fields.owner[first]] = varints(buffer, fields.start[first])[0]
    if stream is RecordKind.STATS:
        second = fields.number == _SECOND
        x[fields.owner[second]] += varints(buffer, fields.start[second])[0] / 1e9
    return x


def _take_steps(buffer: Bytes, items: Items, x: FloatArray) -> None:
    """Give rows without an x what was logged as their `_step`, if that is a step."""
    steps = items.with_paths(np.array([path == (STEP,) for path in items.paths], bool))
    steps = steps.select(np.isnan(x[steps.owner]))
    kind, number = evaluate(buffer, steps)
    is_step = (kind == ValueKind.NUMBER) & (np.abs(number) <= LARGEST_STEP)
    x[steps.owner[is_step]] = np.trunc(number[is_step])

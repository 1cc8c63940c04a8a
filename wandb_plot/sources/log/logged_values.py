"""Rows of a log -> values: every value that was logged, under its dotted name, with the row it stands in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wandb_plot.model.history import STEP, SYSTEM_PREFIX, FloatArray
from wandb_plot.sources.log.buffers import Bytes, Integers
from wandb_plot.sources.log.evaluation import evaluate
from wandb_plot.sources.log.items import Items, read_items
from wandb_plot.sources.log.protobuf import Fields, read_fields, varints
from wandb_plot.sources.log.transaction_log import Log, RecordKind
from wandb_plot.sources.log.values import ValueKind, ValueKinds, value_kind

# Field numbers: HistoryRecord {item 1, step 2 {num 1}}, StatsRecord {timestamp 2 {seconds 1, nanos 2}, item 3}.
_ITEM = {RecordKind.HISTORY: 1, RecordKind.STATS: 3}
_X = 2
_FIRST, _SECOND = 1, 2


@dataclass(frozen=True, eq=False)
class LoggedValues:
    """All values of one stream of rows, in no particular order.

    Attributes:
        names: every different name.
        name: shape (values,), index into `names`.
        row: shape (values,), index into `x`.
        kind: shape (values,), a `ValueKind` other than DICT or UNKNOWN.
        number: shape (values,), what NUMBER and WORD stand for; NaN of all others.
        x: shape (records,): the step of each record, in the order of the file; for the system stream seconds since
            the epoch. NaN where a record has none.
        values: by (name, row), decoded values of those values for which that was asked.
    """

    names: list[str]
    name: Integers
    row: Integers
    kind: ValueKinds
    number: FloatArray
    x: FloatArray
    values: Mapping[tuple[str, int], Any]


class ValueReader:
    """Reads the values of one log after another kind of row.

    Args:
        wanted: whether values of a name, or where it is a dict those in it, are to be read.
        decoded: whether values of a name are to be decoded.
        parse: whether numbers are to be.
    """

    def __init__(
        self, *, wanted: Callable[[str], bool], decoded: Callable[[str], bool] = lambda _: False, parse: bool = True
    ) -> None:
        self._wanted, self._decoded, self._parse = wanted, decoded, parse

    def read(self, log: Log, stream: RecordKind) -> LoggedValues:
        """All values of a stream: HISTORY, or STATS, whose names are prefixed with `system.`."""
        self._names: dict[str, int] = {}
        self._values: dict[tuple[str, int], Any] = {}
        self._parts: list[tuple[Any, ...]] = [((), (), (), ())]
        x: list[FloatArray] = [np.empty(0)]
        for buffer, starts, stops in log.batches(stream):
            fields = read_fields(buffer, starts, stops)
            of_items = fields.number == _ITEM[stream]
            items = read_items(buffer, fields.owner[of_items], fields.start[of_items], fields.stop[of_items])
            self._add(buffer, items, sum(map(len, x)), SYSTEM_PREFIX if stream is RecordKind.STATS else "")
            x.append(_x(buffer, fields, items, len(starts), stream))
        name, row, kind, number = (np.concatenate(part) for part in zip(*self._parts, strict=True))
        return LoggedValues(
            names=list(self._names),
            name=name.astype(np.int64),
            row=row.astype(np.int64),
            kind=kind.astype(np.uint8),
            number=number.astype(np.float64),
            x=np.concatenate(x),
            values=self._values,
        )

    def _add(self, buffer: Bytes, items: Items, first_row: int, prefix: str) -> None:
        names = [prefix + ".".join(path) for path in items.paths]
        items = items.with_paths(np.array([self._wanted(name) for name in names], bool))
        kind, number = evaluate(buffer, items, parse=self._parse)
        row = items.owner + first_row
        flat = kind < ValueKind.DICT
        code = np.array([self._code(name) for name in names], np.int64)[items.path]
        self._parts.append((code[flat], row[flat], kind[flat], number[flat]))
        for index in np.flatnonzero(~flat).tolist():
            self._expand(names[items.path[index]], int(row[index]), items.content(buffer, index))
        for path in [path for path, name in enumerate(names) if self._decoded(name)]:
            for index in np.flatnonzero(flat & (items.path == path)).tolist():
                self._values[names[path], int(row[index])] = items.content(buffer, index)

    def _expand(self, name: str, row: int, value: Any) -> None:
        values: list[tuple[int, ValueKind, float]] = []
        pending = [(name, value)]
        while pending:
            name, value = pending.pop()
            if isinstance(value, dict):
                pending += [(f"{name}.{key}", inner) for key, inner in value.items()]
            elif self._wanted(name):
                values.append((self._code(name), *value_kind(value)))
                if self._decoded(name):
                    self._values[name, row] = value
        if values:
            code, kind, number = zip(*values, strict=True)
            self._parts.append((code, [row] * len(values), kind, number))

    def _code(self, name: str) -> int:
        return self._names.setdefault(name, len(self._names))


def _x(buffer: Bytes, fields: Fields, items: Items, count: int, stream: RecordKind) -> FloatArray:
    """The x of each of `count` records; protobuf values out a step of 0, but not the message around it."""
    x = np.full(count, np.nan)
    holds = fields.number == _X
    owner = fields.owner[holds]
    inner = read_fields(buffer, fields.start[holds], fields.stop[holds])
    x[owner] = 0
    first = inner.number == _FIRST
    x[owner[inner.owner[first]]] = varints(buffer, inner.start[first])[0]
    if stream is RecordKind.STATS:
        second = inner.number == _SECOND
        x[owner[inner.owner[second]]] += varints(buffer, inner.start[second])[0] / 1e9
    elif np.isnan(x).any():
        steps = items.with_paths(np.array([path == (STEP,) for path in items.paths], bool))
        steps = steps.select(np.isnan(x[steps.owner]))
        x[steps.owner] = evaluate(buffer, steps)[1]
    return x

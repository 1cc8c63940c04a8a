"""The rows of all extents of a log -> what each name was logged as, one value a step."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray
from wandb_plot.sources.log.extent_values import LoggedRows, Objects
from wandb_plot.sources.log.value_kinds import ValueKinds
from wandb_plot.sources.logged_values import ValueKind

T = TypeVar("T", bound=np.generic)


class LoggedValues(NamedTuple):
    """What one name was logged as; all arrays have the shape (values,).

    Attributes:
        x: strictly ascending.
        kind: a `ValueKind`; None where all are NUMBER.
        value: the number that each stands for, or NaN; None where numbers are not wanted.
        decoded: the values as Python has them; None where they were not asked for.
    """

    x: FloatArray
    kind: ValueKinds | None
    value: FloatArray | None
    decoded: Objects | None = None

    def select(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> "LoggedValues":
        """The values that a mask, or indices, choose."""
        kept = (None if array is None else array[chosen] for array in self[1:])
        return LoggedValues(self.x[chosen], *kept)  # type: ignore[arg-type]  # mypy sees one type for all

    def are(self, kind: ValueKind) -> npt.NDArray[np.bool_]:
        """Which of the values are of a kind."""
        if self.kind is None:
            return np.full(len(self.x), kind == ValueKind.NUMBER)
        mask: npt.NDArray[np.bool_] = self.kind == kind
        return mask


class ValueCollector:
    """Collects the rows of one stream, extent by extent in the order of the log.

    Args:
        fill_steps: whether a row without a step gets the one after the last, as in the history; else it is left out.
        is_kept: whether the numbers of a name are wanted.
    """

    def __init__(self, *, fill_steps: bool, is_kept: Callable[[str], bool]) -> None:
        self._fill_steps, self._is_kept = fill_steps, is_kept
        self._x: list[FloatArray] = [np.empty(0)]
        self._next_step: float = 0
        self._starts_log = True
        self._by_name: dict[str, list[LoggedValues]] = {}

    def start_log(self) -> None:
        """Say that the next rows are the first of a log."""
        self._starts_log = True

    def add(self, rows: LoggedRows, starting_step: int | None = None) -> None:
        """Add the rows of the next extent.

        Args:
            rows: of the extent.
            starting_step: the step of the first row of a log, where rows have none.
        """
        if self._starts_log and starting_step:
            self._next_step = starting_step
        if not len(rows.x):
            return
        self._starts_log = False
        x = rows.x
        if self._fill_steps:
            x = filled_steps(x, self._next_step)
            self._next_step = x[-1] + 1
        self._x.append(x)
        every_row = np.arange(len(x))
        for name, values in rows.values.items():
            kind = None if (values.kind == ValueKind.NUMBER).all() else values.kind
            value = values.value if self._is_kept(name) else None
            # Names that every row holds share one array, which is most of what is kept of those without numbers.
            is_in_every_row = len(values.row) == len(x) and bool((values.row == every_row).all())
            own_x = x if is_in_every_row else x[values.row]
            logged = LoggedValues(own_x, kind, value, values.decoded)
            self._by_name.setdefault(name, []).append(logged)

    def logged(self) -> Iterator[tuple[str, LoggedValues]]:
        """Hand out what was logged under each name, once. Of several at one x, the last one counts."""
        while self._by_name:
            name, of_extents = self._by_name.popitem()
            yield name, _joined(of_extents)

    def distinct_x(self) -> FloatArray:
        """Hand out, once, every x at which there is a row, ascending."""
        x = _concatenated(self._x)
        return x if _ascends(x) else np.unique(x[np.isfinite(x)])


def filled_steps(steps: FloatArray, next_step: float) -> FloatArray:
    """The steps of rows in the order of the log, where a row without one (NaN) gets the one after the row before.

    Args:
        steps: shape (rows,).
        next_step: the step of the first row, if it has none.
    """
    missing = np.isnan(steps)
    if not missing.any():
        return steps
    position = np.arange(len(steps))
    known = np.maximum.accumulate(np.where(missing, -1, position))
    return np.where(known < 0, next_step + position, steps[known] + position - known)


def _joined(of_extents: list[LoggedValues]) -> LoggedValues:
    columns = [list(column) for column in zip(*of_extents, strict=True)]
    if any(kind is not None for kind in columns[1]):
        numbers = np.uint8(ValueKind.NUMBER)
        columns[1] = [np.full(len(one.x), numbers) if one.kind is None else one.kind for one in of_extents]
    of_extents.clear()
    logged = LoggedValues(*(None if column[0] is None else _concatenated(column) for column in columns))  # type: ignore[arg-type]
    if _ascends(logged.x):
        return logged
    order = np.argsort(logged.x, kind="stable")
    order = order[np.isfinite(logged.x[order])]
    is_last = np.append(np.diff(logged.x[order]) > 0, True)
    return logged.select(order[is_last[: len(order)]])


def _concatenated(arrays: list[npt.NDArray[T]]) -> npt.NDArray[T]:
    """The arrays as one. Each is freed once it was copied, so that memory never holds all of both."""
    if len(arrays) == 1:
        return arrays.pop()
    whole = np.empty(sum(map(len, arrays)), arrays[-1].dtype)
    stop = len(whole)
    while arrays:
        array = arrays.pop()
        whole[stop - len(array) : stop] = array
        stop -= len(array)
    return whole


def _ascends(x: FloatArray) -> bool:
    return bool(np.all(x[1:] > x[:-1]) and np.isfinite(x[-1:]).all())

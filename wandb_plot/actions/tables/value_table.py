"""Tables of values: long, one row per value, or wide, one column per metric."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wandb_plot.basics.arrow import repeat_text, spread, to_arrow, to_axis, to_numpy, union
from wandb_plot.errors import UsageError
from wandb_plot.figures.axes import axis_of
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.lines.run_series import RunSeries
from wandb_plot.model.history import Column, FloatArray
from wandb_plot.model.metrics import AXIS_COLUMNS

Points = tuple[FloatArray, FloatArray]

_EXTRAS = ("smooth", "low", "high")

_AXIS_NAMES = {name: word for word, name in AXIS_COLUMNS.items()}


@dataclass(frozen=True, kw_only=True)
class PointSelection:
    """Which points of each line are wanted.

    Attributes:
        xlim: lowest and highest x, inclusive; None for no limit.
        every: only the first point of every so many units of x; None for all points.
        at: only the last point at or before each of these x; empty for all points.
    """

    xlim: tuple[float | None, float | None] = (None, None)
    every: float | None = None
    at: Sequence[float] = ()

    def indices(self, x: FloatArray) -> npt.NDArray[np.intp]:
        """Which of the points at `x`, shape (n,), are wanted: their indices, in the order of the points."""
        indices = self._in_question(x)
        if self.at:
            indices = indices[np.unique(self._before(x[indices], sorted(self.at)))]
        return indices

    def repeated(self, x: FloatArray) -> list[float]:
        """Those of `at` that give no row: before the first point, or with the same point as a lower `at`."""
        x = x[self._in_question(x)]
        at = sorted(set(self.at))
        found = [self._before(x, [one]).tolist() for one in at]
        return [one for one, index, last in zip(at, found, [[], *found], strict=False) if index in ([], last)]

    @staticmethod
    def _before(x: FloatArray, at: Sequence[float]) -> npt.NDArray[np.intp]:
        """The index of the last point at or before each of `at` that has one."""
        order = np.argsort(x, kind="stable")
        before = np.searchsorted(x[order], at, side="right") - 1
        return order[before[before >= 0]]

    def _in_question(self, x: FloatArray) -> npt.NDArray[np.intp]:
        """The indices that `xlim` and `every` leave."""
        low, high = self.xlim
        inside = np.ones(len(x), dtype=bool)
        if low is not None:
            inside &= x >= low
        if high is not None:
            inside &= x <= high
        indices = np.flatnonzero(inside)
        if self.every is not None:
            _, first = np.unique(x[indices] // self.every, return_index=True)
            indices = indices[np.sort(first)]
        return indices


def axis_name(columns: Iterable[Column], wanted: str) -> str:
    """What the column of the axis is called: `step`, `runtime`, `wall`, or its own name.

    Raises:
        UsageError: the metrics have no axis in common.
    """
    axes = {axis_of(column, wanted) for column in columns} or {wanted}
    if len(axes) > 1:
        raise UsageError(
            "one table can't be over step and runtime at once",
            hint="the system stream has no steps: add --x-axis runtime, or choose --metrics of one kind",
        )
    (axis,) = axes
    return _AXIS_NAMES.get(axis, axis)


def long_table(series: Sequence[RunSeries], chosen: PointSelection, axis: str) -> pa.Table:
    """One row per value, line by line: `run_id`, `run_name`, `metric`, the axis, `value`."""
    tables = []
    for one in series:
        x, y = _points(one, chosen)
        texts = (one.run.id, one.run.name, one.metric)
        tables.append([*(repeat_text(text, len(x)) for text in texts), to_arrow(x), to_arrow(y)])
    return _joined(tables, ["run_id", "run_name", "metric", axis, "value"], axis)


def wide_table(series: Sequence[RunSeries], chosen: PointSelection, axis: str) -> pa.Table:
    """`run_id`, `run_name`, the axis, and one column per metric on the union of their x; null where it has no point.

    Args:
        series: those of a run one after the other.
        chosen: the points of each line, chosen before the union is made.
        axis: the name of its column; it gets a `_` in front where a metric has that name.
    """
    metrics = list(dict.fromkeys(one.metric for one in series))
    axis = f"_{axis}" if axis in metrics else axis
    by_run: dict[str, list[RunSeries]] = {}
    for one in series:
        by_run.setdefault(one.run.id, []).append(one)
    tables = []
    for of_run in by_run.values():
        points = {one.metric: _points(one, chosen) for one in of_run}
        x = union(of_metric for of_metric, _ in points.values())
        columns = [spread(*points.get(metric, (np.empty(0), np.empty(0))), x) for metric in metrics]
        texts = (of_run[0].run.id, of_run[0].run.name)
        tables.append([*(repeat_text(text, len(x)) for text in texts), to_arrow(x), *columns])
    return _joined(tables, ["run_id", "run_name", axis, *metrics], axis)


def drawn_table(lines: Sequence[Line], axis: str) -> pa.Table:
    """One row per drawn point: `label`, `run_ids` with spaces between, `metric`, the axis, `value`.

    Then, where any line has them, `smooth`, `low` and `high` of a band, and `n`, the number of runs behind a point of
    a group; null for lines without.
    """
    extras = [name for name in _EXTRAS if any(name in line.series.arrays for line in lines)]
    grouped = any(line.group_line for line in lines)
    tables = []
    for line in lines:
        series, count = line.series, len(line.series.x)
        texts = (series.label, " ".join(series.run_ids), series.metric)
        tables.append([*(repeat_text(text, count) for text in texts), to_arrow(series.x), to_arrow(series.y)])
        tables[-1] += [_or_null(series.arrays.get(name), count) for name in extras]
        if grouped:
            tables[-1].append(_or_null(_counts(line, series.x), count).cast(pa.int64()))
    names = ["label", "run_ids", "metric", axis, "value", *extras, *(["n"] if grouped else [])]
    return _joined(tables, names, axis)


def _points(series: RunSeries, chosen: PointSelection) -> Points:
    indices = chosen.indices(series.x)
    return series.x[indices], series.values[indices]


def _counts(line: Line, x: FloatArray) -> FloatArray | None:
    """How many runs are behind the group's line at each of `x`; None for a run's line."""
    if line.group_line is None:
        return None
    # On a log scale the series may lack points of the group.
    return np.asarray(line.group_line.counts, dtype=np.float64)[np.searchsorted(line.group_line.x, x)]


def _or_null(values: FloatArray | None, count: int) -> pa.Array:
    return to_arrow(np.zeros(count), np.ones(count, dtype=bool)) if values is None else to_arrow(values)


def _joined(tables: Sequence[Sequence[pa.Array]], names: Sequence[str], axis: str) -> pa.Table:
    """All tables in one, its axis as integers where every x is a whole number."""
    index = names.index(axis)
    if not tables:
        tables = [[*[repeat_text("", 0)] * index, *[to_arrow(np.empty(0))] * (len(names) - index)]]
    table = pa.concat_tables([pa.Table.from_arrays(list(columns), names=list(names)) for columns in tables])
    return table.set_column(index, axis, pa.chunked_array([to_axis(to_numpy(table.column(index)))]))

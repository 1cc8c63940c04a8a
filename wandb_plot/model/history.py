"""A run's history as columns: every metric on its own steps, so none costs another a point."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from wandb_plot.model.metrics import MIXED, NUMERIC, RUNTIME, STEP

if TYPE_CHECKING:
    import pyarrow as pa

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Column:
    """The numbers one metric was logged as: a column of a history, unlike the pixel `Columns` of a picture.

    Attributes:
        name: the metric, nested keys joined with dots; `system.` before those of the system stream, unless a metric
            of that name was logged: then that one has it.
        type: `numeric`; `mixed` where strings were logged too; else `boolean`, `string`, `list`, or the
            logged `_type` (`image-file` is `image`, `images/separated` is `images`, `table-file` is `table`).
        steps: shape (n,), strictly ascending: the `_step` of each number; for the system stream the
            seconds since the run began, ascending.
        values: shape (n,), float64, in the order of `steps`; NaN and infinities are kept where they were logged.
        non_null: rows in which the metric has a value that is neither null nor NaN, numbers and others together; of a
            sample those of the whole history, where the source says how many.
        is_system: whether it belongs to the system stream, whose x is runtime.
    """

    name: str
    type: str
    steps: FloatArray
    values: FloatArray
    non_null: int
    is_system: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether any logged value is a number."""
        return self.type in (NUMERIC, MIXED)


@dataclass(frozen=True, eq=False)
class History:
    """Columns by metric name, with what is known of the whole they come from.

    Attributes:
        columns: by name, sorted. Axis columns (`_step`, `_runtime`, `_timestamp`) are among them when asked for.
        rows: rows in the run's whole history, whatever was read of it.
        system_rows: rows in the run's system stream.
        sampled: names of the metrics of which only a sample was read; all others hold every logged point.
    """

    columns: Mapping[str, Column]
    rows: int
    system_rows: int = 0
    sampled: frozenset[str] = field(default_factory=frozenset)

    def __getitem__(self, name: str) -> Column:
        """The column of that metric.

        Raises:
            KeyError: it was not read; the message names those that were.
        """
        try:
            return self.columns[name]
        except KeyError:
            raise KeyError(f"{name!r} was not read; there are {', '.join(self.columns) or 'no columns'}") from None

    def rows_of(self, name: str) -> int:
        """Rows in the stream that the column `name` belongs to."""
        return self.system_rows if self.columns[name].is_system else self.rows

    def to_arrow(self, *, system: bool = False) -> "pa.Table":
        """A column a metric on the union of their steps, which are the first column, `_step`.

        Args:
            system: those of the system stream instead, over `_runtime`; the others have no such axis.

        Returns:
            float64 columns, the axis int64 where all of it is whole; null where a metric was not logged at that step,
            NaN where NaN was logged. Metrics that are no numbers are left out.
        """
        import pyarrow as pa

        from wandb_plot.basics.arrow import spread, to_axis, union

        axis = RUNTIME if system else STEP
        columns = [
            column
            for column in self.columns.values()
            if column.is_numeric and column.is_system is system and column.name != axis
        ]
        steps = union(column.steps for column in columns)
        spread_columns = {column.name: spread(column.steps, column.values, steps) for column in columns}
        return pa.table({axis: to_axis(steps)} | spread_columns)

    def to_pandas(self, *, system: bool = False) -> Any:
        """`to_arrow` as a pandas DataFrame, in which NaN stands both for what was not logged and for a logged NaN."""
        return self.to_arrow(system=system).to_pandas()


class SharedSteps:
    """Arrays of steps that several histories have in common: of many runs, nearly all have the same."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, float, float], FloatArray] = {}

    def shared(self, history: History) -> History:
        """The same history, in which columns with steps that are known have that very array."""
        return replace(history, columns={name: self._sharing(column) for name, column in history.columns.items()})

    def _sharing(self, column: Column) -> Column:
        steps = column.steps
        if not len(steps):
            return column
        known = self._known.setdefault((len(steps), float(steps[0]), float(steps[-1])), steps)
        return replace(column, steps=known) if known is not steps and np.array_equal(known, steps) else column


def values_at(column: Column, steps: FloatArray) -> FloatArray:
    """The value of `column` at each of `steps`; NaN where it was not logged at that very step.

    Args:
        column: any column of the same run.
        steps: shape (n,).

    Returns:
        shape (n,), float64.
    """
    if not len(column.steps):
        return np.full(len(steps), np.nan)
    at = np.minimum(np.searchsorted(column.steps, steps), len(column.steps) - 1)
    return np.where(column.steps[at] == steps, column.values[at], np.nan)

"""A run's history as columns: every metric on its own steps, so none costs another a point."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

NUMERIC = "numeric"
MIXED = "mixed"

# The axes, which every row holds beside its metrics.
STEP = "_step"
RUNTIME = "_runtime"
TIMESTAMP = "_timestamp"

SYSTEM_PREFIX = "system."


@dataclass(frozen=True, eq=False)
class Column:
    """The numbers one metric was logged as.

    Attributes:
        name: the metric, nested keys joined with dots; `system.` before those of the system stream, unless a metric
            of that name was logged: then that one has it.
        type: `numeric`; `mixed` where strings were logged too; else `boolean`, `string`, `list`, or the
            logged `_type` (`image-file` is `image`, `images/separated` is `images`, `table-file` is `table`).
        steps: shape (n,), strictly ascending: the `_step` of each number; for the system stream the
            seconds since the run began, ascending.
        values: shape (n,), float64, in the order of `steps`; NaN and infinities are kept where they were logged.
        non_null: rows in which the metric has a value that is neither null nor NaN, numbers and others together.
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

    def rows_of(self, name: str) -> int:
        """Rows in the stream that the column `name` belongs to."""
        return self.system_rows if self.columns[name].is_system else self.rows


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

"""What a metric is drawn over: its own steps, runtime, wall time, or another metric of the same rows."""

import numpy as np

from wandb_plot.errors import UsageError
from wandb_plot.model.history import RUNTIME, STEP, TIMESTAMP, Column, FloatArray, History, values_at
from wandb_plot.model.run import Run

# What users say.
AXES = {"step": STEP, "runtime": RUNTIME, "wall": TIMESTAMP}

_LABELS = {STEP: "step", RUNTIME: "runtime (s)", TIMESTAMP: "time (UTC)"}


def axis_label(axis: str) -> str:
    """What to write beside the axis."""
    return _LABELS.get(axis, axis)


def axis_of(column: Column, wanted: str) -> str:
    """The axis that a metric is drawn over: the system stream has no steps, so runtime stands in for them."""
    return RUNTIME if column.is_system and wanted == STEP else wanted


def axis_values(run: Run, history: History, column: Column, wanted: str) -> FloatArray:
    """The x of each number of `column`, shape (n,); NaN where the axis has no value in that row.

    Wall time is in seconds since the epoch, runtime in seconds since the run began.

    Raises:
        UsageError: the metric is of the system stream, which has no such axis.
    """
    axis = axis_of(column, wanted)
    if column.is_system:
        if axis == RUNTIME:
            return column.steps
        if axis == TIMESTAMP and run.created_at:
            return column.steps + run.created_at.timestamp()
        raise UsageError(
            f"{column.name} is of the system stream, which has no {wanted}",
            hint="draw it with --x-axis runtime or wall",
        )
    if axis == STEP:
        return column.steps
    if axis not in history.columns:
        return np.full(len(column.steps), np.nan)
    return values_at(history.columns[axis], column.steps)

"""What a metric is drawn over: its own steps, runtime, wall time, or another metric of the same rows."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from wandb_plot.errors import UsageError
from wandb_plot.model.figure import Figure, Series
from wandb_plot.model.history import Column, FloatArray, History, values_at
from wandb_plot.model.metrics import RUNTIME, STEP, TIMESTAMP
from wandb_plot.model.run import Run

# Runtime is shown in the largest of these units of which it has at least three.
_UNITS = (("min", 60), ("h", 3600), ("d", 86400))
_LEAST_UNITS = 3

_LABELS = {STEP: "step", RUNTIME: "runtime (s)", TIMESTAMP: "time (UTC)"}


def axis_label(axis: str) -> str:
    """What to write beside the axis."""
    return _LABELS.get(axis, axis)


def axis_of(column: Column, wanted: str) -> str:
    """The axis that a metric is drawn over: the system stream has no steps, so runtime stands in for them."""
    return RUNTIME if column.is_system and wanted == STEP else wanted


def require_one(axes: Collection[str]) -> None:
    """Make sure that the lines of a figure are over one axis.

    Raises:
        UsageError: they aren't.
    """
    if len(axes) > 1:
        raise UsageError(
            f"one figure can't be over {' and '.join(sorted(axes))} at once",
            hint="the system stream has no steps: add --x-axis runtime, or draw it in a figure of its own",
        )


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


def in_readable_unit(figure: Figure, axis: str, *, keep: bool) -> Figure:
    """The figure with runtime in minutes, hours or days, where it is so long; `keep` where its label is given."""
    units = [(name, seconds) for name, seconds in _UNITS if _reach(figure) >= _LEAST_UNITS * seconds]
    if axis != RUNTIME or keep or not units:
        return figure
    name, seconds = units[-1]

    def convert(one: Figure) -> Figure:
        low, high = (None if limit is None else limit / seconds for limit in one.xlim)
        return replace(
            one,
            xlabel=f"runtime ({name})",
            xlim=(low, high),
            series=tuple(_per(series, seconds) for series in one.series),
            panels=tuple(map(convert, one.panels)),
        )

    return convert(figure)


def _reach(figure: Figure) -> float:
    """How far x goes in what is seen."""
    ends = (
        [figure.xlim[1]]
        if figure.xlim[1] is not None
        else [series.x.max() for series in figure.series if len(series.x)]
    )
    return max([*map(_reach, figure.panels), *ends], default=0.0)


def _per(series: Series, seconds: float) -> Series:
    marks = tuple(replace(mark, x=mark.x / seconds) for mark in series.marks)
    return replace(series, x=series.x / seconds, marks=marks)

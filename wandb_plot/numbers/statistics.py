"""What `metrics` and metadata.json say about a column of numbers."""

import math
import sys
from typing import NotRequired, TypedDict

import numpy as np

from wandb_plot.basics.formatting import plain_number
from wandb_plot.model.history import Column, FloatArray
from wandb_plot.model.metadata_types import Number, Statistics

# Of normal noise, sigma over the median absolute deviation (Rousseeuw and Croux, 1993).
MAD_TO_SIGMA = 1.4826


class MetricDocument(TypedDict):
    """The entry of one metric in `metrics --json`; NotRequired keys are present only for metrics with numbers.

    `count` counts the rows of the whole history, `non_null_count` those in which the metric has a value that is neither
    null nor NaN, `points` the logged numbers: finite ones, NaN and infinities. `last_step` is the step of the last
    point.
    """

    type: str
    count: int
    non_null_count: int
    min: NotRequired[float | None]
    max: NotRequired[float | None]
    mean: NotRequired[float | None]
    std: NotRequired[float | None]
    first: NotRequired[float | None]
    last: NotRequired[float | None]
    min_step: NotRequired[Number | None]
    max_step: NotRequired[Number | None]
    nan_count: NotRequired[int]
    inf_count: NotRequired[int]
    points: NotRequired[int]
    last_step: NotRequired[Number | None]
    first_nan_step: NotRequired[Number | None]


def statistics_of(steps: FloatArray, values: FloatArray) -> Statistics:
    """Statistics of `values`, exact to the last few bits whatever their magnitudes.

    Args:
        steps: shape (n,): the step of each value, in logged order.
        values: shape (n,), float64; NaN and infinities are counted and otherwise left out.

    Returns:
        The statistics; `min_step` and `max_step` are the earliest steps that reach the extremes, as int where whole.
        `std` is the sample's (ddof 1), None for fewer than two values, and the largest float where the true one is
        beyond it.
    """
    finite = np.isfinite(values)
    kept = values[finite]
    nan_count = int(np.count_nonzero(np.isnan(values)))
    statistics = Statistics(
        first=None,
        last=None,
        min=None,
        min_step=None,
        max=None,
        max_step=None,
        mean=None,
        std=None,
        nan_count=nan_count,
        inf_count=len(values) - len(kept) - nan_count,
    )
    if not len(kept):
        return statistics
    kept_steps = steps[finite]
    lowest, highest = int(np.argmin(kept)), int(np.argmax(kept))
    statistics["first"], statistics["last"] = float(kept[0]), float(kept[-1])
    statistics["min"], statistics["min_step"] = float(kept[lowest]), plain_number(kept_steps[lowest])
    statistics["max"], statistics["max_step"] = float(kept[highest]), plain_number(kept_steps[highest])
    statistics["mean"], statistics["std"] = _moments(kept)
    return statistics


def metric_document(column: Column, rows: int) -> MetricDocument:
    """The entry of one metric in `metrics --json`.

    Args:
        column: every logged value of the metric.
        rows: rows in the stream that it belongs to (`History.rows_of`).

    Returns:
        `type`, `count`, `non_null_count`; for a metric with numbers also its statistics.
    """
    document = MetricDocument(type=column.type, count=rows, non_null_count=column.non_null)
    if column.is_numeric:
        statistics = statistics_of(column.steps, column.values)
        nan_steps = column.steps[np.isnan(column.values)]
        document |= {
            "min": statistics["min"],
            "max": statistics["max"],
            "mean": statistics["mean"],
            "std": statistics["std"],
            "first": statistics["first"],
            "last": statistics["last"],
            "min_step": statistics["min_step"],
            "max_step": statistics["max_step"],
            "nan_count": statistics["nan_count"],
            "inf_count": statistics["inf_count"],
            "points": len(column.values),
            "last_step": plain_number(column.steps[-1]) if len(column.steps) else None,
            "first_nan_step": plain_number(nan_steps[0]) if len(nan_steps) else None,
        }
    return document


def _moments(values: FloatArray) -> tuple[float, float | None]:
    """Mean and sample standard deviation of finite `values`, shape (n,), n > 0."""
    # A power of two scales without rounding: neither the sum of huge values nor the square of tiny ones leaves float64.
    exponent = math.frexp(float(np.abs(values).max()))[1]
    scaled = np.ldexp(values, -exponent)
    center = min(max(math.fsum(scaled.tolist()) / len(scaled), float(scaled.min())), float(scaled.max()))
    mean = math.ldexp(center, exponent)
    if len(scaled) == 1:
        return mean, None
    deviations = scaled - center
    # What rounding the mean left in the deviations, which counts where they are a few units in the last place.
    deviations -= deviations.mean()
    std = math.sqrt(float(np.dot(deviations, deviations)) / (len(scaled) - 1))
    return mean, _ldexp_bounded(std, exponent)


def _ldexp_bounded(fraction: float, exponent: int) -> float:
    try:
        return math.ldexp(fraction, exponent)
    except OverflowError:
        return sys.float_info.max

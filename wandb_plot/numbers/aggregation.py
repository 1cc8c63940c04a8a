"""The centre line of a group of runs that were brought onto one x: mean, median or interquartile mean."""

from collections.abc import Callable

import numpy as np

from wandb_plot.model.figure_choices import Aggregate
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.alignment import counts
from wandb_plot.numbers.partial_sums import mean, sum_rows
from wandb_plot.numbers.scaling import scaled, unscaled


def aggregate(values: FloatArray, kind: Aggregate) -> FloatArray:
    """The centre at each x of the runs that have a value there.

    Args:
        values: shape (k, n), as in `Aligned`.
        kind: `mean`; `median`; or `iqm`, the interquartile mean: that of what is left when a quarter of the values,
            rounded down, is taken off at each end (`scipy.stats.trim_mean(..., 0.25)`).

    Returns:
        shape (n,); NaN where no run has a value.
    """
    if kind == "mean":
        return sum_rows(values, values.shape[1]).mean
    small, exponent = scaled(values, axis=0)
    return unscaled(_CENTERS[kind](small), exponent)


def _median(values: FloatArray) -> FloatArray:
    if not len(values):
        return np.full(values.shape[1], np.nan)
    # NaN sorts last, so the ranks of a column's values are 0 to its count less one; without any it stays NaN.
    ranked = np.sort(values, axis=0)
    present = counts(values)
    ranks = np.stack([np.maximum(present - 1, 0) // 2, np.minimum(present // 2, len(values) - 1)])
    middle: FloatArray = np.take_along_axis(ranked, ranks, axis=0).mean(axis=0)
    return middle


def _interquartile_mean(values: FloatArray) -> FloatArray:
    ranks = np.arange(len(values))[:, None]
    present = counts(values)
    cut = present // 4
    kept = (ranks >= cut) & (ranks < present - cut)
    return mean(np.where(kept, np.sort(values, axis=0), np.nan))


_CENTERS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "median": _median,
    "iqm": _interquartile_mean,
}

"""Bands whose edges leap at a few points: the y axis isn't stretched to hold such leaps, which would squash lines."""

from collections.abc import Iterable, Sequence

import numpy as np

from wandb_plot.model.figure import Series
from wandb_plot.model.history import FloatArray

# One in so many points of a band is a leap at most, and always one point of a band of at least ten.
_POINTS_A_LEAP, _FEWEST_POINTS = 50, 10
# Leaps are left outside where all else gets so many times as high.
_GAIN = 1.5


def without_leaps(series: Sequence[Series], *, log: bool) -> FloatArray | None:
    """What y limits should hold: all lines, and the edges of bands but for the few that leap.

    Args:
        series: what is seen of all lines of a pair of axes.
        log: whether y is logarithmic; its lower end is that of the bands, which lie above zero.

    Returns:
        The finite values in any order; None where leaving leaps out gains little.
    """
    lines = [line for one in series for line in (one.y, one.smooth) if line is not None]
    lows = [one.low for one in series if one.low is not None]
    highs = [one.high for one in series if one.high is not None]
    if not lows:
        return None
    whole = _joined([*lines, *lows, *highs])
    calm = _joined([*lines, *(lows if log else map(_without_least, lows)), *(-_without_least(-high) for high in highs)])
    if log:
        whole, calm = whole[whole > 0], calm[calm > 0]
    if not len(calm) or _span(whole, log=log) < _GAIN * _span(calm, log=log):
        return None
    return calm


def points_outside(series: Sequence[Series], low: float | None, high: float | None) -> int:
    """At how many points a band reaches beyond the limits of y."""
    least, most = (-np.inf if low is None else low), (np.inf if high is None else high)
    return sum(
        int(np.count_nonzero((one.low < least) | (one.high > most)))
        for one in series
        if one.low is not None and one.high is not None
    )


def _without_least(edge: FloatArray) -> FloatArray:
    finite = np.sort(edge[np.isfinite(edge)])
    return finite[max(1, len(finite) // _POINTS_A_LEAP) :] if len(finite) >= _FEWEST_POINTS else finite


def _span(values: FloatArray, *, log: bool) -> float:
    low, high = values.min(), values.max()
    # Halves first: the span of the greatest floats is no float.
    return float(np.log10(high) - np.log10(low) if log else high / 2 - low / 2)


def _joined(arrays: Iterable[FloatArray]) -> FloatArray:
    joined: FloatArray = np.concatenate([*arrays, np.empty(0)])
    finite: FloatArray = joined[np.isfinite(joined)]
    return finite

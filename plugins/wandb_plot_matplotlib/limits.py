"""How far the axes reach."""

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from wandb_plot import Figure, Series

FloatArray = npt.NDArray[np.float64]
Limits = tuple[float, float]
_Wanted = tuple[float | None, float | None]

_X_MARGIN, _Y_MARGIN = 0.02, 0.05
_LEAST_TIME = 30.0  # seconds to either side of a moment
_LEAST_STEPS = 0.5  # to either side of a step: there are none between it and the next
_FARTHEST: float = np.finfo(np.float64).max / 4  # the span of an axis has to be a float as well
_NARROWEST = 1e-13  # relative: less is below what a float64 resolves


def x_limits(figure: Figure) -> Limits:
    """Limits of x: what the figure asks for, else what its series reach, gaps included."""
    arrays = [series.x for series in figure.series]
    least = _LEAST_TIME if figure.xscale == "time" else _LEAST_STEPS if _are_steps(arrays) else None
    return _limits(arrays, figure.xlim, log=figure.xscale == "log", margin=_X_MARGIN, least=least)


def _are_steps(arrays: Iterable[FloatArray]) -> bool:
    return all(bool((array == np.round(array)).all()) for array in arrays)


def y_limits(figure: Figure, xlim: Limits) -> Limits | None:
    """Limits of y: what the figure asks for, else what is drawn between `xlim`; None where nothing is."""
    log = figure.yscale == "log"
    low, high = min(xlim), max(xlim)
    arrays = [array for series in figure.series for array in _heights(series, low, high)]
    if not any(_drawable(array, log=log).size for array in arrays):
        arrays = [array for series in figure.series for array in _heights(series, -np.inf, np.inf)]
    if not any(_drawable(array, log=log).size for array in arrays):
        return None
    return _limits(arrays, figure.ylim, log=log, margin=_Y_MARGIN)


def _heights(series: Series, low: float, high: float) -> Iterable[FloatArray]:
    inside = (series.x >= low) & (series.x <= high)
    for array in (series.y, series.smooth, series.low, series.high):
        if array is not None:
            yield array[inside]


def _limits(
    arrays: Iterable[FloatArray], wanted: _Wanted, *, log: bool, margin: float, least: float | None = None
) -> Limits:
    drawable = [array for array in (_drawable(array, log=log) for array in arrays) if array.size]
    low = min((float(array.min()) for array in drawable), default=1.0)
    high = max((float(array.max()) for array in drawable), default=1.0)
    if log:
        # A logarithmic axis has no place for what isn't positive.
        wanted_low, wanted_high = (limit if limit is not None and limit > 0 else None for limit in wanted)
        low, high = _padded(_clipped(math.log10(low), 306), _clipped(math.log10(high), 306), margin, least=0.1)
        low, high = 10.0 ** _clipped(low, 307), 10.0 ** _clipped(high, 307)
    else:
        wanted_low, wanted_high = wanted
        low, high = _padded(low, high, margin, least=least or 0.05 * (max(abs(low), abs(high)) or 1.0))
    return _fitted(low, high, wanted_low, wanted_high)


def _drawable(array: FloatArray, *, log: bool) -> FloatArray:
    finite = array[np.isfinite(array)]
    return finite[finite > 0] if log else finite


def _clipped(power: float, most: float) -> float:
    return min(max(power, -most), most)


def _padded(low: float, high: float, margin: float, *, least: float) -> Limits:
    low, high = max(low, -_FARTHEST), min(high, _FARTHEST)
    span = high - low
    pad = span * margin if span > _NARROWEST * max(abs(low), abs(high)) else least
    return low - pad, high + pad


def _fitted(low: float, high: float, wanted_low: float | None, wanted_high: float | None) -> Limits:
    """Apply the limits asked for; if one lies beyond everything drawn, the other side follows it."""
    if wanted_low is not None and wanted_high is not None:
        return wanted_low, wanted_high
    if wanted_low is not None:
        return wanted_low, high if high > wanted_low else wanted_low + (abs(wanted_low) or 1.0)
    if wanted_high is not None:
        return low if low < wanted_high else wanted_high - (abs(wanted_high) or 1.0) / 2, wanted_high
    return low, high

"""Of long series only the points that a picture can show: M4, which keeps four points of each bin of x."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wandb_plot.model.figure import Figure, Series
from wandb_plot.model.figure_choices import XScale
from wandb_plot.model.history import FloatArray

# Below this many points drawing is fast, and nothing is gained.
_WORTH_IT = 50_000

# At 4 a pixel what is drawn differs from the full series about as much as matplotlib's own simplification does.
_BINS_PER_PIXEL = 4


def decimate_figure(figure: Figure) -> Figure:
    """The figure with only those points of long series that a picture of this size can show, its panels likewise."""
    width = round(figure.size[0] * figure.dpi)
    series = (decimate(one, width=width, xscale=figure.xscale, xlim=figure.xlim) for one in figure.series)
    return replace(figure, series=tuple(series), panels=tuple(map(decimate_figure, figure.panels)))


def decimate(
    series: Series, *, width: int, xscale: XScale, xlim: tuple[float | None, float | None] = (None, None)
) -> Series:
    """Keep of a long series the points that make its picture: M4.

    Of every bin the first and the last point remain, the least and the greatest of each line and band edge, and one
    NaN where there is a gap. Bins are of equal width on the drawn axis, four a pixel. Jugel et al., M4: A
    Visualization-Oriented Time Series Data Aggregation, VLDB 2014.

    Args:
        series: any; its smoothed line and band have been made from all points.
        width: pixels across the figure.
        xscale: of the figure.
        xlim: of the figure; what lies outside goes into one bin at each end.

    Returns:
        A series of a part of the points; `series` itself below 50,000 points or where x isn't ascending.
    """
    x = series.x
    if len(x) < _WORTH_IT or np.any(np.diff(x) < 0):
        return series
    starts = _bin_starts(x, width * _BINS_PER_PIXEL, xscale, xlim)
    kept = [starts, np.append(starts[1:], len(x)) - 1, _first_in_bin(np.isnan(series.y), starts)]
    for line in (array for name, array in series.arrays.items() if name != "x"):
        kept += [_first_in_bin(line == _of_bin(extreme, line, starts), starts) for extreme in (np.fmin, np.fmax)]
    return series.take(np.unique(np.concatenate(kept)))


def _bin_starts(
    x: FloatArray, bins: int, xscale: XScale, xlim: tuple[float | None, float | None]
) -> npt.NDArray[np.intp]:
    """Index of the first point of every bin that has any, ascending from 0."""
    drawable = x[x > 0] if xscale == "log" else x
    if not len(drawable):
        return np.zeros(1, dtype=np.intp)
    low, high = (limit if limit is not None else end for limit, end in zip(xlim, drawable[[0, -1]], strict=True))
    if xscale == "log":
        edges = np.geomspace(max(low, drawable[0]), max(high, drawable[0]), bins + 1)
    else:
        edges = np.linspace(low, high, bins + 1)
    starts = np.unique(np.append(0, np.searchsorted(x, edges)))
    return starts[starts < len(x)]


def _of_bin(extreme: np.ufunc, line: FloatArray, starts: npt.NDArray[np.intp]) -> FloatArray:
    """The extreme of each point's bin, shape of `line`; NaN where a bin has nothing but NaN."""
    return np.repeat(extreme.reduceat(line, starts), np.diff(starts, append=len(line)))


def _first_in_bin(chosen: npt.NDArray[np.bool_], starts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Of the `chosen` points the first of each bin that has any."""
    at = np.flatnonzero(chosen)
    bin_of = np.searchsorted(starts, at, side="right")
    return at[np.diff(bin_of, prepend=0) > 0]

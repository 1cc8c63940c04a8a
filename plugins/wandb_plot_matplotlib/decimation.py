"""A series as it is drawn: on the units of the axes, and where it has more points than pixels, by columns of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wandb_plot import Columns, Figure, Series, drawable, gaps

FloatArray = npt.NDArray[np.float64]

SECONDS_PER_DAY = 86_400

_LEAST_COLUMNS = 50  # a line of so few pixels is drawn point by point
_DENSE = 4  # points a column, from which on single points can't be told apart


@dataclass(frozen=True, eq=False)
class Decimated:
    """What is drawn of a series, all of one length.

    Attributes:
        x: in units of the axis: days where it is a time axis. NaN where a point has no place there.
        y: the values, or the median of each column.
        smooth: the smoothed line; None where there is none.
        low: lower edge of the band; None where there is none.
        high: upper edge of the band.
        least: the least value of each column; None where every point is drawn.
        greatest: likewise.
        gaps: the x of gaps, one a column at most; NaN where there is none.
    """

    x: FloatArray
    y: FloatArray
    gaps: FloatArray
    smooth: FloatArray | None = None
    low: FloatArray | None = None
    high: FloatArray | None = None
    least: FloatArray | None = None
    greatest: FloatArray | None = None


def is_dense(series: Series, figure: Figure, limits: tuple[float, float], columns: int) -> bool:
    """Whether a series has so many points a column, between `limits`, that it is drawn by columns of pixels."""
    x = positions(series, figure)
    if x.size <= _DENSE * _LEAST_COLUMNS or not np.all(np.diff(x) >= 0):
        return False
    low, high = sorted(limits)
    inside = x[np.searchsorted(x, low) : np.searchsorted(x, high, side="right")]
    if inside.size <= _DENSE * _LEAST_COLUMNS:
        return False
    scaled = np.log10 if figure.xscale == "log" else np.positive
    span = (scaled(inside[-1]) - scaled(inside[0])) / (scaled(high) - scaled(low))
    return bool(inside.size > _DENSE * max(_LEAST_COLUMNS, columns * span))


def thin_by_columns(series: Series, figure: Figure, limits: tuple[float, float], columns: int) -> Decimated:
    """Bring a series down to what so many `columns` of pixels between `limits`, in units of the axis, can show."""
    x = positions(series, figure)
    y = drawable(series.y, figure)
    smooth = None if series.smooth is None else drawable(series.smooth, figure)
    at_gaps = gaps(series, figure)
    if not is_dense(series, figure, limits, columns):
        return Decimated(x, y, np.where(at_gaps, x, np.nan), smooth, series.low, series.high)
    pixels = Columns(x, _edges(x, figure, limits, columns))
    return Decimated(
        pixels.x,
        pixels.median(y),
        np.where(pixels.any(at_gaps), pixels.x, np.nan),
        None if smooth is None else pixels.median(smooth),
        None if series.low is None else pixels.least(series.low),
        None if series.high is None else pixels.greatest(series.high),
        pixels.least(y),
        pixels.greatest(y),
    )


def _edges(x: FloatArray, figure: Figure, limits: tuple[float, float], columns: int) -> FloatArray:
    """Edges of columns from the first to the last point in sight: a column half empty would have a noisier median."""
    low, high = sorted(limits)
    inside = x[np.searchsorted(x, low) : np.searchsorted(x, high, side="right")]
    scaled = np.log10 if figure.xscale == "log" else np.positive
    span = (scaled(inside[-1]) - scaled(inside[0])) / (scaled(high) - scaled(low))
    spaced = np.geomspace if figure.xscale == "log" else np.linspace
    edges: FloatArray = spaced(inside[0], inside[-1], max(2, round(columns * span) + 1))
    edges[[0, -1]] = inside[[0, -1]]
    return edges


def positions(series: Series, figure: Figure) -> FloatArray:
    """The x of a series in units of the axis. NaN where it has no place there."""
    if figure.xscale == "time":
        return series.x / SECONDS_PER_DAY
    if figure.xscale == "log":
        return np.where(series.x > 0, series.x, np.nan)
    return series.x

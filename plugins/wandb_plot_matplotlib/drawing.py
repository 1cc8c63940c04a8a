"""From a figure's series to artists on an axes. Shared by the renderers that draw with matplotlib."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from wandb_plot import Figure, Series, drawable, gap_label, gaps, lone_points, series_color
from wandb_plot_matplotlib.style import NEUTRAL, line_look

FloatArray = npt.NDArray[np.float64]

SECONDS_PER_DAY = 86_400

SMOOTHED, LOGGED = "smoothed", "as logged"  # what the legend calls the lines of a series that has both

GAP = "gap"  # the label of the artists that mark gaps

BAND_ALPHA = 0.2
_MANY = 8  # lines, from which on they are drawn thinner
_GAP_ROWS = 6  # gaps of several series at one x are marked in rows above one another
_GAP_ROW_HEIGHT = 0.022  # of the axes


@dataclass(frozen=True)
class LegendEntry:
    """What the legend shows beside a label; several artists lie over one another."""

    label: str
    artists: tuple[Artist, ...]


def draw_series(axes: Axes, figure: Figure) -> list[LegendEntry]:
    """Draw every series, and mark every gap.

    Returns:
        What tells the series, and the parts of a series, apart; empty where there is only one thing to see.
    """
    entries = [_draw_one(axes, series, figure) for series in figure.series]
    smoothed = any(series.smooth is not None for series in figure.series)
    if len(figure.series) == 1:
        entries = [LegendEntry(SMOOTHED, entries[0].artists)] if smoothed else []
    if smoothed:
        color = series_color(figure.series[0]) if len(figure.series) == 1 else NEUTRAL
        raw = Line2D([], [], color=color, alpha=raw_alpha(1))
        entries.append(LegendEntry(LOGGED, (raw,)))
    if _mark_gaps(axes, figure):
        entries.append(LegendEntry(gap_label(figure), (_gap_marks([], 0, NEUTRAL),)))
    return entries


def positions(series: Series, figure: Figure) -> FloatArray:
    """The x of a series in units of the axis: days where it is a time axis. NaN where it has no place there."""
    if figure.xscale == "time":
        return series.x / SECONDS_PER_DAY
    if figure.xscale == "log":
        return np.where(series.x > 0, series.x, np.nan)
    return series.x


def raw_alpha(lines: int) -> float:
    """Opacity of a raw line under its smoothed one, where the figure holds so many."""
    return max(0.12, 0.35 / math.sqrt(lines))


def _draw_one(axes: Axes, series: Series, figure: Figure) -> LegendEntry:
    x = positions(series, figure)
    look = line_look(series)
    if len(figure.series) > _MANY:
        look["linewidth"] = 1.0
    key: list[Artist] = []
    if series.low is not None and series.high is not None:
        _draw_band(axes, x, series.low, series.high, look["color"])
        key.append(Patch(facecolor=look["color"], alpha=BAND_ALPHA, linewidth=0))
    if series.smooth is None:
        key.append(_draw_line(axes, x, drawable(series.y, figure), look | {"zorder": 3}))
    else:
        faint = look | {"alpha": raw_alpha(len(figure.series)), "linestyle": "-", "marker": "", "linewidth": 1.0}
        _draw_line(axes, x, drawable(series.y, figure), faint | {"zorder": 2})
        key.append(_draw_line(axes, x, drawable(series.smooth, figure), {"linewidth": 2.0} | look | {"zorder": 3}))
    return LegendEntry(series.label, tuple(key))


def _draw_line(axes: Axes, x: FloatArray, y: FloatArray, look: Mapping[str, Any]) -> Line2D:
    (line,) = axes.plot(x, y, **look)
    alone = lone_points(x + y)
    if alone.any():
        # A line needs two points, so a point without neighbours would not be seen.
        dots = {**look, "linestyle": "none", "marker": look["marker"] or "o", "markevery": None}
        axes.plot(x[alone], y[alone], **dots)
    return line


def _draw_band(axes: Axes, x: FloatArray, low: FloatArray, high: FloatArray, color: str) -> None:
    look: dict[str, Any] = {"color": color, "alpha": BAND_ALPHA, "zorder": 1.5}
    axes.fill_between(x, low, high, linewidth=0, **look)
    alone = lone_points(x + low + high)
    if alone.any():
        axes.vlines(x[alone], low[alone], high[alone], linewidth=4, **look)


def _mark_gaps(axes: Axes, figure: Figure) -> bool:
    row = 0
    for series in figure.series:
        x = positions(series, figure)[gaps(series, figure)]
        if x.size:
            mark = _gap_marks(x, (row % _GAP_ROWS + 0.5) * _GAP_ROW_HEIGHT, series_color(series))
            mark.set_transform(axes.get_xaxis_transform())
            axes.add_line(mark)
            row += 1
    return row > 0


def _gap_marks(x: npt.ArrayLike, height: float, color: str) -> Line2D:
    y = np.full(np.shape(x), height)
    return Line2D(
        x, y, color=color, linestyle="none", marker="|", markersize=7, markeredgewidth=1.2, zorder=4, label=GAP
    )

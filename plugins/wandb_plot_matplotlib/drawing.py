"""From a figure's series to artists on an axes. Shared by the renderers that draw with matplotlib."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from wandb_plot import Figure, Series
from wandb_plot_matplotlib.conventions import (
    BAND_ALPHA,
    LOGGED,
    NEUTRAL,
    SMOOTHED,
    FloatArray,
    gap_words,
    heights,
    isolated,
    raw_alpha,
)
from wandb_plot_matplotlib.style import Style

SECONDS_PER_DAY = 86_400

GAP = "gap"  # the label of the artists that mark gaps

_MANY = 8  # lines, from which on they are drawn thinner
_GAP_ROWS = 6  # gaps of several series at one x are marked in rows above one another
_GAP_ROW_HEIGHT = 0.022  # of the axes


@dataclass(frozen=True)
class LegendEntry:
    """What the legend shows beside a label; several artists lie over one another."""

    label: str
    artists: tuple[Artist, ...]


def draw_series(axes: Axes, figure: Figure, style: Style) -> list[LegendEntry]:
    """Draw every series, and mark every gap.

    Returns:
        What tells the series, and the parts of a series, apart; empty where there is only one thing to see.
    """
    entries = [_draw_one(axes, series, figure, style) for series in figure.series]
    smoothed = any(series.smooth is not None for series in figure.series)
    if len(figure.series) == 1:
        entries = [LegendEntry(SMOOTHED, entries[0].artists)] if smoothed else []
    if smoothed:
        color = style.line(figure.series[0].slot, 0)["color"] if len(figure.series) == 1 else NEUTRAL
        raw = Line2D([], [], color=color, alpha=raw_alpha(1))
        entries.append(LegendEntry(LOGGED, (raw,)))
    if _mark_gaps(axes, figure, style):
        entries.append(LegendEntry(gap_words(figure), (_gap_marks([], 0, NEUTRAL),)))
    return entries


def positions(series: Series, figure: Figure) -> FloatArray:
    """The x of a series in units of the axis: days where it is a time axis. NaN where it has no place there."""
    if figure.xscale == "time":
        return series.x / SECONDS_PER_DAY
    if figure.xscale == "log":
        return np.where(series.x > 0, series.x, np.nan)
    return series.x


def _draw_one(axes: Axes, series: Series, figure: Figure, style: Style) -> LegendEntry:
    x = positions(series, figure)
    look = style.line(series.slot, x.size)
    if len(figure.series) > _MANY:
        look["linewidth"] = 1.0
    key: list[Artist] = []
    if series.low is not None and series.high is not None:
        _draw_band(axes, x, series.low, series.high, look["color"])
        key.append(Patch(facecolor=look["color"], alpha=BAND_ALPHA, linewidth=0))
    if series.smooth is None:
        key.append(_draw_line(axes, x, heights(series.y, figure), look | {"zorder": 3}))
    else:
        faint = look | {"alpha": raw_alpha(len(figure.series)), "linestyle": "-", "marker": "", "linewidth": 1.0}
        _draw_line(axes, x, heights(series.y, figure), faint | {"zorder": 2})
        key.append(_draw_line(axes, x, heights(series.smooth, figure), {"linewidth": 2.0} | look | {"zorder": 3}))
    return LegendEntry(series.label, tuple(key))


def _draw_line(axes: Axes, x: FloatArray, y: FloatArray, look: Mapping[str, Any]) -> Line2D:
    (line,) = axes.plot(x, y, **look)
    alone = isolated(np.isfinite(x) & np.isfinite(y))
    if alone.any():
        # A line needs two points, so a point without neighbours would not be seen.
        dots = {**look, "linestyle": "none", "marker": look["marker"] or "o", "markevery": None}
        axes.plot(x[alone], y[alone], **dots)
    return line


def _draw_band(axes: Axes, x: FloatArray, low: FloatArray, high: FloatArray, color: str) -> None:
    look: dict[str, Any] = {"color": color, "alpha": BAND_ALPHA, "zorder": 1.5}
    axes.fill_between(x, low, high, linewidth=0, **look)
    alone = isolated(np.isfinite(x) & np.isfinite(low) & np.isfinite(high))
    if alone.any():
        axes.vlines(x[alone], low[alone], high[alone], linewidth=4, **look)


def _mark_gaps(axes: Axes, figure: Figure, style: Style) -> bool:
    row = 0
    for series in figure.series:
        gaps = positions(series, figure)[np.isnan(heights(series.y, figure))]
        if gaps.size:
            mark = _gap_marks(gaps, (row % _GAP_ROWS + 0.5) * _GAP_ROW_HEIGHT, style.line(series.slot, 0)["color"])
            mark.set_transform(axes.get_xaxis_transform())
            axes.add_line(mark)
            row += 1
    return row > 0


def _gap_marks(x: npt.ArrayLike, height: float, color: str) -> Line2D:
    y = np.full(np.shape(x), height)
    return Line2D(
        x, y, color=color, linestyle="none", marker="|", markersize=7, markeredgewidth=1.2, zorder=4, label=GAP
    )

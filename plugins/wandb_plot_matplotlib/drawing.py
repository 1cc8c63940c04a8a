"""From a figure's series to artists on an axes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from wandb_plot import Figure, Series, lone_points
from wandb_plot_matplotlib.decimation import Decimated, FloatArray, thin_by_columns
from wandb_plot_matplotlib.gap_marks import draw_gaps
from wandb_plot_matplotlib.marks import draw_marks
from wandb_plot_matplotlib.styling.line_styles import (
    BAND_ALPHA,
    Markers,
    line_color,
    line_properties,
    range_properties,
    raw_alpha,
    spread_markers,
)
from wandb_plot_matplotlib.styling.style import Look

RANGE = "range"  # the label of artists that show what a line spans


def draw_series(axes: Axes, figure: Figure, look: Look, columns: int, markers: Markers) -> None:
    """Draw every series of `figure` with its band, gaps and marks.

    Args:
        axes: with its scales and limits set.
        figure: to be drawn.
        look: of the figure.
        columns: pixels from the left to the right end of the axes; of longer series as many points are drawn.
        markers: of the whole figure.
    """
    gapped = []
    # What ends early lies over what goes on along the same values.
    for series in sorted(figure.series, key=_last_x, reverse=True):
        line = thin_by_columns(series, figure, axes.get_xlim(), columns)
        _draw_one(axes, series, line, line_properties(series, look, len(figure.series), markers), len(figure.series))
        if np.isfinite(line.gaps).any():
            gapped.append((line.gaps, line_color(series, look)))
    draw_gaps(axes, [x for x, _ in gapped], [color for _, color in gapped])
    draw_marks(axes, figure, look)


def _last_x(series: Series) -> float:
    drawn = series.x[np.isfinite(series.y)]
    return float(drawn[-1]) if drawn.size else -np.inf


def _draw_one(axes: Axes, series: Series, line: Decimated, properties: dict[str, Any], lines: int) -> None:
    color, width = properties["color"], properties["linewidth"]
    if line.low is not None and line.high is not None:
        _draw_band(axes, line.x, line.low, line.high, color)
    elif line.least is not None and line.greatest is not None:
        fill = range_properties(color, lines, smoothed=line.smooth is not None)
        axes.fill_between(line.x, line.least, line.greatest, step="mid", label=RANGE, zorder=1.7, **fill)
    if properties["markevery"]:
        properties = properties | {"markevery": spread_markers(line.x.size, series.slot)}
    if line.smooth is None:
        _draw_line(axes, line.x, line.y, properties | {"zorder": 3})
        return
    # Markers at all of a few points belong to what was logged; those at intervals, to the strong line.
    logged, smoothed = ("", properties["marker"]) if properties["markevery"] else (properties["marker"], "")
    if line.least is None:
        faint = {"alpha": raw_alpha(lines), "linewidth": 0.7 * width, "zorder": 2, "marker": logged, "linestyle": "-"}
        _draw_line(axes, line.x, line.y, properties | faint)
    _draw_line(axes, line.x, line.smooth, properties | {"linewidth": 1.3 * width, "zorder": 3, "marker": smoothed})


def _draw_line(axes: Axes, x: FloatArray, y: FloatArray, properties: dict[str, Any]) -> None:
    axes.plot(x, y, **properties)
    alone = lone_points(x + y)
    if alone.any() and not (properties["marker"] and properties["markevery"] is None):
        # A line needs two points, so a point without neighbours would not be seen.
        dots = {"linestyle": "none", "marker": properties["marker"] or "o", "markevery": None, "markersize": 3.5}
        axes.plot(x[alone], y[alone], **properties | dots)


def _draw_band(axes: Axes, x: FloatArray, low: FloatArray, high: FloatArray, color: str) -> None:
    properties: dict[str, Any] = {"color": color, "alpha": BAND_ALPHA, "zorder": 1.5}
    axes.fill_between(x, low, high, linewidth=0, **properties)
    alone = lone_points(x + low + high)
    if alone.any():
        axes.vlines(x[alone], low[alone], high[alone], linewidth=4, **properties)

"""What tells lines apart: the colour, width, dashes and markers of each."""

import math
from typing import Any

import matplotlib as mpl
import numpy as np

from wandb_plot import Figure, Series, series_color
from wandb_plot_matplotlib.styling.style import Look, ground

# Colours repeat after seven lines. The next lines have markers, which are seen on noisy lines too. Dashes, which noise
# hides, come only after 56 lines.
_COLORS = 7
# Each marker with the size at which all look equally large. Circles are left to lines of few points.
_MARKERS = (("", 1.0), ("s", 1.0), ("^", 1.2), ("D", 0.9), ("v", 1.2), ("P", 1.15), ("X", 1.15), ("*", 1.5))
_DASHES = ("-", (0, (6, 1.5)), (0, (2, 1)), (0, (6, 1.5, 1, 1.5)))

_FEW_POINTS = 30  # a line of no more points has a marker at each: they are single measurements
_MANY_LINES = 8  # from which on they are drawn thinner
_MARKERS_A_LINE = 6

BAND_ALPHA = 0.2
RANGE_ALPHA = 0.3  # of what a line spans within a pixel


def line_color(series: Series, look: Look) -> str:
    """The colour of a line: that of its series, unless the style has colours of its own."""
    if look.colors and not series.color:
        return look.colors[series.slot % len(look.colors)]
    return series_color(series)


def have_few_points(figure: Figure) -> bool:
    """Whether each line of a figure, with all its panels, has so few points that each has a marker."""
    lines = [series for part in (figure, *figure.panels) for series in part.series]
    return all(np.count_nonzero(np.isfinite(series.y)) <= _FEW_POINTS for series in lines)


def line_look(series: Series, look: Look, lines: int, *, few: bool) -> dict[str, Any]:
    """Line2D properties of a series; 224 slots look different.

    Args:
        series: to be drawn.
        look: of the figure.
        lines: how many there are on its axes.
        few: whether the lines of the figure have few points.
    """
    dashes, number = divmod(series.slot // _COLORS, len(_MARKERS))
    marker, scale = _MARKERS[number]
    width = mpl.rcParams["lines.linewidth"]
    size = 3.2 * math.sqrt(width)
    return {
        "color": line_color(series, look),
        "linestyle": _DASHES[dashes % len(_DASHES)],
        "linewidth": width * (0.75 if lines >= _MANY_LINES else 1),
        "marker": marker or ("o" if few else ""),
        "markersize": size * (scale if marker else 0.8),
        "markerfacecolor": ground() if marker else line_color(series, look),
        "markeredgewidth": 0.7 * width if marker else 0,
        "markevery": None if few else spread_markers(series.x.size, series.slot),
    }


def spread_markers(points: int, slot: int) -> tuple[int, int]:
    """Which points of a long line have markers: some ten, and not the same as those of its neighbours."""
    every = max(1, points // _MARKERS_A_LINE)
    return slot * max(1, every // 4) % every, every


def raw_alpha(lines: int) -> float:
    """Opacity of a raw line under its smoothed one, in a figure of so many."""
    return max(0.15, 0.4 / math.sqrt(lines))

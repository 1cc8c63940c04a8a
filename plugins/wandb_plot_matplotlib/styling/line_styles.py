"""What tells lines apart: the colour, width, dashes and markers of each."""

import math
from dataclasses import dataclass
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
_SHAPES = (("o", 1.0), *_MARKERS[1:-1])
_TOLD_BY_GREY = 3  # lines, which differ enough without colours
_DASHES = ("-", (0, (6, 1.5)), (0, (2, 1)), (0, (6, 1.5, 1, 1.5)))

_FEW_POINTS = 30  # a line of no more points has a marker at each: they are single measurements
_MANY_LINES = 8  # from which on they are drawn thinner
_MARKERS_A_LINE = 6

BAND_ALPHA = 0.2
_RANGE_ALPHA = 0.3  # of what a line spans within a pixel


def line_color(series: Series, look: Look) -> str:
    """The colour of a line: that of its series, unless the style has colours of its own."""
    if look.colors and not series.color:
        return look.colors[series.slot % len(look.colors)]
    return series_color(series)


@dataclass(frozen=True)
class Markers:
    """Which markers the lines of a figure have.

    Attributes:
        at_each: whether each point has one, since there are few: they are single measurements.
        by_color: whether each colour has a shape of its own, for a printer without colours.
    """

    at_each: bool
    by_color: bool = False


def markers_of(figure: Figure, look: Look) -> Markers:
    """The markers of a figure, with all its panels: a line has the same in each."""
    lines = [series for part in (figure, *figure.panels) for series in part.series]
    few = all(np.count_nonzero(np.isfinite(series.y)) <= _FEW_POINTS for series in lines)
    return Markers(few, look.in_print and len({series.slot for series in lines}) > _TOLD_BY_GREY)


def line_properties(series: Series, look: Look, lines: int, markers: Markers) -> dict[str, Any]:
    """Line2D properties of a series; 224 slots look different.

    Args:
        series: to be drawn.
        look: of the figure.
        lines: how many there are on its axes.
        markers: of the figure.
    """
    cycle = series.slot // _COLORS
    marker, scale, dashes = _shape(series.slot, markers)
    width, color = mpl.rcParams["lines.linewidth"], line_color(series, look)
    # What stands at intervals has to be seen beside what is thicker than most lines: noise.
    outlined = bool(marker) and not markers.at_each and not cycle
    return {
        "color": color,
        "linestyle": _DASHES[dashes % len(_DASHES)],
        "linewidth": width * (0.75 if lines >= _MANY_LINES else 1),
        "marker": marker,
        "markersize": scale * (4 if outlined else 3.2) * math.sqrt(width),
        "markerfacecolor": ground() if cycle else color,
        "markeredgecolor": ground() if outlined else color,
        "markeredgewidth": 0.7 * width if cycle or outlined else 0,
        "markevery": None if markers.at_each else spread_markers(series.x.size, series.slot),
    }


def _shape(slot: int, markers: Markers) -> tuple[str, float, int]:
    """The marker, its relative size, and the number of the dashes of a line; all but the first seven are hollow."""
    cycle, color = divmod(slot, _COLORS)
    if markers.by_color:
        # From the second cycle on a colour takes the shapes of the others, one after another.
        dashes, turn = divmod(max(cycle - 1, 0), len(_SHAPES))
        marker, scale = _SHAPES[(color + turn) % len(_SHAPES)]
        return marker, scale if cycle else 0.9 * scale, dashes
    dashes, turn = divmod(cycle, len(_MARKERS))
    marker, scale = _MARKERS[turn]
    return (marker, scale, dashes) if marker else ("o" if markers.at_each else "", 0.7, dashes)


def spread_markers(points: int, slot: int) -> tuple[int, int]:
    """Which points of a long line have markers: some six, and not the same as those of its neighbours."""
    every = max(1, points // _MARKERS_A_LINE)
    return slot * max(1, every // 4) % every, every


def range_properties(color: str, lines: int, *, smoothed: bool) -> dict[str, Any]:
    """The fill of what a line spans within a pixel. An only line hides the grid there: it would be stripes."""
    alpha = raw_alpha(lines) if smoothed else _RANGE_ALPHA
    if lines > 1:
        return {"facecolor": color, "alpha": alpha, "linewidth": 0}
    above, below = (np.array(mpl.colors.to_rgb(one)) for one in (color, ground()))
    return {"facecolor": tuple((alpha * above + (1 - alpha) * below).tolist()), "linewidth": 0}


def raw_alpha(lines: int) -> float:
    """Opacity of a raw line under its smoothed one, in a figure of so many."""
    return max(0.15, 0.4 / math.sqrt(lines))

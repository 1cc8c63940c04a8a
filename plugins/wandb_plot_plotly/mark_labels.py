"""Labels of marks as annotations of plotly.js: each on a ground of its own, away from lines and from one another."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from wandb_plot import Figure, Mark, Series, drawable, series_color
from wandb_plot_plotly.panels import axis_names

_GROUND = "rgba(255,255,255,0.85)"
_DISTANCE, _FURTHER = 24, 17  # pixels from a mark to its label, and to the next one over that
_MOST_FURTHER = 3
_EDGE = 0.1  # of the axes: nothing is written below marks so near to the lower end
_WIDTH = 0.12  # of the axes: labels whose marks are nearer stand at different heights


def mark_labels(figure: Figure, number: int, shown: Callable[[str], str], milliseconds: int) -> list[dict[str, Any]]:
    """The labels of all changes of n in a panel.

    Args:
        figure: the panel.
        number: of it, from 1.
        shown: makes of a text what plotly.js shows as that text.
        milliseconds: a second, on an axis of dates.
    """
    x_axis, y_axis, _ = axis_names(number)
    unit = milliseconds if figure.xscale == "time" else 1
    width = _WIDTH * _reach(figure)
    labels = []
    taken: list[tuple[float, int]] = []
    for series, mark, text in _labelled(figure):
        at = _scaled(mark.x, figure)
        side = -1 if _has_room_above(series, mark, figure) else 1
        heights = [side * (_DISTANCE + step * _FURTHER) for step in range(_MOST_FURTHER)]
        heights += [-height for height in heights]
        near = {height for x, height in taken if abs(x - at) < width}
        height = next((height for height in heights if height not in near), heights[0])
        taken.append((at, height))
        color = series_color(series)
        labels.append(
            {
                "x": mark.x * unit,
                # On a log axis annotations are placed by powers of ten.
                "y": math.log10(mark.y) if figure.yscale == "log" else mark.y,
                "xref": x_axis,
                "yref": y_axis,
                "text": shown(text),
                "font": {"size": 11, "color": color},
                "bgcolor": _GROUND,
                "showarrow": True,
                "arrowhead": 0,
                "arrowwidth": 1,
                "arrowcolor": color,
                "standoff": 5,
                "ax": 0,
                "ay": height,
            }
        )
        if figure.xscale == "log":
            labels[-1]["x"] = math.log10(mark.x)
    return labels


def _labelled(figure: Figure) -> list[tuple[Series, Mark, str]]:
    marks = [(series, mark) for series in figure.series for mark in series.marks if mark.kind == "runs"]
    told = [(series, mark, mark.text if mark.label is None else mark.label) for series, mark in marks]
    return [(series, mark, text) for series, mark, text in told if text]


def _has_room_above(series: Series, mark: Mark, figure: Figure) -> bool:
    """Whether the nearest line above the mark, is further away than the nearest one below, or than the ticks."""
    above, below = math.inf, math.inf
    values = np.concatenate([drawable(one.y, figure) for one in figure.series])
    low, high = np.nanmin(values), np.nanmax(values)
    if mark.y - low < _EDGE * (high - low):
        return True
    for other in figure.series:
        y = drawable(other.y if other.smooth is None else other.smooth, figure)
        there = np.isfinite(y)
        if other is series or not there.any():
            continue
        distance = float(np.interp(mark.x, other.x[there], y[there])) - mark.y
        if distance >= 0:
            above = min(above, distance)
        else:
            below = min(below, -distance)
    return above >= below


def _reach(figure: Figure) -> float:
    x = [_scaled(float(end), figure) for series in figure.series if len(series.x) for end in series.x[[0, -1]]]
    return max(x) - min(x)


def _scaled(x: float, figure: Figure) -> float:
    return math.log10(x) if figure.xscale == "log" and x > 0 else x

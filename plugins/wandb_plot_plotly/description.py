"""A figure in the terms of plotly.js: a list of traces, and a layout."""

import html
import math
from typing import Any

import numpy as np

from wandb_plot import Figure, drawable, empty_label, literal
from wandb_plot_plotly.traces import MILLISECONDS, NEUTRAL, traces

_AXIS = {"gridcolor": "#e3e3e3", "zeroline": False, "linecolor": NEUTRAL, "ticks": "outside", "exponentformat": "e"}
_NOTE = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 16}}


def describe(figure: Figure) -> dict[str, Any]:
    """Describe `figure` as `Plotly.newPlot` takes it, ready for JSON: keys `data` and `layout`."""
    drawn = traces(figure, shown)
    empty = not any(np.isfinite(drawable(series.y, figure)).any() for series in figure.series)
    return {
        "data": drawn,
        "layout": {
            "title": {"text": shown(figure.title), "x": 0.5, "font": {"size": 16}},
            "width": figure.size[0] * figure.dpi,
            "height": figure.size[1] * figure.dpi,
            "plot_bgcolor": "white",
            "hovermode": "closest",
            "showlegend": any(trace["showlegend"] for trace in drawn),
            "margin": {"t": 60, "r": 30, "b": 60, "l": 80},
            "xaxis": _AXIS | _x_axis(figure) | {"title": {"text": shown(figure.xlabel)}},
            "yaxis": _AXIS
            | _axis(figure.yscale, figure.ylim)
            | {"title": {"text": shown(figure.ylabel)}, "showticklabels": not empty},
            # Gaps are marked on an axis of their own, so that they stay at the bottom edge when y is zoomed.
            "yaxis2": {"overlaying": "y", "range": [0, 1], "fixedrange": True, "visible": False},
            "annotations": [_NOTE | {"text": empty_label(figure)}] if empty else [],
        },
    }


def shown(text: str) -> str:
    """Keep plotly.js from reading `text` as markup."""
    return html.escape(literal(text), quote=False)


def _x_axis(figure: Figure) -> dict[str, Any]:
    if figure.xscale != "time":
        return _axis(figure.xscale, figure.xlim)
    low, high = (None if limit is None else limit * MILLISECONDS for limit in figure.xlim)
    return {"type": "date", "range": [low, high]}


def _axis(scale: str, limits: tuple[float | None, float | None]) -> dict[str, Any]:
    if scale == "log":
        # Limits of a logarithmic axis are given as powers of ten; what isn't positive is none.
        powers = [None if limit is None or limit <= 0 else math.log10(limit) for limit in limits]
        return {"type": "log", "range": powers}
    return {"type": "linear", "range": list(limits)}

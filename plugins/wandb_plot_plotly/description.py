"""A figure in the terms of plotly.js: a list of traces, and a layout."""

import html
import math
from typing import Any

import numpy as np

from wandb_plot import Figure, drawable, empty_label, literal
from wandb_plot_plotly.traces import MILLISECONDS, NEUTRAL, traces

_AXIS = {
    "gridcolor": "#e3e3e3",
    "zeroline": False,
    "linecolor": NEUTRAL,
    "ticks": "outside",
    "exponentformat": "power",
    "minexponent": 5,
}
_KEY, _LETTER, _LEGEND_ROW = 45, 7.5, 29  # pixels of a legend: a key, a letter, a row
_TEXT = {"xref": "paper", "yref": "paper", "showarrow": False}


def describe(figure: Figure) -> dict[str, Any]:
    """Describe `figure` as `Plotly.newPlot` takes it, ready for JSON: keys `data` and `layout`."""
    drawn = traces(figure, shown)
    legend = _legend_height(drawn, figure)
    return {
        "data": drawn,
        "layout": {
            "title": {"text": shown(figure.title), "x": 0.5, "font": {"size": 16}},
            "plot_bgcolor": "white",
            "hovermode": "closest",
            "showlegend": any(trace["showlegend"] for trace in drawn),
            # Below the axes, so that long names leave them their width; the page grows by what it takes.
            "legend": {
                "orientation": "h",
                "x": 0,
                "yref": "container",
                "y": 0,
                "yanchor": "bottom",
                "maxheight": 1,
                "title": {"text": _legend_title(figure)},
            },
            "height": round(figure.size[1] * figure.dpi + legend),
            "margin": {"t": 60, "r": 30, "b": 60 + legend, "l": 80},
            "xaxis": _AXIS | _x_axis(figure) | {"title": {"text": shown(figure.xlabel)}},
            "yaxis": _AXIS
            | _axis(figure.yscale, figure.ylim)
            | {"title": {"text": shown(figure.ylabel)}, "showticklabels": not _empty(figure)},
            # Gaps are marked on an axis of their own, so that they stay at the bottom edge when y is zoomed.
            "yaxis2": {"overlaying": "y", "range": [0, 1], "fixedrange": True, "visible": False},
            "annotations": [*_empty(figure), *_note(figure)],
        },
    }


def shown(text: str) -> str:
    """Keep plotly.js from reading `text` as markup."""
    return html.escape(literal(text), quote=False)


def _empty(figure: Figure) -> list[dict[str, Any]]:
    if any(np.isfinite(drawable(series.y, figure)).any() for series in figure.series):
        return []
    return [_TEXT | {"x": 0.5, "y": 0.5, "font": {"size": 16}, "text": empty_label(figure)}]


def _note(figure: Figure) -> list[dict[str, Any]]:
    if not figure.note:
        return []
    corner = {"x": 1, "y": 1, "xanchor": "right", "yanchor": "bottom"}
    return [_TEXT | corner | {"font": {"size": 11, "color": NEUTRAL}, "text": shown(figure.note)}]


def _legend_height(drawn: list[dict[str, Any]], figure: Figure) -> int:
    """Pixels that the legend takes below the axes, roughly: its columns are as wide as the longest name."""
    names = [trace["name"] for trace in drawn if trace["showlegend"]]
    if not names:
        return 0
    across = figure.size[0] * figure.dpi - 110
    columns = max(1, int(across / (_KEY + _LETTER * max(map(len, names)))))
    return _LEGEND_ROW * math.ceil(len(names) / columns)


def _legend_title(figure: Figure) -> str:
    """What all labels have in common, unless the entry of the bands says it."""
    return "" if any(series.low is not None for series in figure.series) else shown(figure.legend_title)


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

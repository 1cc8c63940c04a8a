"""A figure in the terms of plotly.js: a list of traces, and a layout."""

import html
import math
from dataclasses import replace
from typing import Any

import numpy as np

from wandb_plot import Figure, drawable, empty_label, gaps, literal
from wandb_plot_plotly.mark_labels import mark_labels
from wandb_plot_plotly.panels import WHOLE, Domain, axis_key, axis_names, domains_of, name_once, on_axes
from wandb_plot_plotly.traces import GAP_ROWS, MILLISECONDS, NEUTRAL, traces

_AXIS = {
    "gridcolor": "#e3e3e3",
    "zeroline": False,
    "linecolor": NEUTRAL,
    "ticks": "outside",
    "exponentformat": "power",
    "minexponent": 5,
}
_KEY, _LETTER, _LEGEND_ROW = 45, 6.5, 29  # pixels of a legend: a key, a letter, a row
_GAP_ROW, _AROUND = 12, 120  # pixels: a row of marks of gaps, and what stands above and below the axes
_TEXT = {"xref": "paper", "yref": "paper", "showarrow": False}


def describe(figure: Figure) -> dict[str, Any]:
    """Describe `figure` as `Plotly.newPlot` takes it, ready for JSON: keys `data` and `layout`."""
    panels = figure.panels or (figure,)
    domains = domains_of(len(panels), figure.across)
    labels = {series.label for panel in panels for series in panel.series}
    alone = len(labels) == 1 and (bool(figure.panels) or len(figure.series) == 1)
    drawn: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    notes: list[dict[str, Any]] = []
    for number, (panel, domain) in enumerate(zip(panels, domains, strict=True), 1):
        whole = replace(panel, legend_title=figure.legend_title)
        drawn += on_axes(traces(whole, shown, alone=alone), number)
        pixels = (domain.y[1] - domain.y[0]) * max(figure.size[1] * figure.dpi - _AROUND, _AROUND)
        axes |= _axes_of(panel, domain, number, pixels, shared=figure.share_y)
        notes += [
            *mark_labels(panel, number, shown, MILLISECONDS),
            *_texts_of(panel, domain, titled=bool(figure.panels)),
        ]
    name_once(drawn)
    legend = _legend_height(drawn, figure)
    layout = {
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
            "title": {"text": _legend_title(figure), "font": {"color": NEUTRAL}},
        },
        "height": round(figure.size[1] * figure.dpi + legend),
        "margin": {"t": 60, "r": 30, "b": 60 + legend, "l": 80},
        "annotations": notes,
    }
    return {"data": drawn, "layout": layout | axes}


def shown(text: str) -> str:
    """Keep plotly.js from reading `text` as markup."""
    return html.escape(literal(text), quote=False)


def _axes_of(figure: Figure, domain: Domain, number: int, pixels: float, *, shared: bool) -> dict[str, Any]:
    """The axes of a panel that is so many `pixels` high; the marks of its gaps stand below those of its values."""
    x, y, marks = axis_names(number)
    has_values = any(np.isfinite(drawable(series.y, figure)).any() for series in figure.series)
    named = "" if figure.ylabel == figure.title and domain != WHOLE else figure.ylabel
    texts = {"title": {"text": shown(named)}, "showticklabels": has_values}
    rows = min(sum(bool(gaps(series, figure).any()) for series in figure.series), GAP_ROWS)
    bottom, top = domain.y
    edge = bottom + min(rows * _GAP_ROW / pixels, 0.5) * (top - bottom)
    below = {"anchor": marks if rows else y, "title": {"text": shown(figure.xlabel), "standoff": 8}}
    up = {"domain": [edge, top], "anchor": x} | ({"matches": "y"} if shared and number > 1 else {})
    strip = {"domain": [bottom, edge], "range": [rows, 0], "fixedrange": True, "visible": False}
    return {
        axis_key(x): _AXIS | _x_axis(figure) | {"domain": list(domain.x)} | below,
        axis_key(y): _AXIS | _axis(figure.yscale, figure.ylim) | texts | up,
    } | ({axis_key(marks): strip | {"anchor": x}} if rows else {})


def _texts_of(figure: Figure, domain: Domain, *, titled: bool) -> list[dict[str, Any]]:
    """What stands in and around the axes: that there is nothing to see, a note, and the title of a panel."""
    middle = sum(domain.x) / 2
    texts = []
    if not any(np.isfinite(drawable(series.y, figure)).any() for series in figure.series):
        texts.append({"x": middle, "y": sum(domain.y) / 2, "font": {"size": 16}, "text": empty_label(figure)})
    if titled and figure.title:
        above = {"x": middle, "y": domain.y[1], "xanchor": "center", "yanchor": "bottom", "font": {"size": 14}}
        texts.append(above | {"text": shown(figure.title)})
    if figure.note:
        corner = {"x": domain.x[1], "y": domain.y[1], "xanchor": "right", "yanchor": "bottom"}
        texts.append(corner | {"font": {"size": 11, "color": NEUTRAL}, "text": shown(figure.note)})
    return [_TEXT | text for text in texts]


def _legend_height(drawn: list[dict[str, Any]], figure: Figure) -> int:
    """Pixels that the legend takes below the axes, roughly: one row, or columns as wide as the longest name."""
    names = [trace["name"] for trace in drawn if trace["showlegend"]]
    if not names:
        return 0
    room = figure.size[0] * figure.dpi - 110
    widths = [_KEY + _LETTER * len(name) for name in names]
    columns = len(names) if sum(widths) <= room else max(1, int(room / max(widths)))
    return _LEGEND_ROW * math.ceil(len(names) / columns)


def _legend_title(figure: Figure) -> str:
    """What all labels have in common, unless the entry of the bands says it."""
    series = [one for part in (figure, *figure.panels) for one in part.series]
    return "" if any(one.low is not None for one in series) else shown(figure.legend_title)


def _x_axis(figure: Figure) -> dict[str, Any]:
    if figure.xscale != "time":
        return _axis(figure.xscale, figure.xlim)
    low, high = (None if limit is None else limit * MILLISECONDS for limit in figure.xlim)
    return {"type": "date", "range": [low, high]}


def _axis(scale: str, limits: tuple[float | None, float | None]) -> dict[str, Any]:
    if scale == "log":
        # Limits of a logarithmic axis are given as powers of ten; what isn't positive is none.
        powers = [None if limit is None or limit <= 0 else math.log10(limit) for limit in limits]
        # Of so few labels plotly.js writes 1, 2 and 5 of a decade, where all digits would lie on one another.
        return {"type": "log", "range": powers, "nticks": 6}
    return {"type": "linear", "range": list(limits)}

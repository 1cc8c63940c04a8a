"""The lines, bands and marks of a figure as traces of plotly.js."""

import base64
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from wandb_plot import Figure, Series, drawable, gap_label, gaps, lone_points, series_color

FloatArray = npt.NDArray[np.float64]

MILLISECONDS = 1000  # a second: the unit of date axes
NEUTRAL = "#555555"  # for what belongs to no series
SMOOTHED, LOGGED = "smoothed", "as logged"  # what the legend calls the lines of a series that has both
BAND, RUNS_CHANGE = "band", "number of runs changes"
_BAND_ALPHA = 0.2
_FEW_POINTS = 30  # of every line, up to which each point has a marker
_MARKERS_A_LINE = 8  # at intervals, where they tell lines of one colour apart
_SYMBOLS = ("", "square", "triangle-up", "diamond", "triangle-down", "cross", "x", "star")
_MARK_SYMBOLS = {"runs": "diamond", "crashed": "x"}
_COLORS = 7  # after which they begin anew, with markers, and after 56 lines with other dashes
_DASHES = ("solid", "dash", "dot", "dashdot")
_MANY_POINTS = 20_000  # from which on drawing by WebGL is faster than by SVG
GAP_ROWS = 6  # gaps of several series at one x are marked in rows below one another

Trace = dict[str, Any]


def traces(figure: Figure, shown: Callable[[str], str], *, alone: bool) -> list[Trace]:
    """Make the traces of a figure: bands lowest, then raw lines, the lines proper, and the marks of gaps.

    Args:
        figure: to be drawn.
        shown: makes of a name what plotly.js shows as that name.
        alone: whether all lines, also those of other panels, are of one name, which the legend needn't say.
    """
    drawn = [
        _band(series, figure, series.low, series.high)
        for series in figure.series
        if series.low is not None and series.high is not None
    ]
    for series in figure.series:
        if series.smooth is not None:
            faint = {"opacity": _raw_alpha(len(figure.series)), "name": LOGGED, "showlegend": False}
            drawn += _line(series, figure, series.y, faint | {"line": {"color": series_color(series), "width": 1}})
    for series in figure.series:
        drawn += _line_proper(series, figure, shown, alone=alone)
    if any(series.smooth is not None for series in figure.series):
        drawn.append(_legend_line())
    if any(series.low is not None for series in figure.series):
        drawn.append(_legend_band(shown(figure.legend_title)))
    return drawn + _marks(figure, shown) + _gap_marks(figure)


def packed(array: FloatArray) -> dict[str, str]:
    """Pack an array as plotly.js takes it: exact, shorter than digits, and with NaN."""
    return {"dtype": "f8", "bdata": base64.b64encode(array.astype("<f8").tobytes()).decode()}


def _line_proper(series: Series, figure: Figure, shown: Callable[[str], str], *, alone: bool) -> list[Trace]:
    smoothed = series.smooth is not None
    y = series.y if series.smooth is None else series.smooth
    dashes, symbol = divmod(series.slot // _COLORS, len(_SYMBOLS))
    look: Trace = {
        "line": {
            "color": series_color(series),
            "dash": _DASHES[dashes % len(_DASHES)],
            "width": 2.5 if smoothed else 1.5,
        },
        "name": SMOOTHED if alone and smoothed and not figure.legend_title else shown(series.label),
        "showlegend": smoothed or not alone or series.low is not None or bool(figure.legend_title),
    }
    few = all(np.count_nonzero(np.isfinite(line.y)) <= _FEW_POINTS for line in figure.series)
    if symbol or (few and not smoothed):
        shown_points = {} if few else {"maxdisplayed": _MARKERS_A_LINE}
        marker = {"symbol": _SYMBOLS[symbol] or "circle", "size": 8 if symbol else 5} | shown_points
        look |= {"mode": "lines+markers", "marker": {"color": series_color(series)} | marker}
    return _line(series, figure, y, look)


def _line(series: Series, figure: Figure, y: FloatArray, look: Trace) -> list[Trace]:
    x, y = _positions(series, figure), drawable(y, figure)
    common: Trace = {"type": "scattergl" if x.size > _MANY_POINTS else "scatter", "legendgroup": _group(series)}
    drawn = [common | {"mode": "lines", "x": packed(x), "y": packed(y)} | look]
    alone = lone_points(y)
    if alone.any() and look.get("mode") != "lines+markers":
        # A line needs two points, so a point without neighbours would not be seen.
        dots = {"mode": "markers", "marker": {"color": series_color(series), "size": 7}, "showlegend": False}
        drawn.append(common | look | dots | {"x": packed(x[alone]), "y": packed(y[alone])})
    return drawn


def _band(series: Series, figure: Figure, low: FloatArray, high: FloatArray) -> Trace:
    x = _positions(series, figure)
    outline: list[FloatArray] = []
    for part in _stretches(np.isfinite(drawable(low, figure)) & np.isfinite(drawable(high, figure))):
        around = np.column_stack([np.r_[x[part], x[part][::-1]], np.r_[high[part], low[part][::-1]]])
        outline += [around, np.full((1, 2), np.nan)]
    corners = np.concatenate(outline) if outline else np.empty((0, 2))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": packed(corners[:, 0]),
        "y": packed(corners[:, 1]),
        # A line, so that the band of a lonely point is seen.
        "line": {"color": _translucent(series_color(series)), "width": 1},
        "fill": "toself",
        "fillcolor": _translucent(series_color(series)),
        "hoverinfo": "skip",
        "legendgroup": _group(series),
        "showlegend": False,
    }


def _stretches(present: npt.NDArray[np.bool_]) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.pad(present, 1)))
    return [slice(start, end) for start, end in edges.reshape(-1, 2)]


def _legend_line() -> Trace:
    """Explain the raw lines of all series by one entry that draws nothing."""
    look = {"mode": "lines", "line": {"color": NEUTRAL, "width": 1}, "opacity": _raw_alpha(1)}
    return {"type": "scatter", "x": [None], "y": [None], "name": LOGGED, "showlegend": True} | look


def _legend_band(title: str) -> Trace:
    """Explain the bands of all series by one entry that draws nothing."""
    look = {"mode": "none", "fill": "toself", "fillcolor": _translucent(NEUTRAL)}
    return {"type": "scatter", "x": [None], "y": [None], "name": title or BAND, "showlegend": True} | look


def _marks(figure: Figure, shown: Callable[[str], str]) -> list[Trace]:
    """Symbols where the number of runs changes, and where a run crashed; labels beside them are annotations."""
    marks: list[Trace] = []
    named: set[str] = set()
    unit = MILLISECONDS if figure.xscale == "time" else 1
    for series in figure.series:
        for mark in series.marks:
            name = shown(mark.text) if mark.kind == "crashed" else RUNS_CHANGE
            color = series_color(series)
            symbol = {
                "symbol": _MARK_SYMBOLS.get(mark.kind, "diamond"),
                "size": 9,
                "color": "white" if mark.kind == "runs" else color,
                "line": {"color": color if mark.kind == "runs" else "white", "width": 1.5},
            }
            marks.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": [mark.x * unit],
                    "y": [mark.y],
                    "marker": symbol,
                    "name": name,
                    "hovertemplate": f"{shown(mark.text)} at %{{x}}<extra></extra>",
                    "legendgroup": name,
                    "showlegend": name not in named,
                }
            )
            named.add(name)
    return marks


def _gap_marks(figure: Figure) -> list[Trace]:
    marks: list[Trace] = []
    for series in figure.series:
        x = _positions(series, figure)[gaps(series, figure)]
        if x.size:
            color = series_color(series)
            mark = {"symbol": "line-ns", "size": 9, "line": {"color": color, "width": 1.5}}
            marks.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "x": packed(x),
                    "y": packed(np.full(x.size, len(marks) % GAP_ROWS + 0.5)),
                    "yaxis": "y2",
                    "marker": mark,
                    "name": gap_label(figure),
                    "hovertemplate": f"{gap_label(figure)} at %{{x}}<extra></extra>",
                    "legendgroup": "gaps",
                    "showlegend": not marks,
                }
            )
    return marks


def _positions(series: Series, figure: Figure) -> FloatArray:
    return series.x * MILLISECONDS if figure.xscale == "time" else series.x


def _group(series: Series) -> str:
    """Tie what belongs to a series together, so that its entry in the legend hides and shows all of it."""
    return f"{series.slot} {series.label}"


def _raw_alpha(lines: int) -> float:
    """Opacity of a raw line under its smoothed one, where the figure holds so many."""
    return max(0.12, 0.35 / math.sqrt(lines))


def _translucent(color: str) -> str:
    red, green, blue = bytes.fromhex(color[1:])
    return f"rgba({red},{green},{blue},{_BAND_ALPHA})"

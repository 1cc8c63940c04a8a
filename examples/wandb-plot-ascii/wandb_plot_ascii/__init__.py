"""Draws the figures of wandb-plot as text, 72 columns wide."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from wandb_plot import (
    Figure,
    RendererError,
    RendererTraits,
    Series,
    drawable,
    empty_label,
    gap_label,
    gaps,
    hookimpl,
    literal,
)

COLUMNS, ROWS = 72, 18
MARKS = "*+xo#@%&"


@hookimpl
def renderer_traits() -> RendererTraits:
    """Text only; what isn't named in `draws` never arrives here."""
    return RendererTraits(formats=("txt",))


@hookimpl
def render_figure(figure: Figure, path: Path) -> None:
    """Write `figure` to `path`.

    Raises:
        RendererError: the x axis is logarithmic.
    """
    if figure.xscale == "log":
        raise RendererError("the ascii renderer has no logarithmic x axis")
    path.write_text("\n".join(_lines(figure)) + "\n", encoding="utf-8")


def _lines(figure: Figure) -> list[str]:
    x = np.concatenate([series.x for series in figure.series])
    y = np.concatenate([_heights(series, figure) for series in figure.series])
    if not np.isfinite(y).any():
        return [literal(figure.title), empty_label(figure)]
    picture = np.full((ROWS, COLUMNS), " ")
    bottom = np.full(COLUMNS, "-")
    for series in figure.series:
        heights = _heights(series, figure)
        columns = _cells(series.x, x.min(), x.max(), COLUMNS)
        finite = np.isfinite(heights)
        rows = _cells(heights[finite], np.nanmin(y), np.nanmax(y), ROWS)
        picture[ROWS - 1 - rows, columns[finite]] = MARKS[series.slot % len(MARKS)]
        bottom[columns[gaps(series, figure)]] = "?"
    low, high = (f"{limit:.4g}" for limit in _limits(y, figure))
    left, right = _x_label(x.min(), figure), _x_label(x.max(), figure)
    several = figure.series if len(figure.series) > 1 else ()
    legend = [f"  {MARKS[series.slot % len(MARKS)]} {literal(series.label)}" for series in several]
    if "?" in bottom:
        legend.append(f"  ? {gap_label(figure)}")
    return [
        literal(figure.title),
        f"{literal(figure.ylabel)} from {low} to {high}",
        *("|" + "".join(row).rstrip() for row in picture),
        "+" + "".join(bottom),
        f" {left}{right:>{COLUMNS - len(left)}}",
        f" {literal(figure.xlabel)}",
        *legend,
    ]


def _x_label(x: float, figure: Figure) -> str:
    return f"{datetime.fromtimestamp(x, UTC):%Y-%m-%d %H:%M}" if figure.xscale == "time" else f"{x:.6g}"


def _heights(series: Series, figure: Figure) -> np.ndarray:
    y = drawable(series.y, figure)
    return np.log10(y) if figure.yscale == "log" else y


def _limits(y: np.ndarray, figure: Figure) -> tuple[float, float]:
    low, high = float(np.nanmin(y)), float(np.nanmax(y))
    return (low, high) if figure.yscale == "linear" else (10**low, 10**high)


def _cells(values: np.ndarray, low: float, high: float, count: int) -> np.ndarray:
    return np.round((values - low) / ((high - low) or 1.0) * (count - 1)).astype(int)

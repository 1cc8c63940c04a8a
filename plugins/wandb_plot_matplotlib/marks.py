"""Symbols at points of lines that deserve notice, and texts beside them where these hide nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Bbox

from wandb_plot import Figure, Mark
from wandb_plot_matplotlib.decimation import SECONDS_PER_DAY
from wandb_plot_matplotlib.styling.line_styles import line_color
from wandb_plot_matplotlib.styling.style import Look, ground
from wandb_plot_matplotlib.text import drawn_width, text_height

MARK = "mark"  # the label of artists that are marks

_MOST_TEXTS = 6  # of an axes; more would be read by nobody
_SYMBOLS = {"runs": "d", "crashed": "X"}
_TEXT_SIZE = 0.9  # of the labels of ticks
_FARTHEST = 4  # lines of text from a mark to its text


@dataclass(frozen=True)
class _Text:
    """A mark's text on its way to a spot: what it says, where the mark is, and the size of the text, all in pixels."""

    label: str
    color: str
    x: float
    y: float
    width: float
    height: float

    def spots(self, pixel: float) -> Iterator[Bbox]:
        """Where the text may stand, the nearest first; a point has so many pixels."""
        gap = 3 * pixel
        sides = (self.x + gap, self.x - gap - self.width)
        for distance in range(_FARTHEST):
            up = gap + distance * self.height
            for bottom in (self.y + up, self.y - up - self.height):
                # The symbol itself has some height.
                for left in (self.x - self.width / 2, *sides) if distance else sides:
                    yield Bbox.from_bounds(left, bottom, self.width, self.height)


def mark_symbol(kind: str, color: str) -> dict[str, Any]:
    """Line2D properties of the mark of a kind."""
    hollow = kind == "runs"
    line: float = mpl.rcParams["lines.linewidth"]
    return {
        "linestyle": "none",
        "marker": _SYMBOLS.get(kind, "d"),
        "markersize": (4.2 if hollow else 5.3) * line**0.5,
        "markerfacecolor": ground() if hollow else color,
        "markeredgecolor": color if hollow else ground(),
        "markeredgewidth": (0.7 if hollow else 0.5) * line,
        "zorder": 5,
        "label": MARK,
    }


def draw_marks(axes: Axes, figure: Figure, look: Look) -> None:
    """Draw the symbols of all marks that are in sight."""
    halo = [withStroke(linewidth=1.7 * mpl.rcParams["lines.linewidth"], foreground=ground())]
    for mark, color, x in _in_sight(axes, figure, look):
        axes.plot([x], [mark.y], clip_on=False, path_effects=halo, **mark_symbol(mark.kind, color))


def label_marks(axes: Axes, figure: Figure, look: Look, taken: Sequence[Bbox]) -> None:
    """Write what marks mean beside them, once axes and legend have their spots; the legend says it too.

    Args:
        axes: with its lines.
        figure: of the axes.
        look: of the figure.
        taken: what texts may not cover, in pixels.
    """
    pixel = axes.get_figure(root=True).dpi / 72  # type: ignore[union-attr]  # it has one
    size = _TEXT_SIZE * mpl.rcParams["xtick.labelsize"]
    texts = []
    for mark, color, x in _in_sight(axes, figure, look):
        label = mark.text if mark.label is None else mark.label
        if mark.kind == "runs" and label:
            right, up = axes.transData.transform((x, mark.y))
            extent = 72 * pixel * drawn_width(label, size), 72 * pixel * text_height(size)
            texts.append(_Text(label, color, right, up, *extent))
    if len(texts) > _MOST_TEXTS:
        return
    lines = [line.get_transform().transform_path(line.get_path()) for line in axes.lines]
    inside, boxes = axes.get_window_extent(), list(taken)
    for text in texts:
        free = [
            spot
            for spot in text.spots(pixel)
            if _contains(inside, spot) and not any(spot.overlaps(box) for box in boxes)
        ]
        clear = (spot for spot in free if not any(line.intersects_bbox(spot, filled=False) for line in lines))
        spot = next(clear, free[0] if free else None)
        if spot is not None:
            boxes.append(spot)
            _write(axes, text, spot, size)


def _write(axes: Axes, text: _Text, spot: Bbox, size: float) -> None:
    halo = [withStroke(linewidth=2, foreground=ground())]
    x, y = axes.transAxes.inverted().transform((spot.x0, (spot.y0 + spot.y1) / 2))
    properties: dict[str, Any] = {"color": text.color, "size": size, "ha": "left", "va": "center", "zorder": 5}
    axes.text(x, y, text.label, transform=axes.transAxes, path_effects=halo, **properties)


def _in_sight(axes: Axes, figure: Figure, look: Look) -> Iterator[tuple[Mark, str, float]]:
    """The marks within the limits of `axes`, each with its colour and its x in units of the axis."""
    unit = SECONDS_PER_DAY if figure.xscale == "time" else 1
    low, high = np.sort(axes.get_xlim()), np.sort(axes.get_ylim())
    for series in figure.series:
        for mark in series.marks:
            if low[0] <= mark.x / unit <= low[1] and high[0] <= mark.y <= high[1]:
                yield mark, line_color(series, look), mark.x / unit


def _contains(outer: Bbox, inner: Bbox) -> bool:
    return bool(outer.x0 <= inner.x0 and outer.y0 <= inner.y0 and inner.x1 <= outer.x1 and inner.y1 <= outer.y1)

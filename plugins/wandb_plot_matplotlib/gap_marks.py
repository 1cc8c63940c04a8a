"""Marks of gaps, in a strip between the axes and the line with the ticks of x: no value of y lies there."""

from collections.abc import Sequence
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from wandb_plot import Figure, gaps
from wandb_plot_matplotlib.limits import Limits

GAP = "gap"  # the label of artists that mark gaps

_ROWS = 6  # gaps of further series are marked in the same rows anew
_HEIGHT = 3.5  # of a mark, in widths of a line
_ROW = 4.5  # from one row to the next


def strip_height(figure: Figure, xlim: Limits) -> float:
    """Inches below the axes for marks: a row for each series with gaps between the limits of x, up to six."""
    low, high = sorted(xlim)
    gapped = sum(
        bool((gaps(series, figure) & (series.x >= low) & (series.x <= high)).any()) for series in figure.series
    )
    return min(gapped, _ROWS) * _row_height()


def set_apart(axes: Axes, height: float) -> None:
    """Draw the line with the ticks of x so many inches below the axes."""
    place: tuple[Literal["outward"], float] = ("outward", 72 * height)
    # Matplotlib makes all ticks anew where a line is moved, and axes are used again.
    if axes.spines["bottom"].get_position() != place:
        axes.spines["bottom"].set_position(place)


def draw_gaps(axes: Axes, gap_x: Sequence[npt.NDArray[np.float64]], colors: Sequence[str]) -> None:
    """Mark the gaps of each series in a row of its own, the first one nearest to `axes`.

    Args:
        axes: with its limits set.
        gap_x: of each series that has gaps, their x, with NaN wherever a point lies between them.
        colors: of those series.
    """
    low, high = np.sort(axes.get_xlim())
    drawing = axes.get_figure(root=True)
    for row, (x, color) in enumerate(zip(gap_x, colors, strict=True)):
        below = ScaledTranslation(0, -(row % _ROWS + 0.5) * _row_height(), drawing.dpi_scale_trans)  # type: ignore[union-attr]  # it has one
        marks = gap_line(np.where((x >= low) & (x <= high), x, np.nan), color)
        marks.set_transform(axes.get_xaxis_transform() + below)
        axes.add_line(marks)
        marks.set_clip_on(False)


def gap_line(x: npt.ArrayLike, color: str) -> Line2D:
    """A tick at each gap, and a bar where one gap follows another, without a place along y yet."""
    line: float = mpl.rcParams["lines.linewidth"]
    height = _HEIGHT * line
    properties: dict[str, Any] = {"linewidth": height, "solid_capstyle": "butt", "marker": "|", "markersize": height}
    return Line2D(x, np.zeros(np.shape(x)), color=color, label=GAP, markeredgewidth=0.8 * line, zorder=4, **properties)


def _row_height() -> float:
    return _ROW * float(mpl.rcParams["lines.linewidth"]) / 72

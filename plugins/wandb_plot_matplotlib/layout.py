"""Where things stand around the axes: margins, title, labels, ticks and legend.

Margins come from the widths of the texts: matplotlib's own layout engines draw everything twice.
"""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D

from wandb_plot import Figure, literal
from wandb_plot_matplotlib import ticks
from wandb_plot_matplotlib.drawing import LegendEntry
from wandb_plot_matplotlib.limits import Limits
from wandb_plot_matplotlib.text import cut, cut_all, line_height, width

# In inches.
_PAD = 0.12  # at the edges of the figure, and between what stands there
_TICK = 0.1  # from the axes to the labels of its ticks
_LAST_TICK = 0.2  # half the label of a tick at the right end
_BETWEEN = 0.25  # between legend entries in a row
_TICK_ROOM = 0.45  # from one tick of y to the next, at least
_DATE_ROOM = 0.85  # from one date to the next, at least

_COLUMN_SHARE = 0.3  # of the figure's width, at most, for a legend of one column at its side
_LEAST_AXES = 0.2  # of the figure, however small that is
_MOST_TICKS = 9


class Layout:
    """Places what stands around one axes. Each step takes from the room that the axes has, so their order counts."""

    def __init__(self, canvas: Canvas, axes: Axes, figure: Figure) -> None:
        self._canvas, self._axes, self._figure = canvas, axes, figure
        self._width, self._height = figure.size
        self._title_size = _points("axes.titlesize")
        self._label_size = _points("axes.labelsize")
        self._tick_size = _points("xtick.labelsize")
        self._legend_size = _points("legend.fontsize")
        self._left = _PAD + line_height(self._label_size) * bool(figure.ylabel) + _TICK
        self._right = _LAST_TICK
        self._top = _PAD + line_height(self._title_size) * bool(figure.title)
        self._bottom = _PAD + line_height(self._label_size) * bool(figure.xlabel) + line_height(self._tick_size) + _TICK
        self._place_axes()

    def set_y_ticks(self, limits: Limits | None) -> None:
        """Set the ticks of y, none without limits, and make room for their labels."""
        axis = self._axes.yaxis
        if limits is None:
            ticks.set_no_ticks(axis)
            return
        most = max(2, min(_MOST_TICKS, int(self._axes_size()[1] / _TICK_ROOM)))
        if self._figure.yscale == "log":
            ticks.set_log_ticks(axis, limits, most=most)
        else:
            ticks.set_linear_ticks(axis, integer=False, most=most)
        self._left += self._widest_tick(axis)
        self._place_axes()

    def place_legend(self, entries: Sequence[LegendEntry]) -> None:
        """Put the legend in one row above the axes where it fits, else in columns beside them."""
        if not entries:
            return
        labels = [literal(entry.label) for entry in entries]
        row = sum(width(label, self._legend_size) + self._handle for label in labels) + _BETWEEN * (len(labels) - 1)
        if row <= self._width - self._left - self._right:
            anchor = (self._left, self._height - self._top)
            self._top += line_height(self._legend_size)
            self._add_legend(entries, labels, len(entries), anchor)
        else:
            self._place_legend_beside(entries, labels)
        self._place_axes()

    def place_labels(self) -> None:
        """Set title and axis labels, cut to the room they have."""
        across, up = self._axes_size()
        center = self._left + across / 2
        room = 2 * min(center, self._width - center) - 2 * _PAD
        self._canvas.text(
            center / self._width,
            1 - _PAD / self._height,
            cut(literal(self._figure.title), self._title_size, room),
            size=self._title_size,
            ha="center",
            va="top",
        )
        self._axes.set_xlabel(cut(literal(self._figure.xlabel), self._label_size, across))
        self._axes.set_ylabel(cut(literal(self._figure.ylabel), self._label_size, up))

    def set_x_ticks(self, limits: Limits) -> None:
        """Set the ticks of x, as many as have room for their labels."""
        axis = self._axes.xaxis
        across = self._axes_size()[0]
        if self._figure.xscale == "time":
            ticks.set_time_ticks(axis, most=max(3, int(across / _DATE_ROOM)))
            return
        integer = all(bool(np.all(series.x == np.round(series.x))) for series in self._figure.series)
        # Fewer ticks have shorter labels, so a second try may still find that more would fit: it doesn't look.
        for most in (_MOST_TICKS, 6, 4, 2, 1):
            if self._figure.xscale == "log":
                ticks.set_log_ticks(axis, limits, most=most)
            else:
                ticks.set_linear_ticks(axis, integer=integer, most=most)
            if self._widest_tick(axis) * 1.3 * most <= across:
                return

    def _place_legend_beside(self, entries: Sequence[LegendEntry], labels: list[str]) -> None:
        rows = max(1, int((self._height - self._top - self._bottom) / line_height(self._legend_size)))
        columns = min(2, math.ceil(len(entries) / rows))
        if len(entries) > rows * columns:
            kept = rows * columns - 1
            labels = [*labels[:kept], f"… and {len(entries) - kept} more"]
            entries = [*entries[:kept], LegendEntry("", (Line2D([], [], linestyle="none"),))]
        room = self._width * _COLUMN_SHARE / columns**0.5
        labels = cut_all(labels, self._legend_size, room - self._handle)
        widest = max(width(label, self._legend_size) for label in labels)
        self._right += columns * (widest + self._handle) + (columns - 1) * _BETWEEN
        anchor = (self._width - self._right + _LAST_TICK / 2, self._height - self._top)
        self._add_legend(entries, labels, columns, anchor)

    def _add_legend(
        self, entries: Sequence[LegendEntry], labels: Sequence[str], columns: int, anchor: tuple[float, float]
    ) -> None:
        # The stubs know nothing of handles that are tuples.
        handles: Any = [entry.artists for entry in entries]
        self._canvas.legend(
            handles,
            labels,
            ncols=columns,
            loc="upper left",
            bbox_to_anchor=(anchor[0] / self._width, anchor[1] / self._height),
            frameon=False,
            borderaxespad=0,
            borderpad=0,
            handlelength=2,
            handletextpad=0.6,
            labelspacing=0.35,
            columnspacing=_BETWEEN * 72 / self._legend_size,
            handler_map={tuple: HandlerTuple(ndivide=1)},
        )

    @property
    def _handle(self) -> float:
        return 2.8 * self._legend_size / 72

    def _widest_tick(self, axis: Axis) -> float:
        labels = axis.get_major_formatter().format_ticks(list(axis.get_majorticklocs()))
        return max((width(label, self._tick_size) for label in labels), default=0.0)

    def _axes_size(self) -> tuple[float, float]:
        return (
            max(self._width - self._left - self._right, self._width * _LEAST_AXES),
            max(self._height - self._top - self._bottom, self._height * _LEAST_AXES),
        )

    def _place_axes(self) -> None:
        across, up = self._axes_size()
        left = min(self._left / self._width, 1 - _LEAST_AXES)
        bottom = min(self._bottom / self._height, 1 - _LEAST_AXES)
        self._axes.set_position((left, bottom, across / self._width, up / self._height))


def _points(setting: Any) -> float:
    return float(FontProperties(size=mpl.rcParams[setting]).get_size_in_points())

"""Where the panels of a figure stand, with their ticks, names and notes.

Margins come from the widths of the texts: matplotlib's own layout engines draw everything twice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties

from wandb_plot import Figure, literal
from wandb_plot_matplotlib.decimation import SECONDS_PER_DAY
from wandb_plot_matplotlib.gap_marks import set_apart, strip_height
from wandb_plot_matplotlib.limits import Limits
from wandb_plot_matplotlib.styling.style import neutral
from wandb_plot_matplotlib.text import cut, line_height, text_height, width
from wandb_plot_matplotlib.ticks import NO_TICKS, Ticks, linear_ticks, log_ticks, time_ticks

# In inches.
_SLACK = 0.03  # at the ends of texts
_LAST_TICK = 0.2  # half the label of a tick at the right end, until it is known
_BETWEEN = 0.12  # from one panel to the next
_DATE_ROOM = 0.85  # from one date to the next, at least

_LEAST_AXES = 0.2  # of the room for a panel, however small that is
_MOST_TICKS = 9
_BETWEEN_LABELS = 1.0  # from one label of x to the next, at least, in sizes of their font
_TICK_LINES = 2.6  # from one tick of y to the next, at least, in lines of text
_SECONDS = " (s)"  # how the name of an axis ends that is in seconds


@dataclass(frozen=True)
class Area:
    """A rectangle on the canvas, in inches from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float


@dataclass(frozen=True)
class PanelAxes:
    """A figure or panel with its axes.

    Attributes:
        figure: what is drawn.
        axes: where.
        xlim: limits of x, in units of the figure.
        ylim: limits of y; None where nothing is drawn.
    """

    figure: Figure
    axes: Axes
    xlim: Limits
    ylim: Limits | None


class PanelGrid:
    """Panels in rows, with their axes lined up.

    Args:
        panels: from left to right and from top to bottom.
        across: panels in a row.
        titled: whether each panel has a title.
        share_y: whether the y axes are all alike, so that those at the left speak for all.
    """

    def __init__(self, panels: Sequence[PanelAxes], across: int, *, titled: bool, share_y: bool) -> None:
        self._panels, self._across = panels, across
        self._rows = math.ceil(len(panels) / across)
        self._label_size, self._tick_size = text_size("axes.labelsize"), text_size("xtick.labelsize")
        self._title_size = text_size("axes.labelsize")
        self._note_size = 0.9 * self._tick_size
        self._share_y = share_y
        self._tick: float = (mpl.rcParams["xtick.major.size"] + mpl.rcParams["xtick.major.pad"]) / 72
        self._name_height: float = text_height(self._label_size) + mpl.rcParams["axes.labelpad"] / 72
        self._share_x = len({(panel.xlim, panel.figure.xscale, panel.figure.xlabel) for panel in panels}) == 1
        self._top = line_height(self._title_size) if titled else 0.0
        self._strips = [max(strip_height(p.figure, p.xlim) for p in self._in_row(row)) for row in range(self._rows)]
        self._bottom = [self._height_below(row) for row in range(self._rows)]
        self._left, self._right = [0.0] * across, [_LAST_TICK] * across

    @property
    def left(self) -> float:
        """Inches to the left of the first axes."""
        return self._left[0]

    def arrange(self, area: Area) -> None:
        """Set positions, ticks and names of all axes within `area`."""
        gaps = _BETWEEN * (self._rows - 1)
        height = (area.height - sum(self._bottom) - self._rows * self._top - gaps) / self._rows
        height = max(height, _LEAST_AXES * area.height / self._rows)
        y_ticks = [self._y_ticks(panel, height) for panel in self._panels]
        self._left = [self._width_beside(column, y_ticks) for column in range(self._across)]
        self._right = [_LAST_TICK] * self._across
        # How far the last labels stand out is known only after a first choice of ticks.
        axes_width = self._axes_width(area)
        x_ticks = [self._x_ticks(panel, axes_width) for panel in self._panels]
        self._right = [self._width_beyond(column, x_ticks, axes_width) for column in range(self._across)]
        axes_width = self._axes_width(area)
        top = area.bottom + area.height
        for index, panel in enumerate(self._panels):
            row, column = divmod(index, self._across)
            left = (
                area.left + sum(self._left[: column + 1]) + sum(self._right[:column]) + column * (axes_width + _BETWEEN)
            )
            bottom = top - (row + 1) * (self._top + height) - sum(self._bottom[:row]) - row * _BETWEEN
            own = Area(left, bottom, axes_width, height)
            self._set_position(panel, own)
            set_apart(panel.axes, self._strips[row])
            self._set_texts(panel, index, (x_ticks[index], y_ticks[index]), own)

    def write_notes(self) -> None:
        """Write the notes of all panels, below their axes at the right."""
        for index, panel in enumerate(self._panels):
            if not panel.figure.note:
                continue
            box = panel.axes.get_window_extent()
            inch = panel.axes.get_figure(root=True).dpi  # type: ignore[union-attr]  # it has one
            note = cut(literal(panel.figure.note), self._note_size, box.width / inch + self._left[0])
            below = (self._bottom[index // self._across] - _SLACK) * inch / box.height
            look: dict[str, Any] = {"size": self._note_size, "color": neutral(), "ha": "right", "va": "bottom"}
            panel.axes.text(1, -below, note, transform=panel.axes.transAxes, **look)

    def _height_below(self, row: int) -> float:
        panels = self._in_row(row)
        shown = [panel for index, panel in enumerate(panels, row * self._across) if self._has_x(index)]
        height = text_height(self._tick_size) + self._tick if shown else 0.5 * self._tick
        if any(panel.figure.xlabel for panel in shown):
            height += self._name_height
        if any(panel.figure.note for panel in panels):
            height += line_height(self._note_size)
        return self._strips[row] + height

    def _in_row(self, row: int) -> Sequence[PanelAxes]:
        return self._panels[row * self._across : (row + 1) * self._across]

    def _axes_width(self, area: Area) -> float:
        beside = sum(self._left) + sum(self._right) + _BETWEEN * (self._across - 1)
        return max((area.width - beside) / self._across, _LEAST_AXES * area.width / self._across)

    def _width_beside(self, column: int, y_ticks: Sequence[Ticks]) -> float:
        indices = [index for index in range(column, len(self._panels), self._across) if self._has_y(index)]
        if not indices:
            return 0.5 * self._tick
        widest = max((width(text, self._tick_size) for index in indices for text in y_ticks[index].labels), default=0.0)
        named = any(self._ylabel(self._panels[index].figure) or y_ticks[index].suffix for index in indices)
        return widest + _SLACK + self._tick + self._name_height * named

    def _width_beyond(self, column: int, x_ticks: Sequence[Ticks], axes_width: float) -> float:
        """How far the labels of x stand out to the right of the axes of a column that are `axes_width` inches wide."""
        beyond = 0.0
        for index in range(column, len(self._panels), self._across):
            axes, ticks = self._panels[index].axes, x_ticks[index]
            if self._has_x(index) and ticks.labels:
                on_axes = axes.transScale + axes.transLimits
                end = on_axes.transform((ticks.positions[-1], axes.get_ylim()[0]))[0]
                beyond = max(beyond, width(ticks.labels[-1], self._tick_size) / 2 - (1 - end) * axes_width)
        return beyond + _SLACK

    def _has_x(self, index: int) -> bool:
        """Whether a panel shows what its x axis is; of those that are all alike only the lowest do."""
        return not self._share_x or index + self._across >= len(self._panels)

    def _has_y(self, index: int) -> bool:
        return not self._share_y or index % self._across == 0

    def _ylabel(self, figure: Figure) -> str:
        """The name of the y axis, unless the panel has the same for its title."""
        return "" if self._top and figure.ylabel == figure.title else figure.ylabel

    def _y_ticks(self, panel: PanelAxes, height: float) -> Ticks:
        if panel.ylim is None:
            return NO_TICKS
        most = max(2, min(_MOST_TICKS, int(height / line_height(self._tick_size) * 1.5 / _TICK_LINES)))
        if panel.figure.yscale == "log":
            return log_ticks(panel.ylim, most=most)
        return linear_ticks(panel.ylim, most=most, seconds=panel.figure.ylabel.endswith(_SECONDS))

    def _x_ticks(self, panel: PanelAxes, axes_width: float) -> Ticks:
        figure = panel.figure
        if figure.xscale == "time":
            low, high = (limit / SECONDS_PER_DAY for limit in panel.xlim)
            return time_ticks((low, high), most=int(axes_width / _DATE_ROOM))
        integer = all(bool(np.all(series.x == np.round(series.x))) for series in figure.series)
        ticks = NO_TICKS
        # From many to few, as the labels of fewer ticks are shorter.
        for most in (_MOST_TICKS, 6, 5, 4, 3, 2):
            if figure.xscale == "log":
                ticks = log_ticks(panel.xlim, most=most)
            else:
                seconds = figure.xlabel.endswith(_SECONDS)
                ticks = linear_ticks(panel.xlim, most=most, integer=integer, seconds=seconds)
            widest = max((width(label, self._tick_size) for label in ticks.labels), default=0.0)
            if (widest + _BETWEEN_LABELS * self._tick_size / 72) * (len(ticks.labels) - 1) <= axes_width:
                break
        return ticks

    def _set_position(self, panel: PanelAxes, area: Area) -> None:
        canvas_width, canvas_height = panel.axes.get_figure(root=True).get_size_inches()  # type: ignore[union-attr]  # it has one
        left, bottom = min(area.left / canvas_width, 1 - _LEAST_AXES), min(area.bottom / canvas_height, 1 - _LEAST_AXES)
        panel.axes.set_position((left, bottom, area.width / canvas_width, area.height / canvas_height))

    def _set_texts(self, panel: PanelAxes, index: int, ticks: tuple[Ticks, Ticks], area: Area) -> None:
        axes, figure = panel.axes, panel.figure
        x_ticks, y_ticks = ticks
        x_ticks.put(axes.xaxis)
        y_ticks.put(axes.yaxis)
        axes.tick_params(axis="x", which="both", labelbottom=self._has_x(index))
        axes.tick_params(axis="y", which="both", labelleft=self._has_y(index))
        axes.set_xlabel(self._name(figure.xlabel, x_ticks, area.width) if self._has_x(index) else "")
        axes.set_ylabel(self._name(self._ylabel(figure), y_ticks, area.height) if self._has_y(index) else "")
        if self._top:
            title = cut(literal(figure.title), self._title_size, area.width + self._left[index % self._across] / 2)
            axes.set_title(title, size=self._title_size, pad=3)

    def _name(self, name: str, ticks: Ticks, room: float) -> str:
        """The name of an axis, cut to `room`, with what the labels of its ticks leave out, which is never cut."""
        unit = f" ({ticks.unit})" if ticks.unit else ""
        suffix = unit + ticks.suffix
        label = literal(name.removesuffix(_SECONDS) if unit else name)
        if not label:
            return suffix.strip(" ,()")
        return cut(label, self._label_size, room - width(suffix, self._label_size)) + suffix


def text_size(setting: Any) -> float:
    """The size of text, in points, that a setting asks for."""
    return float(FontProperties(size=mpl.rcParams[setting]).get_size_in_points())

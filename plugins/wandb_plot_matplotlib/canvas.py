"""From a figure to a drawing: its axes, and what stands around them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas

from wandb_plot import Figure, empty_label, literal
from wandb_plot_matplotlib.decimation import SECONDS_PER_DAY, is_dense
from wandb_plot_matplotlib.drawing import draw_series
from wandb_plot_matplotlib.layout import Area, PanelAxes, PanelGrid, text_size
from wandb_plot_matplotlib.legend import SideLegend, TopLegend, draw_inside, top_legend
from wandb_plot_matplotlib.legend_entries import LegendEntry, legend_entries, without_middle
from wandb_plot_matplotlib.limits import Limits, x_limits, y_limits
from wandb_plot_matplotlib.marks import label_marks
from wandb_plot_matplotlib.styling.line_styles import markers_of
from wandb_plot_matplotlib.styling.style import Look, neutral
from wandb_plot_matplotlib.text import cut, line_height, text_height

_ROWS_ON_TOP = 3  # of a legend on a screen
_MOST_ON_TOP = 0.4  # of the height of a figure, for a legend above its axes
_PAD, _PAPER_PAD = 0.08, 0.02  # inches at the edges of a figure: papers leave room around theirs
_COARSEST = 100  # columns an inch at least, also where the figure has no pixels
_USUAL_SIZE = (8.0, 4.5)  # of a figure whose size nobody chose
_ROW_HEIGHT = 2.6  # inches of a row of panels, where nobody chose
_ACROSS = 3  # panels side by side, where the figure doesn't say

# The years 1 to 9999, which are all that datetime knows; a time beyond them is shown as a number.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799


def draw(figure: Figure, look: Look) -> Canvas:
    """Lay out `figure` on a canvas; call it under `settings(look)`.

    Returns:
        A canvas that the next call may draw on anew.
    """
    growing = figure.size == _USUAL_SIZE and look.in_print
    figure = replace(figure, size=_size(figure, look))
    limits = _limits(figure)
    figures = [_within_calendar(panel, xlim) for panel, (xlim, _) in zip(_panels(figure), limits, strict=True)]
    canvas, axes = _blank(look, figure, len(figures))
    panels = [PanelAxes(one, ax, *found) for one, ax, found in zip(figures, axes, limits, strict=True)]
    for panel in panels:
        _set_scales(panel)
    columns = _columns(figure, look)
    dense = any(
        is_dense(series, panel.figure, panel.axes.get_xlim(), columns)
        for panel in panels
        for series in panel.figure.series
    )
    page = _Page(canvas, figure, panels, look, growing=growing)
    page.arrange(legend_entries(figure, look, dense=dense), columns)
    return canvas


class _Page:
    """Arranges title, legend and panels, each in the room that is left; a growing page adds what its legend takes."""

    def __init__(
        self, canvas: Canvas, figure: Figure, panels: Sequence[PanelAxes], look: Look, *, growing: bool
    ) -> None:
        self._canvas, self._figure, self._panels, self._look = canvas, figure, panels, look
        self._growing, self._legend_left = growing, 0.0
        self._width, self._height = figure.size
        self._pad = _PAPER_PAD if look.in_print else _PAD
        self._grid = PanelGrid(
            panels,
            min(figure.across or _ACROSS, len(panels)),
            titled=any(panel.title for panel in figure.panels),
            share_y=figure.share_y and bool(figure.panels),
        )
        # The label of a tick at the upper end of y stands half above it.
        self._top, self._right = max(self._pad, text_height(text_size("ytick.labelsize")) / 2), self._pad / 2

    def arrange(self, entries: Sequence[LegendEntry], columns: int) -> None:
        """Arrange everything, and draw the series."""
        if self._figure.title and self._look.titled:
            self._top += line_height(text_size("axes.titlesize"))
        self._grid.arrange(self._area())
        inside = self._look.in_print and not self._figure.panels
        legend = None if inside else self._outer_legend(entries)
        for panel in self._panels:
            draw_series(panel.axes, panel.figure, self._look, columns, markers_of(self._figure, self._look))
            if panel.ylim is None:
                _say_empty(panel)
        if inside and entries and not draw_inside(self._panels[0].axes, entries, self._figure.legend_title):
            legend = self._outer_legend(entries)
        if legend is not None:
            self._draw_legend(legend)
        taken = [artist.get_window_extent() for artist in self._canvas.legends]
        for panel in self._panels:
            label_marks(panel.axes, panel.figure, self._look, taken)
        self._grid.write_notes()
        if self._figure.title and self._look.titled:
            self._write_title()

    def _area(self) -> Area:
        room = self._height - self._top - self._pad
        return Area(self._pad, self._pad, self._width - self._pad - self._right, room)

    def _outer_legend(self, entries: Sequence[LegendEntry]) -> TopLegend | SideLegend | None:
        """Make room for the legend: in rows on top where it fits there, else at the side."""
        if not entries:
            return None
        most = self._height if self._growing else _MOST_ON_TOP * self._height
        legend, left = self._top_legend(entries)
        if self._look.in_print and legend.height > most:
            legend, left = self._top_legend(without_middle(entries, legend.entries_within(most)))
        fits = self._figure.panels or (legend.is_whole and legend.rows <= _ROWS_ON_TOP)
        if self._look.in_print or (fits and legend.height <= most):
            self._legend_left = left
            self._top += legend.height
            if self._growing:
                self._height += legend.height
                self._canvas.set_size_inches(self._width, self._height)
            self._grid.arrange(self._area())
            return legend
        beside = SideLegend(entries, self._figure.legend_title, self._figure.size, self._area().height)
        self._right += beside.width
        self._grid.arrange(self._area())
        return beside

    def _top_legend(self, entries: Sequence[LegendEntry]) -> tuple[TopLegend, float]:
        """The legend on top, and where it begins: in print at the edge of the figure, if that saves a row."""
        title = self._figure.legend_title
        room = self._width - 2 * self._pad - self._right - self._grid.left
        legend = top_legend(entries, title, room)
        if self._look.in_print:
            wide = top_legend(entries, title, room + self._grid.left)
            if wide.rows < legend.rows:
                return wide, self._pad
        return legend, self._pad + self._grid.left

    def _draw_legend(self, legend: TopLegend | SideLegend) -> None:
        top = self._height - self._top
        if isinstance(legend, TopLegend):
            legend.draw(self._canvas, self._legend_left, top + legend.height)
        else:
            legend.draw(self._canvas, self._width - self._right, top)

    def _write_title(self) -> None:
        size = text_size("axes.titlesize")
        title = cut(literal(self._figure.title), size, self._width - 4 * self._pad)
        self._canvas.text(0.5, 1 - self._pad / self._height, title, size=size, ha="center", va="top")


def _panels(figure: Figure) -> tuple[Figure, ...]:
    return figure.panels or (figure,)


def _size(figure: Figure, look: Look) -> tuple[float, float]:
    """The size of a figure: of its style where nobody chose one, and high enough for its panels."""
    if figure.size != _USUAL_SIZE:
        return figure.size
    across = min(figure.across or _ACROSS, len(_panels(figure)))
    rows = -(-len(_panels(figure)) // across)
    chosen = (look.wide if across > 1 else look.size) or figure.size
    if rows == 1:
        return chosen
    return chosen[0], rows * min(chosen[1], _ROW_HEIGHT)


def _limits(figure: Figure) -> list[tuple[Limits, Limits | None]]:
    found = []
    for panel in _panels(figure):
        xlim = x_limits(panel)
        found.append((xlim, y_limits(panel, xlim)))
    heights = [ylim for _, ylim in found if ylim is not None]
    if figure.share_y and figure.panels and heights:
        shared = min(low for low, _ in heights), max(high for _, high in heights)
        found = [(xlim, ylim and shared) for xlim, ylim in found]
    return found


def _within_calendar(figure: Figure, xlim: Limits) -> Figure:
    if figure.xscale == "time" and not (min(xlim) >= _FIRST_SECOND and max(xlim) <= _LAST_SECOND):
        return replace(figure, xscale="linear")
    return figure


def _set_scales(panel: PanelAxes) -> None:
    unit = SECONDS_PER_DAY if panel.figure.xscale == "time" else 1
    panel.axes.set_xscale("log" if panel.figure.xscale == "log" else "linear")
    panel.axes.set_yscale("log" if panel.figure.yscale == "log" and panel.ylim is not None else "linear")
    panel.axes.set_xlim(panel.xlim[0] / unit, panel.xlim[1] / unit)
    panel.axes.set_ylim(panel.ylim or (0.0, 1.0))


def _columns(figure: Figure, look: Look) -> int:
    """Pixels across each axes, roughly: how many stand beside one another, and names, take some."""
    across = min(figure.across or _ACROSS, len(_panels(figure)))
    room = 0.9 if look.in_print else 0.85
    return max(10, round(figure.size[0] * max(figure.dpi, _COARSEST) / across * room))


def _say_empty(panel: PanelAxes) -> None:
    properties: dict[str, Any] = {
        "ha": "center",
        "va": "center",
        "color": neutral(),
        "size": text_size("axes.titlesize"),
    }
    panel.axes.text(0.5, 0.5, empty_label(panel.figure), transform=panel.axes.transAxes, **properties)


def _blank(look: Look, figure: Figure, count: int) -> tuple[Canvas, list[Axes]]:
    canvas, axes = _canvas(look, figure.size, figure.dpi, count)
    canvas.set_size_inches(figure.size)
    for ax in axes:
        for artist in (*ax.lines, *ax.collections, *ax.texts):
            artist.remove()
        ax.set_title("")
    for artist in (*canvas.texts, *canvas.legends):
        artist.remove()
    return canvas, axes


@lru_cache(maxsize=4)
def _canvas(look: Look, size: tuple[float, float], dpi: int, count: int) -> tuple[Canvas, list[Axes]]:
    # Axes and their ticks cost more to make than to draw, so figures that look alike share them.
    del look  # only a key here: its settings are in force
    canvas = Canvas(figsize=size, dpi=dpi)
    FigureCanvasAgg(canvas)
    return canvas, [canvas.add_axes((0.1, 0.1, 0.8, 0.8), label=str(number)) for number in range(count)]

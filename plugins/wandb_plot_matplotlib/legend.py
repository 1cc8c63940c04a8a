"""Where the legend stands: in rows on top, in columns at the side, or within the axes where it hides nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure as Canvas
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerTuple
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from wandb_plot import literal
from wandb_plot_matplotlib.legend_entries import LegendEntry, without_middle
from wandb_plot_matplotlib.styling.style import neutral
from wandb_plot_matplotlib.text import cut, cut_all, drawn_width, line_height, width

_ROW_PAD = 0.3  # font sizes from one row to the next
_BETWEEN = 1.4  # font sizes between entries in a row
_SHARES = (0.3, 0.15)  # of the width, at most, for each column of a legend at the side of one or two columns
_SEPARATOR = " · "  # between the parts of a title
_BELOW = 0.04  # inches from a legend on top to what is below it
_BESIDE = 0.1  # inches from the axes to a legend at their side
_PADDING = 0.08  # inches around a legend within the axes
_CORNERS = ((1, 1), (0, 1), (1, 0), (0, 0), (1, 0.5), (0, 0.5), (0.5, 1), (0.5, 0), (0.5, 0.5))


@dataclass(frozen=True)
class LegendText:
    """The size of text in a legend, in points."""

    size: float

    @property
    def handle(self) -> float:
        """Inches that the key takes before its label."""
        return float(mpl.rcParams["legend.handlelength"] + mpl.rcParams["legend.handletextpad"]) * self.size / 72

    def entry(self, label: str) -> float:
        """Inches that an entry takes."""
        return self.handle + drawn_width(label, self.size)

    @property
    def between(self) -> float:
        """Inches between entries in a row."""
        return _BETWEEN * self.size / 72

    @property
    def row(self) -> float:
        """Inches from one row to the next."""
        return line_height(self.size)


def legend_text() -> LegendText:
    """The size of legends in the settings in force."""
    return LegendText(float(FontProperties(size=mpl.rcParams["legend.fontsize"]).get_size_in_points()))


def top_legend(entries: Sequence[LegendEntry], title: str, room: float) -> "TopLegend":
    """The legend with the fewest rows. Its title stands in front if that takes no further row."""
    choices = [TopLegend(entries, title, room, in_front=in_front) for in_front in (True, False)]
    return min(choices, key=lambda choice: (not choice.is_whole, choice.rows))


class TopLegend:
    """A legend in rows above the axes, read from left to right.

    Args:
        entries: of the legend.
        title: what all labels have in common; may be empty.
        room: inches from left to right.
        in_front: whether the title stands in front of the rows; else it has lines of its own above them.
    """

    def __init__(self, entries: Sequence[LegendEntry], title: str, room: float, *, in_front: bool) -> None:
        self._text = legend_text()
        self._entries = entries
        self._title = [literal(title)] * bool(title) if in_front else _title_lines(title, self._text.size, room)
        indented = bool(title) and in_front
        self._indent = width(self._title[0], self._text.size) + self._text.between if indented else 0.0
        self._above = 0 if in_front else len(self._title)
        self._labels = _cut_names(entries, self._text, room - self._indent)
        self.columns = self._most_columns(room - self._indent)
        self.rows = math.ceil(len(entries) / self.columns) + self._above

    @property
    def is_whole(self) -> bool:
        """Whether every name is there in full."""
        return self._labels == [literal(entry.label) for entry in self._entries]

    @property
    def height(self) -> float:
        """Inches that it takes."""
        return self.rows * self._text.row + _BELOW

    def entries_within(self, height: float) -> int:
        """How many entries, in its columns, have room in so many inches."""
        return self.columns * max(1, int((height - _BELOW) / self._text.row) - self._above)

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        """Draw it with its upper left corner there, in inches from the left and from the bottom."""
        canvas_width, canvas_height = canvas.get_size_inches()
        for number, line in enumerate(self._title):
            at = top - number * self._text.row
            canvas.text(
                left / canvas_width,
                at / canvas_height,
                line,
                size=self._text.size,
                color=neutral(),
                ha="left",
                va="top",
            )
        # Matplotlib fills columns; people read rows.
        order = [index for column in range(self.columns) for index in range(column, len(self._entries), self.columns)]
        anchor = ((left + self._indent) / canvas_width, (top - self._above * self._text.row) / canvas_height)
        _add(canvas, [self._entries[k] for k in order], [self._labels[k] for k in order], self.columns, anchor)

    def _most_columns(self, room: float) -> int:
        """As many columns as fit into `room`, but no more than the rows that they make need."""
        widths = [self._text.entry(label) for label in self._labels]

        def fit(columns: int) -> bool:
            widest = (max(widths[column::columns]) for column in range(columns))
            return sum(widest) + self._text.between * (columns - 1) <= room

        most = next(filter(fit, range(len(widths), 1, -1)), 1)
        rows = math.ceil(len(widths) / most)
        return next(filter(fit, range(math.ceil(len(widths) / rows), most)), most)


class SideLegend:
    """A legend in one or two columns at the right side of the axes.

    Args:
        entries: in the order to be drawn; where not all have room, lines in the middle are counted.
        title: what all labels have in common; may be empty.
        size: of the figure, in inches.
        height: inches from top to bottom.
    """

    def __init__(self, entries: Sequence[LegendEntry], title: str, size: tuple[float, float], height: float) -> None:
        self._text = legend_text()
        room = size[0] * _SHARES[0]
        self._title = _title_lines(title, self._text.size, room)
        rows = max(1, int(height / self._text.row) - len(self._title))
        self._columns = 2 if len(entries) > rows and self._fit_beside(entries, size[0]) else 1
        self._entries = without_middle(entries, rows * self._columns)
        self._labels = _cut_names(self._entries, self._text, size[0] * _SHARES[self._columns - 1])
        widest = max(map(self._text.entry, self._labels))
        columns = self._columns * widest + (self._columns - 1) * self._text.between
        self.width = max([columns, *(width(line, self._text.size) for line in self._title)]) + _BESIDE

    def _fit_beside(self, entries: Sequence[LegendEntry], width: float) -> bool:
        """Whether all names fit whole into one of two columns."""
        return max(self._text.entry(literal(entry.label)) for entry in entries) <= width * _SHARES[1]

    def draw(self, canvas: Canvas, left: float, top: float) -> None:
        """Draw it with its upper left corner there, in inches from the left and from the bottom."""
        canvas_width, canvas_height = canvas.get_size_inches()
        anchor = ((left + _BESIDE) / canvas_width, top / canvas_height)
        _add(canvas, self._entries, self._labels, self._columns, anchor, self._title)


def draw_inside(axes: Axes, entries: Sequence[LegendEntry], title: str) -> bool:
    """Draw a legend within `axes` where it hides nothing; False where there is no such place."""
    canvas = axes.get_figure(root=True)
    assert isinstance(canvas, Canvas)  # noqa: S101 -- for the type: axes stand on no other figure
    text = legend_text()
    labels = [literal(entry.label) for entry in entries]
    parts = literal(title).split(_SEPARATOR)
    lines = _title_lines(title, text.size, max([*map(text.entry, labels), *(width(part, text.size) for part in parts)]))
    wide = max([*map(text.entry, labels), *(width(line, text.size) for line in lines)]) + 2 * _PADDING
    high = (len(labels) + len(lines)) * text.row + _PADDING
    box = axes.get_window_extent()
    unit = canvas.dpi
    if wide * unit > box.width or high * unit > box.height:
        return False
    outlines = _outlines(axes)
    for right, up in _CORNERS:
        left = box.x0 + right * (box.width - wide * unit)
        top = box.y0 + high * unit + up * (box.height - high * unit)
        frame = Bbox([[left, top - high * unit], [left + wide * unit, top]])
        if not any(path.intersects_bbox(frame, filled=filled) for path, filled in outlines):
            anchor = ((left + _PADDING * unit) / canvas.bbox.width, (top - _PADDING * unit) / canvas.bbox.height)
            _add(canvas, entries, labels, 1, anchor, lines)
            return True
    return False


def _outlines(axes: Axes) -> list[tuple[Path, bool]]:
    """What is drawn in `axes`, in pixels, and whether it is filled."""
    lines = [(line.get_transform().transform_path(line.get_path()), False) for line in axes.lines]
    areas = [
        (collection.get_transform().transform_path(path), True)
        for collection in axes.collections
        if isinstance(collection, PolyCollection)
        for path in collection.get_paths()
    ]
    return [*lines, *areas]


def _title_lines(title: str, size: float, room: float) -> list[str]:
    """A title in lines of `room` inches, broken between its parts; a part is cut where it is wider than that alone."""
    lines: list[str] = []
    for part in literal(title).split(_SEPARATOR) if title else ():
        joined = f"{lines[-1]}{_SEPARATOR}{part}" if lines else part
        if lines and width(joined, size) <= room:
            lines[-1] = joined
        else:
            lines.append(cut(part, size, room))
    return lines


def _cut_names(entries: Sequence[LegendEntry], text: LegendText, room: float) -> list[str]:
    """The labels of all entries, those of lines cut to `room` inches with their keys, and kept different."""
    names = [literal(entry.label) for entry in entries if not entry.fixed]
    cut_names = iter(cut_all(names, text.size, room - text.handle))
    return [entry.label if entry.fixed else next(cut_names) for entry in entries]


def _add(
    canvas: Canvas,
    entries: Sequence[LegendEntry],
    labels: Sequence[str],
    columns: int,
    anchor: tuple[float, float],
    title: Sequence[str] = (),
) -> Legend:
    # The stubs know nothing of handles that are tuples.
    handles: Any = [entry.artists for entry in entries]
    size = legend_text().size
    legend = canvas.legend(
        handles,
        labels,
        ncols=columns,
        loc="upper left",
        bbox_to_anchor=anchor,
        title="\n".join(title) or None,
        title_fontsize=size,
        alignment="left",
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        labelspacing=_ROW_PAD,
        columnspacing=_BETWEEN,
        handler_map={tuple: HandlerTuple(ndivide=1)},
    )
    # A title as dark as the labels would pass for one of them.
    legend.get_title().set_color(neutral())
    return legend

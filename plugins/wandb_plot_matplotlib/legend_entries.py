"""What the legend of a figure says, and the keys beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from wandb_plot import Figure, Series, gap_label, gaps
from wandb_plot_matplotlib.gap_marks import gap_line
from wandb_plot_matplotlib.marks import mark_symbol
from wandb_plot_matplotlib.styling.line_styles import (
    BAND_ALPHA,
    Markers,
    line_color,
    line_properties,
    markers_of,
    range_properties,
    raw_alpha,
)
from wandb_plot_matplotlib.styling.style import Look, neutral

SMOOTHED, LOGGED = "smoothed", "as logged"  # the lines of a series that has both
RANGE = "median and range of neighbouring points"  # how a long line is drawn
LOGGED_RANGE = "as logged: range of neighbouring points"


@dataclass(frozen=True)
class LegendEntry:
    """What the legend shows beside a label; several artists lie over one another.

    Attributes:
        label: the name of a line, or words of ours.
        artists: the key.
        fixed: whether the label is words of ours, which are never cut.
    """

    label: str
    artists: tuple[Artist, ...]
    fixed: bool = False


def legend_entries(figure: Figure, look: Look, *, dense: bool) -> list[LegendEntry]:
    """What tells the lines of a figure, and the parts of lines, apart; empty where there is only one thing to see.

    Args:
        figure: with all its panels.
        look: of the figure.
        dense: whether any line is drawn by columns.
    """
    panels = figure.panels or (figure,)
    drawn = [(panel, series) for panel in panels for series in panel.series]
    by_label: dict[str, tuple[Figure, Series]] = {}
    for panel, series in drawn:
        by_label.setdefault(series.label, (panel, series))
    lines = list(by_label.values()) if figure.panels else drawn
    return [*_line_entries(lines, figure, look), *_part_entries(drawn, look, dense=dense)]


def without_middle(entries: Sequence[LegendEntry], count: int) -> Sequence[LegendEntry]:
    """At most `count` entries: of the lines those that end highest and lowest, and all that isn't a line.

    How many lines are left out is said in their place. Two lines are kept in any case.
    """
    lines = [entry for entry in entries if not entry.fixed]
    others = [entry for entry in entries if entry.fixed]
    kept = max(2, count - len(others) - 1)
    if len(entries) <= count or kept >= len(lines):
        return entries
    head = -(-kept // 2)
    more = LegendEntry(f"… {len(lines) - kept} more", (Line2D([], [], linestyle="none"),), fixed=True)
    return [*lines[:head], more, *lines[len(lines) - kept + head :], *others]


def _line_entries(lines: list[tuple[Figure, Series]], figure: Figure, look: Look) -> Iterator[LegendEntry]:
    alone = len(lines) == 1
    for panel, series in lines:
        key = _line_key(series, look, len(panel.series), markers_of(figure, look))
        if not alone or figure.legend_title or series.low is not None:
            yield LegendEntry(series.label, key)
        elif series.smooth is not None:
            yield LegendEntry(SMOOTHED, key, fixed=True)


def _part_entries(drawn: list[tuple[Figure, Series]], look: Look, *, dense: bool) -> Iterator[LegendEntry]:
    """What is not a line: raw lines, ranges, marks of gaps and crashes."""
    color = line_color(drawn[0][1], look) if len(drawn) == 1 else neutral()
    smoothed = any(series.smooth is not None for _, series in drawn)
    area = Patch(**range_properties(color, len(drawn), smoothed=smoothed))
    if smoothed:
        raw: Artist = area if dense else Line2D([], [], color=color, alpha=raw_alpha(1))
        yield LegendEntry(LOGGED_RANGE if dense else LOGGED, (raw,), fixed=True)
    elif dense:
        yield LegendEntry(RANGE, (area, Line2D([], [], color=color)), fixed=True)
    gapped = next((panel for panel, series in drawn if gaps(series, panel).any()), None)
    if gapped is not None:
        key = gap_line([], neutral())
        key.set_linestyle("none")
        yield LegendEntry(gap_label(gapped), (key,), fixed=True)
    states = {mark.text for _, series in drawn for mark in series.marks if mark.kind == "crashed"}
    if states:
        yield LegendEntry(
            " or ".join(sorted(states)), (Line2D([], [], **mark_symbol("crashed", neutral())),), fixed=True
        )


def _line_key(series: Series, look: Look, lines: int, markers: Markers) -> tuple[Artist, ...]:
    properties = line_properties(series, look, lines, markers) | {"markevery": None}
    if series.smooth is not None:
        properties["linewidth"] *= 1.3
    line = Line2D([], [], **properties)
    if series.low is None:
        return (line,)
    return Patch(facecolor=properties["color"], alpha=BAND_ALPHA, linewidth=0), line

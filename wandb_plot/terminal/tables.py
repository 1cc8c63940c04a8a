"""Tables: plain text in a pipe, fitted to the width of a terminal."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from wandb_plot.basics.json_text import to_json
from wandb_plot.terminal.text import printable

_GAP = 2  # columns between those of a table
_FOLDED = 24  # what a longer cell is folded to on a narrow terminal


def plain_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table as wide as its cells want, a line a row."""
    cells = [list(headings), *_cells(rows)]
    widths = [max(map(width_of, column)) for column in zip(*cells, strict=True)]
    padded = ([cell + " " * (width - width_of(cell)) for cell, width in zip(row, widths, strict=True)] for row in cells)
    return "".join("  ".join(row).rstrip() + "\n" for row in padded)


def terminal_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, Sequence[str]]:
    """A table no wider than the terminal, and the headings of the last columns where those didn't fit.

    A number cut short would be another number: no column is made narrower than what it holds, but long names are
    folded.
    """
    from rich.console import Console as Terminal
    from rich.table import Table
    from rich.text import Text

    terminal = Terminal()
    cells = _cells(rows)
    titles, widths = _fitted(headings, cells, terminal.width)
    ends = accumulate(widths, lambda end, width: end + _GAP + width)
    fitting = max(1, sum(end <= terminal.width for end in ends))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title, width in zip(titles[:fitting], widths, strict=False):
        table.add_column(title, width=width, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row[:fitting]))
    # rich would write to stdout itself, in the encoding of the locale.
    with terminal.capture() as capture:
        terminal.print(table)
    return capture.get(), headings[fitting:]


def width_of(text: str) -> int:
    """Columns that `text` takes on a terminal: wide East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def _fitted(headings: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> tuple[list[str], list[int]]:
    """The headings and widths of columns, which on a narrow terminal are as narrow as numbers allow."""
    columns = [list(column) for column in zip(headings, *cells, strict=True)]
    widths = [max(map(width_of, column)) for column in columns]
    if sum(widths) + _GAP * (len(widths) - 1) <= width:
        return list(headings), widths
    titles = [heading.replace("_", "\n") for heading in headings]
    held = [
        max(map(width_of, [*title.split("\n"), *column[1:]])) for title, column in zip(titles, columns, strict=True)
    ]
    return titles, [min(width, _FOLDED) for width in held]


def _cells(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    return [[printable(_cell(value)) for value in row] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return to_json(value) if isinstance(value, Mapping) else str(value)

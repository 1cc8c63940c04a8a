"""What a table of the report is made of; all of it is text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wandb_plot.basics.formatting import number_text

NOTHING = "–"  # noqa: RUF001 -- an en dash is what tables show for nothing

_DIGITS = 6


@dataclass(frozen=True)
class ReportCell:
    """A cell of several parts.

    Attributes:
        text: what it says first.
        detail: what stands below it, in small letters.
        alarm: what is wrong, in a colour that says so too.
        tone: how the text is coloured: `good`, `busy`, `bad`, or not at all.
    """

    text: str
    detail: str = ""
    alarm: str = ""
    tone: Literal["", "good", "busy", "bad"] = ""


@dataclass(frozen=True)
class ReportRow:
    """A row: its header, which may be a link, and a cell for each further column."""

    header: str
    cells: Sequence[str | ReportCell]
    url: str | None = None


@dataclass(frozen=True)
class ReportTable:
    """A table whose first column holds the row headers.

    Attributes:
        caption: what it shows.
        columns: the column headers, that of the row headers first.
        rows: each with one cell less than there are columns.
        numeric: whether the cells are numbers, which are read from the right.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[ReportRow]
    numeric: bool = False


def cell_text(value: float | None) -> str:
    """A number as tables show it, or the dash for none."""
    return NOTHING if value is None else number_text(value, _DIGITS)

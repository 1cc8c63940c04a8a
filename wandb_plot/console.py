"""Everything that reaches the terminal: tables, JSON, written paths, progress, warnings and errors.

stdout carries the outcome alone; all else goes to stderr.
"""

import json
import math
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any, TextIO

from wandb_plot.errors import PartialError, WandbPlotError
from wandb_plot.model.outcome import Outcome

_GAP = 2  # columns between those of a table
_FOLDED = 24  # what a longer cell is folded to on a narrow terminal
_CLEAR_LINE = "\r\x1b[2K"
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JSON_UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SECRETS = re.compile(
    r"(?P<scheme>https?://)[^/\s@]+@"  # credentials inside an address
    r"|(?P<address>https?://[^\s?'\"]+)\?[^\s'\"]+"  # what signs an address
    r"|\b(?:wandb_v1_\w{20,}|(?:local-)?[0-9a-f]{40})\b"  # API keys
)


@dataclass
class Console:
    """The user's terminal, or the pipe in its place.

    Attributes:
        json: write JSON documents instead of tables and lines.
        quiet: no progress, no hints.
        debug: show tracebacks.
    """

    json: bool = False
    quiet: bool = False
    debug: bool = False

    def document(self, document: Any) -> None:
        """Write a JSON document to stdout; non-finite numbers in it become strings."""
        self.update("")
        _write(sys.stdout, to_json(document, indent=2))

    def outcome(self, outcome: Outcome) -> None:
        """Write what a command made, one path a line, and raise what it failed of.

        A command that made nothing fails with nothing on stdout.
        """
        failure = outcome.failure()
        if failure is None or isinstance(failure, PartialError):
            if self.json:
                self.document(outcome.document())
            else:
                self.lines(str(file.path) for file in outcome.files if file.action != "failed")
        if failure is not None:
            # What several files failed of alike is said once.
            for message in dict.fromkeys(error.message for error in outcome.errors()):
                if message not in failure.message:
                    self.warn(message)
            raise failure

    def lines(self, lines: Iterable[str], *, separator: str = "\t") -> None:
        """Write lines to stdout; the separator of their fields stays as it is."""
        self.update("")
        for line in lines:
            _write(sys.stdout, separator.join(map(printable, line.split(separator))))

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write a table to stdout: plain text in a pipe, fitted to the width of a terminal."""
        self.update("")
        cells = [[printable(_cell(value)) for value in row] for row in rows]
        if sys.stdout.isatty():
            left_out = _rich_table(headings, cells)
            if left_out:
                self.hint(f"Left out for want of width: {', '.join(left_out)}; --json has all")
            return
        widths = [max(map(_width, column)) for column in zip(headings, *cells, strict=True)]
        for row in [list(headings), *cells]:
            padded = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            _write(sys.stdout, "  ".join(padded).rstrip())

    def warn(self, message: str) -> None:
        """Say on stderr what the user should know though the command goes on."""
        self.note(f"Warning: {message}")

    def hint(self, message: str) -> None:
        """Say on stderr what could be done next."""
        if not self.quiet:
            self.note(message)

    def update(self, message: str) -> None:
        """Show on a terminal what is being done, in one line that the next one replaces."""
        if not self.quiet and sys.stderr.isatty():
            _write(sys.stderr, _CLEAR_LINE + printable(message), end="")

    def error(self, error: WandbPlotError) -> None:
        """Say on stderr what failed, why, and what to do next; with `json`, as an object in the last line too."""
        self.note(f"Error: {error.message}")
        named = f"{error.message} {error.hint}"
        if not self.json and not all(candidate in named for candidate in error.candidates):
            self.note(f"Did you mean: {', '.join(error.candidates[:8])}")
        if error.hint and not self.json:
            self.note(f"Hint: {error.hint}")
        if self.json:
            said = {
                "code": error.code,
                "message": redact(error.message),
                "hint": redact(error.hint),
                "candidates": list(error.candidates),
            }
            _write(sys.stderr, to_json({"error": said}))

    def note(self, message: str) -> None:
        """Say on stderr how it went."""
        self.update("")
        _write(sys.stderr, printable(redact(message)))


def to_json(document: Any, *, indent: int | None = None) -> str:
    """Strict JSON in plain characters: no bare NaN, and nothing a terminal would obey."""
    text = json.dumps(json_ready(document), indent=indent, ensure_ascii=False, allow_nan=False)
    return _JSON_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_ready(value: Any) -> Any:
    """`value` with the strings "NaN", "Infinity" and "-Infinity" for non-finite numbers, and ISO 8601 for times."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, Mapping):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def printable(text: str) -> str:
    """`text` with everything that a terminal would obey, or that hides other text, written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def redact(text: str) -> str:
    """`text` without API keys, credentials and the signatures of addresses."""
    key = os.environ.get("WANDB_API_KEY")
    if key:
        text = text.replace(key, "[key]")
    return _SECRETS.sub(_redacted, text)


def _redacted(found: re.Match[str]) -> str:
    if found["scheme"]:
        return found["scheme"]
    return f"{found['address']}?[...]" if found["address"] else "[key]"


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


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


def _width(text: str) -> int:
    """Columns that `text` takes on a terminal: wide East Asian characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(map(bool, map(unicodedata.combining, text)))


def _rich_table(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> Sequence[str]:
    """Write a table as wide as the terminal, and give the headings of the last columns, which didn't fit.

    A number cut short would be another number: no column is made narrower than what it holds, but long names are
    folded.
    """
    from rich.console import Console as Terminal
    from rich.table import Table
    from rich.text import Text

    terminal = Terminal()
    columns = [list(column) for column in zip(headings, *cells, strict=True)]
    widths = [max(map(_width, column)) for column in columns]
    if sum(widths) + _GAP * (len(widths) - 1) > terminal.width:
        titles = [heading.replace("_", "\n") for heading in headings]
        held = [
            max(map(_width, [*title.split("\n"), *column[1:]])) for title, column in zip(titles, columns, strict=True)
        ]
        widths = [min(width, _FOLDED) for width in held]
    else:
        titles = list(headings)
    ends = accumulate(widths, lambda end, width: end + _GAP + width)
    fitting = max(1, sum(end <= terminal.width for end in ends))
    table = Table(box=None, header_style="bold", pad_edge=False)
    for title, width in zip(titles[:fitting], widths, strict=False):
        table.add_column(title, width=width, overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row[:fitting]))
    terminal.print(table)
    return headings[fitting:]


def _write(stream: TextIO, text: str, end: str = "\n") -> None:
    # Bytes, so that a locale can't change them. A stream that tests put in place may have no buffer.
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(text + end)
        return
    stream.flush()
    buffer.write((text + end).encode("utf-8", "backslashreplace"))
    buffer.flush()

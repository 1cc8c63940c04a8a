"""Everything that reaches the terminal: tables, JSON, written paths, progress, warnings and errors.

stdout carries the result alone; all else goes to stderr.
"""

import shlex
import sys
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any

from wandb_plot.basics.json_text import to_json, to_json_lines
from wandb_plot.errors import PartialError, WandbPlotError
from wandb_plot.model.outcome import Outcome
from wandb_plot.terminal.progress import ProgressLine
from wandb_plot.terminal.streams import write_err, write_out
from wandb_plot.terminal.tables import plain_table, terminal_table
from wandb_plot.terminal.text import printable, redact

_LINES_AT_ONCE = 1000
# More text would fill the context of an agent.
_LISTING_BYTES = 4000
_CANDIDATES = 8


@dataclass
class Console:
    """The user's terminal, or the pipe in its place.

    Attributes:
        json: write JSON documents instead of tables and lines.
        quiet: no progress, no hints.
        debug: show tracebacks.
        arguments: of the command, as given.
    """

    json: bool = False
    quiet: bool = False
    debug: bool = False
    arguments: Sequence[str] = ()
    _line: ProgressLine = field(default_factory=ProgressLine, repr=False)

    def document(self, document: Mapping[str, Any] | Sequence[Any]) -> None:
        """Write a JSON document to stdout, small where no terminal shows it; non-finite numbers become strings."""
        text = to_json(document, indent=2) if sys.stdout.isatty() else to_json_lines(document)
        self._write_out(text + "\n")

    def outcome(self, outcome: Outcome) -> None:
        """Write what a command made, one path a line, and warn of all that failed.

        A command that made nothing writes nothing to stdout. `Outcome.raise_for_failures` ends the command.
        """
        failure = outcome.failure()
        if failure is None or isinstance(failure, PartialError):
            if self.json:
                self.document(outcome.document())
            else:
                self.lines(str(file.path) for file in outcome.files if file.action != "failed")
        if failure is not None:
            # An error that several files share is said once.
            for message in dict.fromkeys(error.message for error in outcome.errors()):
                if message not in failure.message:
                    self.warn(message)

    def lines(self, lines: Iterable[str], *, separator: str = "\t") -> None:
        """Write lines to stdout, some at a time; the separator of their fields stays as it is."""
        safe = (separator.join(map(printable, line.split(separator))) + "\n" for line in lines)
        while chunk := list(islice(safe, _LINES_AT_ONCE)):
            self._write_out("".join(chunk))

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write a table to stdout: plain text in a pipe, fitted to the width of a terminal."""
        if not sys.stdout.isatty():
            self._write_out(plain_table(headings, rows))
            return
        text, left_out = terminal_table(headings, rows)
        self._write_out(text)
        if left_out:
            self.say(f"Columns that the terminal is too narrow for: {', '.join(left_out)}; --json has all")

    def fitting(self, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
        """How many rows, from the first, fit into 4 kB with the headings; all of them on a terminal."""
        if sys.stdout.isatty() or not rows:
            return len(rows)
        lines = plain_table(headings, rows).splitlines(keepends=True)
        sizes = accumulate(len(line.encode()) for line in lines)
        return max(1, sum(size <= _LISTING_BYTES for size in sizes) - 1)

    def listing(self, headings: Sequence[str], rows: Sequence[Sequence[Any]], *, whole: bool) -> None:
        """Write a table, of which only the first 4 kB go where no terminal shows it, and say how to get the rest.

        Args:
            headings: of the columns.
            rows: of the table.
            whole: whether its user asked for all of it.
        """
        shown = len(rows) if whole else self.fitting(headings, rows)
        self.table(headings, rows[:shown])
        if shown < len(rows):
            command = shlex.join(["wandb-plot", *self.arguments, "--all-rows"])
            self.say(f"{shown} of {len(rows)} rows are shown; all: {command}")

    def progress(self, message: str) -> None:
        """Show on a terminal what is being done, in one line that the next one replaces."""
        if not self.quiet and sys.stderr.isatty():
            self._line.show(redact(message))

    def end_progress(self) -> None:
        """Take the line of progress away."""
        self._line.clear()

    def warn(self, message: str) -> None:
        """Say on stderr what the user should know though the command goes on."""
        self.say(f"Warning: {message}")

    def hint(self, message: str) -> None:
        """Say on stderr what could be done next."""
        if not self.quiet:
            self.say(message)

    def error(self, error: WandbPlotError) -> None:
        """Say on stderr what failed, why, and what to do next; with `json`, as an object in the last line too."""
        self.say(f"Error: {error.message}")
        named = f"{error.message} {error.hint}"
        nearest = error.candidates[:_CANDIDATES]
        if not self.json and not all(candidate in named for candidate in nearest):
            self.say(f"Did you mean: {', '.join(nearest)}")
        if error.hint and not self.json:
            self.say(f"Hint: {error.hint}")
        if self.json:
            document = {
                "code": error.code,
                "message": redact(error.message),
                "hint": redact(error.hint),
                "candidates": [redact(candidate) for candidate in error.candidates],
            }
            write_err(to_json({"error": document}) + "\n")

    def traceback(self, error: BaseException) -> None:
        """Say on stderr where `error` was raised, for those who mend the program."""
        for chunk in traceback.format_exception(error):
            for line in chunk.splitlines():
                self.say(line)

    def say(self, message: str) -> None:
        """Write one line to stderr."""
        self.end_progress()
        write_err(printable(redact(message)) + "\n")

    def _write_out(self, text: str) -> None:
        self.end_progress()
        write_out(text)

"""A line on the terminal that says what is being done, with a spinner in front."""

import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from wandb_plot.terminal.streams import encoding_of, write_err
from wandb_plot.terminal.text import printable

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live

_PER_SECOND = 8


class ProgressLine:
    """The last line of the terminal at stderr, while something is being done; may be used from several threads."""

    def __init__(self) -> None:
        self._line = _Line()
        self._live: Live | None = None
        self._lock = threading.Lock()

    def show(self, message: str) -> None:
        """Say what is being done now, in place of what was said before."""
        self._line.message = printable(message)
        with self._lock:
            if self._live is None:
                self._live = _live(self._line)
                self._live.start()

    def clear(self) -> None:
        """Take the line away: before anything else is written to the terminal, and at the end."""
        with self._lock, suppress(OSError, ValueError):
            live, self._live = self._live, None
            if live is not None:
                live.stop()


class _Line:
    """A spinner and a message in one line, which ends where the terminal does."""

    message = ""

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.spinner import Spinner
        from rich.text import Text

        # The frames of this spinner are ASCII: any terminal has them.
        frame = Spinner("line").frames[int(console.get_time() * _PER_SECOND) % 4]
        yield Text(f"{frame} {self.message}", no_wrap=True, overflow="crop")


class _Stderr:
    """What rich takes for a file."""

    @property
    def encoding(self) -> str:
        return encoding_of(sys.stderr)

    def write(self, text: str) -> int:
        write_err(text)
        return len(text)

    def flush(self) -> None:
        """Nothing to do: every write is flushed."""

    def isatty(self) -> bool:
        return True


def _live(line: _Line) -> "Live":
    from typing import IO, cast

    from rich.console import Console
    from rich.live import Live

    return Live(
        line,
        console=Console(file=cast("IO[str]", _Stderr()), force_terminal=True),
        transient=True,
        refresh_per_second=_PER_SECOND,
        # rich must not take the streams over: stdout carries the result.
        redirect_stdout=False,
        redirect_stderr=False,
    )

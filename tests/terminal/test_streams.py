"""What a terminal is given: in its encoding, and no wider than it is."""

import os
import re
import select
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import pytest

from wandb_plot.console import Console


class Terminal:
    """A pseudo-terminal in the place of a standard stream."""

    def __init__(self, encoding: str) -> None:
        self._reader, writer = os.openpty()
        termios.tcsetwinsize(writer, (24, 40))
        self.stream: TextIO = os.fdopen(writer, "w", encoding=encoding)

    def read(self) -> bytes:
        """Everything that was written so far."""
        content = b""
        while select.select([self._reader], [], [], 0)[0]:
            content += os.read(self._reader, 65536)
        return content

    def wait(self) -> bytes:
        """At least something that is written."""
        select.select([self._reader], [], [], 20)
        return self.read()

    def close(self) -> None:
        """Give both ends back."""
        self.stream.close()
        os.close(self._reader)


@pytest.fixture(params=["ascii", "latin-1", "utf-8"])
def encoding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of a terminal that rich takes for one of 40 columns."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    return str(request.param)


@contextmanager
def standard_terminal(encoding: str) -> Iterator[Terminal]:
    """A terminal of that encoding as stdout and stderr."""
    terminal = Terminal(encoding)
    kept = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = terminal.stream
    try:
        yield terminal
    finally:
        sys.stdout, sys.stderr = kept
        terminal.close()


def test_text_is_written_in_the_terminals_encoding(encoding: str) -> None:
    """Tables, lines and warnings: what the encoding has no letters for is written as an escape."""
    console = Console()
    with standard_terminal(encoding) as terminal:
        console.table(("name", "größe"), [("損失", 1)])
        console.lines(["損失/größe.png"])
        console.warn("損失")
        written = terminal.read().decode(encoding)
    text = re.sub(r"\x1b\[[\d;]*m", "", written).replace("\r", "")
    loss = "損失" if encoding == "utf-8" else r"\u640d\u5931"
    size = r"gr\xf6\xdfe" if encoding == "ascii" else "größe"
    assert text.splitlines()[1].split() == [loss, "1"]
    assert text.splitlines()[0].split() == ["name", size]
    assert text.splitlines()[2:] == [f"{loss}/{size}.png", f"Warning: {loss}"]


def test_progress_stays_in_its_line(encoding: str) -> None:
    """Wider than the terminal it is cut; before anything else is written, it is gone and the cursor is back."""
    console = Console()
    with standard_terminal(encoding) as terminal:
        console.progress("reading " + "a long name, " * 20)
        shown = terminal.wait()
        while b"reading" not in shown:
            shown += terminal.wait()
        console.progress("drawing")
        console.say("done")
        said = (shown + terminal.read()).decode()
    frames, _, rest = said.rpartition("\x1b[2K")
    for line in re.split(r"\r|\n|\x1b\[2K|\x1b\[1A", frames):
        assert len(re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", line)) <= 40
    assert rest.endswith("done\r\n")
    assert "\x1b[?25h" in said, "the cursor is shown again"


def test_progress_is_for_terminals_only(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe gets none of it, and a quiet command says none."""
    Console().progress("reading")
    assert capsys.readouterr().err == ""

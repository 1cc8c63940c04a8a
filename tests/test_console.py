"""What reaches the terminal can't harm it, is strict JSON, and holds no secret."""

import json
import os
import re
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.conftest import private_environment
from wandb_plot.console import Console
from wandb_plot.errors import NotFoundError


def test_wide_characters_line_up(capsys: pytest.CaptureFixture[str]) -> None:
    """A table's columns begin at one place, also behind characters that take two columns."""
    Console().table(("name", "id"), [("損失", 1), ("abcd", 2), ("é", None)])
    assert capsys.readouterr().out.splitlines() == ["name  id", "損失  1", "abcd  2", "é     -"]


def test_an_error_is_at_most_three_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """What, candidates, what to do; with --json the last line is an object, and stdout stays empty."""
    error = NotFoundError("no run is called 'x'", hint="list them", candidates=["y", "z"])
    Console().error(error)
    assert capsys.readouterr().err.splitlines() == [
        "Error: no run is called 'x'",
        "Did you mean: y, z",
        "Hint: list them",
    ]
    Console(json=True).error(error)
    out, err = capsys.readouterr()
    assert out == ""
    assert json.loads(err.splitlines()[-1]) == {
        "error": {
            "code": "run_not_found",
            "message": "no run is called 'x'",
            "hint": "list them",
            "candidates": ["y", "z"],
        }
    }


def test_names_are_not_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    """Candidates that message or hint list already have no line of their own, of many the first eight."""
    Console().error(NotFoundError("2 runs are called 'x'", hint="name one by its id: y, z", candidates=["y", "z"]))
    assert "Did you mean" not in capsys.readouterr().err
    many = list("abcdefghij")
    Console().error(NotFoundError("10 runs", hint=f"newest are {', '.join(many[:8])}, ...", candidates=many))
    assert "Did you mean" not in capsys.readouterr().err


def test_quiet_leaves_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    """-q silences progress and hints; what was skipped is still said."""
    console = Console(quiet=True)
    console.hint("try this")
    console.progress("working")
    console.warn("skipped something")
    assert capsys.readouterr().err == "Warning: skipped something\n"


def test_a_table_on_a_narrow_terminal_cuts_nothing_short(recorded: Path, tmp_path: Path) -> None:
    """Names and numbers stay whole; columns that don't fit are left out and named on stderr."""
    terminal, stdout = os.openpty()
    termios.tcsetwinsize(stdout, (24, 60))
    command = [sys.executable, "-m", "wandb_plot", "metrics", str(recorded), "base0001"]
    environment = private_environment(tmp_path) | {"TERM": "xterm"}
    environment.pop("COLUMNS", None)
    done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, env=environment, check=True)
    os.close(stdout)
    lines = re.sub(r"\x1b\[\d*m", "", os.read(terminal, 65536).decode()).splitlines()
    os.close(terminal)
    assert max(map(len, lines)) <= 60
    assert "…" not in "".join(lines)
    loss = next(line.split() for line in lines if line.startswith("train/loss"))
    assert loss == ["train/loss", "numeric", "301", "300", "0.01", "50"]
    assert done.stderr.decode().startswith("Columns that the terminal is too narrow for: mean, std, last")

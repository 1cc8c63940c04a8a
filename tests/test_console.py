"""What reaches the terminal can't harm it, is strict JSON, and holds no secret."""

import json
import math
import os
import re
import subprocess
import sys
import termios
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import private_environment
from wandb_plot.console import Console, json_ready, printable, redact, to_json
from wandb_plot.errors import NotFoundError


def test_non_finite_numbers_are_words() -> None:
    """JSON output never holds a bare NaN, however deep."""
    assert json_ready({"a": [math.nan, {"b": math.inf}], "c": -math.inf}) == {
        "a": ["NaN", {"b": "Infinity"}],
        "c": "-Infinity",
    }
    assert json_ready(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00Z"


def test_json_is_plain_characters_a_terminal_does_not_obey() -> None:
    """Controls and direction overrides are escaped, other scripts stay readable, and it reads back the same."""
    text = "\x1b[31mred\x9b1m \u202egnp.exe 損失"
    written = to_json({"name": text})
    assert written.isprintable()
    assert "損失" in written
    assert json.loads(written) == {"name": text}


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "a\nb", "a\rb", "\x9b2J", "a\u202eb", "\ud800"])
def test_names_cannot_emit_escapes(text: str) -> None:
    """What a terminal would obey is shown as an escape."""
    assert printable(text).isprintable()
    assert "\\" in printable(text)
    assert printable("naïve 損失 🚀") == "naïve 損失 🚀"


def test_secrets_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, credentials in addresses, and the signatures of addresses."""
    monkeypatch.setenv("WANDB_API_KEY", "short-secret")
    key = "0123456789abcdef0123456789abcdef01234567"
    said = redact(f"short-secret local-{key} {key} https://me:pass@host/x https://host/file.png?Signature=abc&x=1")
    assert said == "[key] [key] [key] https://host/x https://host/file.png?[...]"


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
    """Candidates that message or hint list already have no line of their own."""
    Console().error(NotFoundError("2 runs are called 'x'", hint="name one by its id: y, z", candidates=["y", "z"]))
    assert "Did you mean" not in capsys.readouterr().err


def test_quiet_leaves_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    """-q silences progress and hints; what was skipped is still said."""
    console = Console(quiet=True)
    console.hint("try this")
    console.update("working")
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
    assert done.stderr.decode().startswith("Left out for want of width: mean, std, last")

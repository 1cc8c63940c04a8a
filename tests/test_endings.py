"""How a command ends where its streams or its time end first."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.running import private_environment, program
from wandb_plot.__main__ import _end
from wandb_plot.console import Console

DRAWING = ("--metrics", "train/loss", "--yscale", "log", "--output", "out")

# Sends the command a signal at the moment when it begins to import a module.
SIGNALLED = """
import os, signal, sys
from pathlib import Path

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), int(number))
                signal.sigtimedwait([], 5)
            except KeyboardInterrupt:
                if mode == "convert":
                    raise ImportError("something went wrong")
                raise

module, number, mode, *sys.argv[1:] = sys.argv[1:]
if mode == "ignore":
    signal.signal(int(number), signal.SIG_IGN)
sys.meta_path.insert(0, Finder())
from wandb_plot.__main__ import main
main()
"""


def start(*words: object, cwd: Path, **streams: object) -> subprocess.Popen[bytes]:
    """The installed command in a process of its own."""
    environment = private_environment(cwd / "home")
    return subprocess.Popen([program(), *map(str, words)], cwd=cwd, env=environment, **streams)  # type: ignore[call-overload, no-any-return]


def test_a_warning_that_nobody_reads_costs_no_figure(recorded: Path, tmp_path: Path) -> None:
    """With stderr a pipe whose reader has left, figures are drawn and their paths written; the exit code is theirs."""
    process = start("generate", recorded, "base0001", *DRAWING, cwd=tmp_path, stdout=-1, stderr=-1)
    assert process.stderr
    process.stderr.close()
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, b"out/train_loss.png\n")
    assert (tmp_path / "out" / "train_loss.png").is_file()


def test_an_exit_of_a_library_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever code it gave: a command that ended in the middle says that it is a defect, with exit 1."""
    assert _end(SystemExit(0), Console()) == 1
    assert "SystemExit: 0" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
def test_work_goes_on_without_stderr(recorded: Path, tmp_path: Path, stderr: str) -> None:
    """Closed or full, it costs neither the result nor the exit code, be that zero or not."""
    script = f'exec "$@" {stderr}'
    for words, code, output in (
        (["generate", recorded, "base0001", *DRAWING], 0, b"out/train_loss.png\n"),
        (["runs", "./nowhere"], 3, b""),
    ):
        done = subprocess.run(
            ["sh", "-c", script, "sh", program(), *map(str, words)],
            cwd=tmp_path,
            env=private_environment(tmp_path / "home"),
            stdout=subprocess.PIPE,
            check=False,
        )
        assert (done.returncode, done.stdout) == (code, output)


def test_work_is_done_without_stdout(recorded: Path, tmp_path: Path) -> None:
    """Closed from the start, it is no defect; what would be printed there goes into no file."""
    words = ["generate", str(recorded), "base0001", *DRAWING]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", program(), *words],
        cwd=tmp_path,
        env=private_environment(tmp_path / "home"),
        stderr=subprocess.PIPE,
        check=False,
    )
    assert done.returncode == 0
    assert b"defect" not in done.stderr
    assert (tmp_path / "out" / "train_loss.png").read_bytes().endswith(b"IEND\xaeB`\x82")
    assert b"train_loss.png\n" not in (tmp_path / "out" / "metadata.json").read_bytes()[-20:]


def test_help_that_nobody_reads_is_no_failure(tmp_path: Path) -> None:
    """As with `--help | head -1`."""
    process = start("generate", "--help", cwd=tmp_path, stdout=-1, stderr=-1)
    assert process.stdout
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize(
    ("module", "number", "mode"),
    [
        ("click", signal.SIGINT, "raise"),
        ("wandb_plot.console", signal.SIGTERM, "raise"),
        ("numpy", signal.SIGINT, "raise"),
        ("numpy", signal.SIGTERM, "convert"),
        ("matplotlib.figure", signal.SIGINT, "convert"),
        ("matplotlib.figure", signal.SIGHUP, "raise"),
    ],
)
def test_an_interrupted_import_is_no_defect(
    recorded: Path, tmp_path: Path, module: str, number: signal.Signals, mode: str
) -> None:
    """Whatever is being imported, and whatever that makes of the signal: 130, 143 or 129, in one line."""
    words = [module, str(int(number)), mode, "generate", str(recorded), "base0001", *DRAWING]
    done = subprocess.run(
        [sys.executable, "-c", SIGNALLED, *words],
        cwd=tmp_path,
        env=private_environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 128 + number
    assert done.stdout == ""
    assert done.stderr.endswith("; what was done stays valid\n")
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_a_signal_that_is_to_be_ignored_is(recorded: Path, tmp_path: Path) -> None:
    """A command started with nohup outlives its terminal."""
    words = ["numpy", str(int(signal.SIGHUP)), "ignore", "metrics", str(recorded), "base0001", "--json"]
    environment = private_environment(tmp_path / "home")
    command = [sys.executable, "-c", SIGNALLED, *words]
    assert subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 0


def test_debug_output_is_as_safe_as_any(wandb_plot: Command) -> None:
    """A traceback holds neither the key nor what a terminal would obey."""
    env = {"WANDB_API_KEY": "short-secret"}
    done = wandb_plot("runs", "./no\x1b[31mwhere-short-secret", "--debug", env=env)
    assert "Traceback" in done.stderr
    assert "short-secret" not in done.stderr
    assert "\x1b" not in done.stderr
    assert os.linesep in done.stderr

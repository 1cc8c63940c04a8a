"""The boundary: every way out is an exit code and a message."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Command, private_environment

HEAVY = ("wandb", "numpy", "pandas", "matplotlib", "seaborn", "pyarrow", "rich")


def test_usage_errors_are_short_and_end_with_two(wandb_plot: Command) -> None:
    """An unknown option or command says where the help is; with --json as an object too."""
    done = wandb_plot("runs", "./wandb", "--xyzzy")
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "Error: No such option '--xyzzy'.",
        "Hint: see wandb-plot runs --help",
    ]
    assert wandb_plot("runs", "./wandb", "--json", "--xyzzy").error()["code"] == "usage"
    assert wandb_plot("runz").code == 2


def test_help_and_version(wandb_plot: Command) -> None:
    """Both go to stdout and end with zero."""
    assert wandb_plot("--version").stdout.startswith("wandb-plot, version ")
    for command in ("projects", "runs", "metrics", "download", "generate", "renderers", "demo"):
        done = wandb_plot(command, "--help")
        assert (done.code, done.stderr) == (0, "")
        assert "--json" in done.stdout


def test_no_command_at_all_shows_the_help(wandb_plot_process: Command) -> None:
    """On stderr, as a page to read, and as wrong usage."""
    done = wandb_plot_process()
    assert (done.code, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: wandb-plot [OPTIONS] COMMAND")
    assert "\n  generate " in done.stderr


@pytest.mark.parametrize("words", [["--help"], ["generate", "--help"], ["renderers"]])
def test_starting_up_imports_nothing_heavy(words: list[str]) -> None:
    """--help, and listing renderers, cost none of the heavy libraries."""
    code = (
        "import sys; from wandb_plot.__main__ import run; code = run(sys.argv[1:]);"
        f"assert not {{*{HEAVY}}} & set(sys.modules), set(sys.modules); sys.exit(code)"
    )
    subprocess.run([sys.executable, "-c", code, *words], check=True, stdout=subprocess.DEVNULL)


def test_reading_a_local_run_never_imports_wandb(recorded: Path) -> None:
    """Nor pandas, nor a drawing library."""
    code = (
        "import sys; from wandb_plot.__main__ import run; code = run(sys.argv[1:]);"
        "assert not {'wandb', 'pandas', 'matplotlib'} & set(sys.modules); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, "metrics", str(recorded), "base0001"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def test_a_reader_that_has_had_enough_is_no_failure(recorded: Path, tmp_path: Path) -> None:
    """As with `| head -1`."""
    command = [sys.executable, "-m", "wandb_plot", "metrics", str(recorded), "base0001", "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=private_environment(tmp_path)
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_stdout_is_said(recorded: Path, tmp_path: Path) -> None:
    """Exit 6, not a traceback."""
    command = [sys.executable, "-m", "wandb_plot", "metrics", str(recorded), "base0001", "--json"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, env=private_environment(tmp_path), check=False
        )
    assert done.returncode == 6
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_with_their_codes(tmp_path: Path, number: int, code: int) -> None:
    """Interrupted and terminated commands say so and leave no traceback."""
    command = [sys.executable, "-m", "wandb_plot", "demo"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, cwd=tmp_path, env=private_environment(tmp_path)) as process:
        assert process.stderr
        process.stderr.readline()  # it is recording by now
        time.sleep(0.3)
        process.send_signal(number)
        said = process.stderr.read().decode()
    assert process.returncode == code
    assert "what was done stays valid" in said
    assert "Traceback" not in said


def test_debug_shows_the_traceback(wandb_plot: Command) -> None:
    """--debug is for those who mend the program."""
    assert "Traceback" in wandb_plot("runs", "./nowhere", "--debug").stderr
    assert "Traceback" not in wandb_plot("runs", "./nowhere").stderr

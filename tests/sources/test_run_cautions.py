"""What is said of runs before their numbers are trusted."""

import os
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.sources.log.log_writer import field, item, row, write_log


def write_run(wandb: Path, run_id: str, cut: int | None = 0) -> None:
    """A run of eleven steps, whose log lacks its last `cut` bytes, or for None the whole last row, but no summary."""
    log = wandb / f"offline-run-20260101_000000-{run_id}" / f"run-{run_id}.wandb"
    log.parent.mkdir(parents=True)
    summary = field(3, field(1, item("loss", "0")) + field(1, item("_step", "10")))
    last = [] if cut is None else [row(10, loss=0)]
    write_log(log, [*(row(step, loss=10 - step) for step in range(10)), summary, *last])
    if cut:
        log.write_bytes(log.read_bytes()[:-cut])


@pytest.mark.parametrize(
    "words",
    [
        ("runs",),
        ("runs", "--filter", "loss:last<9", "--sort", "loss:min", "--limit", "1"),
        ("metrics", "all"),
        ("check", "all"),
        ("table", "all", "--metrics", "loss:min"),
        ("history", "all", "--metrics", "loss", "--workers", "2"),
        ("compare", "--baseline", "a*", "--candidate", "b*", "--metric", "loss", "--lower-is-better"),
        ("generate", "all", "--metrics", "loss", "--dry-run"),
        ("download", "all"),
    ],
)
def test_logs_that_were_cut_are_told_in_one_line(wandb_plot: Command, tmp_path: Path, words: tuple[str, ...]) -> None:
    """Once a command, whichever reads them and however often, with the last step of both rows and summary."""
    write_run(tmp_path, "a1", cut=3)
    write_run(tmp_path, "a2")
    write_run(tmp_path, "b1", cut=None)
    done = wandb_plot(words[0], tmp_path, *words[1:])
    assert done.code == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "cut off" in line]
    assert len(told) == 1
    assert "2 logs were cut off" in told[0]
    assert all(f"{run} (rows to step 9, summary of step 10)" in told[0] for run in ("a1", "b1"))
    assert "a2" not in told[0]


def test_a_log_that_nobody_writes_to_was_cut_off(wandb_plot: Command, tmp_path: Path) -> None:
    """Of a crashed run it isn't said that it may still be written; of one that may run on, it is."""
    write_run(tmp_path, "a", cut=3)
    assert "1 log was cut off, or is still being written: a (" in wandb_plot("runs", tmp_path).stderr
    (log,) = tmp_path.glob("*/*.wandb")
    os.utime(log, (1.7e9, 1.7e9))
    done = wandb_plot("runs", tmp_path)
    assert "1 log was cut off: a (" in done.stderr
    assert "1 run: 1 crashed" in done.stderr


def test_a_run_that_was_not_chosen_is_not_told_of(wandb_plot: Command, tmp_path: Path) -> None:
    """Whoever asks for a whole run reads nothing of a cut one."""
    write_run(tmp_path, "a", cut=3)
    write_run(tmp_path, "b")
    assert "cut off" not in wandb_plot("metrics", tmp_path, "b").stderr

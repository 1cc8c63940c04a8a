"""The lock on an output folder."""

from pathlib import Path

import pytest
from filelock import FileLock

from tests.output.folders import Opener
from wandb_plot.errors import MachineError
from wandb_plot.output import locks


def test_a_command_that_does_not_let_go(opened: Opener, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for another command has an end, with an error that says what to do."""
    monkeypatch.setattr(locks, "LOCK_SECONDS", 0.1)
    out.mkdir()
    with FileLock(out / ".wandb-plot.lock"), opened() as folder, pytest.raises(MachineError, match="locked"):
        folder.assign({"loss": "loss.png"}, "plot")

"""An output folder, and what its commands say."""

from pathlib import Path
from typing import Any

import pytest

from tests.output.folders import Opener, a_run
from wandb_plot.model.run import Run
from wandb_plot.output.folder import OutputFolder


@pytest.fixture
def warnings() -> list[str]:
    """What was said to the user."""
    return []


@pytest.fixture
def opened(tmp_path: Path, warnings: list[str]) -> Opener:
    """Opens `out` for some runs of acme/vision."""

    def open_folder(*runs: Run, path: Path = tmp_path / "out", **project: Any) -> OutputFolder:
        known = {"entity": "acme", "project": "vision"} | project
        return OutputFolder(path, runs=runs or [a_run()], warn=warnings.append, **known)

    return open_folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder that `opened` opens."""
    return tmp_path / "out"

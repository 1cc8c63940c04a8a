"""Folders of our processes: private, and gone when nobody needs them."""

import os
import time
from pathlib import Path

import pytest

from wandb_plot.sources.server.private_folder import PrivateFolder, remove_abandoned


@pytest.fixture(autouse=True)
def temporaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_only_what_nobody_holds_is_removed(temporaries: Path) -> None:
    """A folder of a living process stays, and one that is just being made; strangers' files are not looked at."""
    held = PrivateFolder()
    (temporaries / "other").mkdir()
    (temporaries / "wandb-plot-client-file").write_text("no folder")
    (temporaries / "wandb-plot-client-new").mkdir()
    for name in ("wandb-plot-client-killed", "wandb-plot-client-old"):
        (temporaries / name / "within").mkdir(parents=True)
    (temporaries / "wandb-plot-client-killed" / "lock").touch()
    os.utime(temporaries / "wandb-plot-client-old", (time.time() - 7_200,) * 2)
    remove_abandoned()
    assert {path.name for path in temporaries.iterdir()} == {
        held.path.name,
        "other",
        "wandb-plot-client-file",
        "wandb-plot-client-new",
    }
    held.remove()
    assert not held.path.exists()


def test_a_link_is_not_followed(temporaries: Path) -> None:
    """What it leads to belongs to somebody else."""
    (temporaries / "target").mkdir()
    (temporaries / "target" / "lock").touch()
    (temporaries / "wandb-plot-client-link").symlink_to(temporaries / "target")
    remove_abandoned()
    assert (temporaries / "target" / "lock").exists()

"""Taking files: what becomes of one that is on its way when the user interrupts."""

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from wandb_plot.actions.download import DownloadRequest, download_runs
from wandb_plot.console import Console
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Run, RunFile
from wandb_plot.sources.local.source import LocalSource


class InterruptedSource(LocalSource):
    """Run folders of which the user interrupts the first file; it arrives all the same, until the source is closed."""

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        self._ending.set()
        self._arriving.join()

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:  # noqa: ARG002
        """Have the file written, as wandb-core does it: into a folder that is made where there is none."""

        def arrive() -> None:
            self._ending.wait()
            with suppress(OSError):  # the folder is being removed
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(b"late")

        self._ending = threading.Event()
        self._arriving = threading.Thread(target=arrive)
        self._arriving.start()
        raise KeyboardInterrupt


def test_an_interrupted_download_leaves_nothing_behind(recorded: Path, tmp_path: Path) -> None:
    """Neither a file that comes late nor the folder for it, which was not there before."""
    folder = next(recorded.glob("offline-run-*base0001"))
    wanted = DownloadRequest(patterns=["roc_0_*"], output=tmp_path / "out", force=False, dry_run=False)
    with InterruptedSource(folder, warn=pytest.fail) as source:
        runs = source.runs(RunQuery())
        with pytest.raises(KeyboardInterrupt):
            download_runs(source, runs, wanted, Console())
    assert list(tmp_path.iterdir()) == []

"""Listing a folder of very many runs."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from comparison import Comparison

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.sources.log.log_copies import renamed
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Run
from wandb_plot.sources.local.run_index import RunIndex
from wandb_plot.sources.local.source import LocalSource

RUNS = 2_000

# What else the SDK leaves in the folder of an offline run.
_FILES = ("files/requirements.txt", "logs/debug-core.log", "logs/debug-internal.log", "logs/debug.log")
_FOLDERS = ("files", "logs", "tmp/code")


def listing() -> Iterator[Comparison]:
    """What a listing costs the second time, and what a single run costs in it."""
    root = _many_runs()
    with tempfile.TemporaryDirectory() as folder:
        index = RunIndex(Path(folder))
        _runs(root, index)
        yield Comparison(
            f"a second listing of {RUNS:,} runs, against ls -lR", lambda: _runs(root, index), lambda: _ls(root), 3
        )
        yield Comparison("the same, against the first", lambda: _runs(root, index), lambda: _runs(root, None), 0.1, 3)
    yield Comparison("the latest of them, against one by id", lambda: _latest(root), lambda: _by_id(root), 1.2)


def _runs(root: Path, index: RunIndex | None) -> list[Run]:
    return LocalSource(root, warn=print, index=index).runs(RunQuery())


def _latest(root: Path) -> list[Run]:
    return LocalSource(root, warn=print).runs(RunQuery(limit=1))


def _by_id(root: Path) -> list[Run]:
    return LocalSource(root, warn=print).find(f"r{RUNS // 2:06d}")


def _ls(root: Path) -> None:
    os.system(f"ls -lR {root} > /dev/null")  # noqa: S605 -- a folder of ours


def _many_runs() -> Path:
    """Run folders like a recorded one, finished a day ago; kept for the next time."""
    root = Path(tempfile.gettempdir()) / f"wandb-plot-bench-{os.getuid()}-{RUNS}-run-folders"
    recorded = ROOT / "tests" / "logs" / "0.31.0.wandb"
    yesterday = time.time() - 86400
    for number in range(sum(1 for _ in root.glob("run-*")), RUNS):
        folder = root / f"run-20260101_{number // 3600:02d}{number // 60 % 60:02d}{number % 60:02d}-r{number:06d}"
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (folder / name).touch()
        log = renamed(recorded, folder / f"run-r{number:06d}.wandb", f"r{number:06d}")
        os.utime(log, (yesterday, yesterday))
    return root

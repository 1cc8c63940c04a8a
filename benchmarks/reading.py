"""Reading a `.wandb` file: every metric of it, and one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from comparison import Comparison
from old_reader import read_columns

from wandb_plot.model.history import History
from wandb_plot.sources.log.format.transaction_log import read_ends
from wandb_plot.sources.log.history_columns import read_history, read_types

ROWS, METRICS = 20_000, 9

_RECORD = f"""
import random, wandb
random = random.Random(0)
run = wandb.init(project="bench", settings=wandb.Settings(console="off", x_disable_stats=True))
for _ in range({ROWS}):
    run.log({{f"train/metric_{{i}}": random.random() * 10 ** (i - 3) for i in range({METRICS})}})
run.finish()
"""


def reading() -> Iterator[Comparison]:
    """What the reader of logs is measured on."""
    log = recorded_log()
    one = "train/metric_5"
    anchor = read_columns(log)
    ours = _history(log).columns
    for name, points in anchor.items():
        if points != list(zip(ours[name].steps, ours[name].values, strict=True)):
            raise AssertionError(f"{name} was read differently")
    size = f"{log.stat().st_size / 1e6:.0f} MB"
    yield Comparison(
        f"every metric of {ROWS:,} x {METRICS}, {size}",
        lambda: _history(log),
        lambda: read_columns(log),
        0.07,
    )
    yield Comparison(
        "one of these metrics, against all",
        lambda: _history(log, one),
        lambda: read_columns(log),
        0.1,
    )
    yield Comparison(
        "one of these metrics, against that one",
        lambda: _history(log, one),
        lambda: read_columns(log, one),
        0.25,
    )
    yield Comparison("the types of all metrics", lambda: _types(log), lambda: read_columns(log), 0.15)
    yield Comparison("the ends of a log", lambda: read_ends(log), lambda: read_columns(log), 0.01)


def _history(log: Path, *names: str) -> History:
    return read_history([log], names or None, start_time=None, warn=_ignore)


def _types(log: Path) -> dict[str, str]:
    return read_types([log], lambda _: False, start_time=None, warn=_ignore)[0]


def _ignore(log: Path, problem: str) -> None:
    """Say nothing."""


def recorded_log() -> Path:
    """A log that the real SDK recorded; kept for the next time."""
    folder = Path(tempfile.gettempdir()) / f"wandb-plot-bench-{os.getuid()}-{ROWS}x{METRICS}"
    if not list(folder.glob("wandb/offline-run-*/*.wandb")):
        folder.mkdir(exist_ok=True)
        places = {f"WANDB_{name}DIR": str(folder) for name in ("", "CACHE_", "CONFIG_", "DATA_")}
        quiet = {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false"}
        subprocess.run([sys.executable, "-c", _RECORD], env={**os.environ, **places, **quiet}, cwd=folder, check=True)
    return next(folder.glob("wandb/offline-run-*/*.wandb"))

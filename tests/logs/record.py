"""Record one small run with whatever wandb this interpreter has; tests/sources/log/test_history_columns.py reads it.

    python record.py 0.12.21.wandb              # any version
    python record.py 0.17.4-core.wandb --core   # 0.15 to 0.17: written by wandb-core instead of Python
    python record.py 0.31.0-typed.wandb --typed # 0.31: with typed history values

What is logged is in `ROWS`, which the test compares with. Nothing about the machine is kept.
"""

import argparse
import math
import os
import shutil
import tempfile
from pathlib import Path

# Before wandb is imported: nothing leaves this machine, nothing about it is written down.
os.environ.update(
    WANDB_MODE="offline",
    WANDB_SILENT="true",
    WANDB_ERROR_REPORTING="false",
    WANDB_DISABLE_GIT="true",
    WANDB_DISABLE_CODE="true",
    WANDB_CONSOLE="off",
    WANDB_HOST="host",
    WANDB_USERNAME="someone",
    WANDB_PROGRAM="record.py",
)

CONFIG = {"lr": 0.1, "optimizer": {"name": "adam", "betas": [0.9, 0.999]}, "limit": 1e309, "note": None}

ROWS = [
    {
        "loss": 1 / (step + 1),
        "tiny": 1e-5 * step,
        "count": step,
        "nested": {"a": step, "b": {"c": -step}},
        "flag": step % 2 == 0,
        "word": "hi",
        **({"train/every tenth": step / 10} if step % 10 == 0 else {}),
    }
    for step in range(100)
]
ROWS += [
    {"broken": math.nan},
    {"broken": math.inf},
    {"broken": -math.inf},
    {"big": 2**53 + 2, "bigger": 1e300, "list": [1, 2, 3], "nothing": None, "loss": 7},
]


def main() -> None:
    """Record into a temporary folder, and copy the log to the path given."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--core", action="store_true")
    parser.add_argument("--typed", action="store_true")
    arguments = parser.parse_args()
    target = arguments.target.absolute()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in ("DIR", "CACHE_DIR", "CONFIG_DIR", "DATA_DIR"):
            os.environ[f"WANDB_{name}"] = folder
        if arguments.typed:
            os.environ["WANDB_X_HISTORY_VALUE_ENCODING"] = "json,typed"
        _record(core=arguments.core)
        (log,) = Path(folder).glob("wandb/offline-run-*/*.wandb")
        shutil.copyfile(log, target)


def _record(*, core: bool) -> None:
    import numpy as np
    import wandb

    if core:
        wandb.require("core")
    if hasattr(wandb.util, "_get_max_cli_version"):
        # 0.12 asks the server, even offline, whether it knows lists of images by file name. Say no.
        wandb.util._get_max_cli_version = lambda: "0.12.0"
    settings = {"_disable_stats": True, "_disable_meta": True}
    if hasattr(wandb.Settings, "x_disable_stats"):
        settings = {"x_disable_stats": True, "x_disable_meta": True, "x_disable_machine_info": True}
    run = wandb.init(
        project="eras",
        id="era",
        name="small",
        group="group",
        job_type="train",
        notes="a note",
        tags=["one", "two"],
        config=CONFIG,
        settings=wandb.Settings(**settings),
    )
    run.define_metric("train/*", step_metric="count")
    for row in ROWS:
        run.log(row)
    pixels = np.zeros((4, 4, 3), np.uint8)
    run.log({"picture": wandb.Image(pixels, caption="black"), "values": wandb.Histogram([1, 2, 3], num_bins=4)})
    run.log({"pictures": [wandb.Image(pixels, caption="left"), wandb.Image(pixels, caption="right")]})
    run.log({"loss": 8.0}, commit=False)
    run.log({"count": 9})
    run.summary["best"] = {"loss": 0.01}
    run.config.update({"later": "added"})
    run.finish()


if __name__ == "__main__":
    main()

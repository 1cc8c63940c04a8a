"""Record the runs that the tests read, with the real SDK, offline: `python record_runs.py FOLDER`."""

import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import wandb


def settings() -> wandb.Settings:
    """Quiet, and silent about this machine."""
    return wandb.Settings(
        x_stats_sampling_interval=0.1, disable_git=True, disable_code=True, console="off", silent=True
    )


def baseline(folder: str) -> None:
    """Two cadences, NaN and infinity, a spike, nested keys, strings, images, a summary of its own, system stats."""
    run = wandb.init(
        dir=folder,
        mode="offline",
        entity="acme",
        project="vision",
        id="base0001",
        name="baseline",
        group="first",
        tags=["a", "b"],
        config={"lr": 0.1, "opt": {"name": "adam"}},
        settings=settings(),
    )
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    for step in range(300):
        row: dict[str, object] = {"train/loss": 3.0 / (step + 1), "nested": {"a": step, "b": {"c": step * 2}}}
        if step == 123:
            row["train/loss"] = 50.0
        if step % 7 == 3:
            row["val/loss"] = 2.0 / (step + 1)
        if step % 10 == 5:
            row |= {"unstable": [1.0, math.nan, math.inf, -math.inf][step // 10 % 4], "epoch": step // 10}
        if step in (0, 299):
            row |= {"roc": wandb.Image(picture, caption=f"at {step}"), "state": "warm", "flag": True}
        run.log(row, step=step)
    run.log({"grid": [wandb.Image(picture + 1), wandb.Image(picture + 2)], "only": 1.5}, step=300)
    run.summary["best"] = 0.01
    time.sleep(0.4)
    run.finish()


def other(folder: str) -> None:
    """The same metric on other steps, another config, a failed end."""
    run = wandb.init(
        dir=folder,
        mode="offline",
        entity="acme",
        project="vision",
        id="other002",
        name="wider",
        group="second",
        tags=["b"],
        config={"lr": 0.2, "opt": {"name": "adam"}},
        settings=settings(),
    )
    for step in range(0, 400, 2):
        run.log({"train/loss": 2.0 / (step + 1), "extra": -float(step)}, step=step)
    run.finish(exit_code=1)


def empty(folder: str) -> None:
    """Nothing logged at all."""
    run = wandb.init(dir=folder, mode="offline", project="vision", id="empty003", name="empty", settings=settings())
    run.finish()


def segment(folder: str, run_id: str, steps: range) -> None:
    """A part of a run that lies in a folder of its own, as after a resumption."""
    run = wandb.init(dir=folder, mode="offline", id=run_id, name=run_id, resume="allow", settings=settings())
    for step in steps:
        run.log({"loss": 1.0 / (step + 1)}, step=step)
    run.finish()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    for record in (baseline, other, empty):
        record(str(target))
        time.sleep(1.1)  # a folder's name tells runs apart by the second
    (target / "segments").mkdir()
    for steps in (range(10), range(10, 20)):
        segment(str(target / "segments"), "goeson", steps)
        segment(str(target / "segments"), "restarts", range(len(steps) - steps.start // 2))
        time.sleep(1.1)
    sys.stdout.flush()
    os._exit(0)

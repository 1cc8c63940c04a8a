"""Record the run that `wandb-plot demo` draws: `python -m wandb_plot.actions.demo_recording FOLDER`.

It runs in a process of its own, as importing wandb starts services that may never end.
"""

import math
import os
import random
import sys
import time
from typing import Any

_STEPS = 2000
_VALIDATE_EVERY = 50
_SPIKE_AT = 1234
_DIVERGED = range(1500, 1560)
_IMAGES_AT = (0, 1000, 1999)

# Long enough for the system monitor to take a few samples.
_PAUSE_EVERY, _PAUSE_SECONDS = 100, 0.05


def rows(seed: int = 7) -> list[dict[str, Any]]:
    """What is logged at each step, pictures aside: the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 -- noise, not a secret
    logged = []
    for step in range(_STEPS):
        decay = math.exp(-step / 500)
        row = {
            "train/loss": 0.3 + 2.0 * decay + rng.gauss(0, 0.08) * (0.2 + decay),
            "train/grad_norm": math.nan if step in _DIVERGED else 1 + 4 * decay + abs(rng.gauss(0, 0.3)),
            "lr": 1e-3 * 0.5 * (1 + math.cos(math.pi * step / _STEPS)),
        }
        if step == _SPIKE_AT:
            row["train/loss"] = 6.5
        if step % _VALIDATE_EVERY == 0:
            row["val/loss"] = 0.4 + 1.9 * decay + rng.gauss(0, 0.02)
            row["val/accuracy"] = 0.93 - 0.8 * decay + rng.gauss(0, 0.01)
        logged.append(row)
    return logged


def record(folder: str) -> None:
    """Log the run below `folder`/wandb with the real SDK, offline."""
    import wandb

    run = wandb.init(
        dir=folder,
        mode="offline",
        project="wandb-plot-demo",
        name="demo",
        config={"lr": 1e-3, "batch_size": 64, "optimizer": {"name": "adam"}},
        tags=["demo"],
        settings=wandb.Settings(
            x_stats_sampling_interval=0.1, disable_git=True, disable_code=True, console="off", silent=True
        ),
    )
    for step, row in enumerate(rows()):
        if step in _IMAGES_AT:
            row["confusion"] = wandb.Image(_picture(step / _STEPS), caption=f"confusion at step {step}")
        if step % _PAUSE_EVERY == 0:
            time.sleep(_PAUSE_SECONDS)
        run.log(row, step=step)
    run.finish()


def _picture(progress: float) -> Any:
    """A small confusion matrix that grows a diagonal; shape (80, 80, 3), uint8."""
    import numpy as np

    matrix = (1 - progress) / 5 + progress * np.eye(5)
    gray = np.kron(255 * (1 - matrix), np.ones((16, 16)))
    return np.stack([gray] * 3, axis=-1).astype(np.uint8)


if __name__ == "__main__":
    record(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK's teardown waits for its service process without limit.
    os._exit(0)

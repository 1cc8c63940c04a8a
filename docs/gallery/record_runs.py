"""Record the runs of the gallery, offline, with the real SDK: `python docs/gallery/record_runs.py FOLDER`.

They are those of a made-up paper: three architectures with five seeds each, two tasks, an ablation of twelve variants,
and a few runs in which something went wrong. The same numbers come out every time.
"""

import math
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

Row = dict[str, Any]

STEPS, EVERY = 1_500, 50
ARCHITECTURES = {
    "mlp": (1.0, 0.52),
    "cnn": (1.6, 0.31),
    "vit": (2.3, 0.22),
}  # speed of learning, and the loss it ends at
ABLATION = (
    "full model", "no warm-up", "no dropout", "no augmentation", "no mix-up", "no weight decay", "no label smoothing",
    "half width", "half depth", "no skip connections", "no normalisation", "frozen stem",
)  # fmt: skip
STARTED = 1_772_400_000  # 1 March 2026


def training(rng: np.random.Generator, speed: float, floor: float, steps: int = STEPS) -> Iterator[Row]:
    """Rows of a run that learns: noisy training loss each step, validation now and then."""
    for step in range(steps):
        decay = math.exp(-speed * 3 * step / steps)
        row = {
            "train/loss": floor + (2.3 - floor) * decay + rng.normal(0, 0.06 + 0.12 * decay),
            "train/grad_norm": 0.8 + 3 * decay + abs(rng.normal(0, 0.3)),
            "lr": 3e-4 * min(1, (step + 1) / 100) * 0.5 * (1 + math.cos(math.pi * step / steps)),
            "epoch": step / 150,
            "_timestamp": STARTED + 45 * step,
        }
        if step % EVERY == 0:
            row["val/loss"] = 1.1 * floor + (2.3 - floor) * decay + rng.normal(0, 0.015)
            row["val/accuracy"] = 1 - 0.5 * floor - 0.75 * decay + rng.normal(0, 0.004)
        yield row


def converging(rng: np.random.Generator, rate: float, floor: float) -> Iterator[Row]:
    """Rows of an optimizer that converges over several decades."""
    for step in range(600):
        yield {"residual": floor + 2 * math.exp(-rate * step) * math.exp(rng.normal(0, 0.25))}


def long_and_noisy(rng: np.random.Generator) -> Iterator[Row]:
    """Many more points than a picture has pixels."""
    for step in range(20_000):
        yield {"reward": 80 * (1 - math.exp(-step / 6_000)) + rng.normal(0, 14)}


def runs() -> Iterator[tuple[dict[str, Any], Iterator[Row]]]:
    """The arguments of `wandb.init` of each run, and its rows."""
    for arch, (speed, floor) in ARCHITECTURES.items():
        for seed in range(5):
            rng = np.random.default_rng([seed, len(arch), ord(arch[0])])
            jitter = rng.normal(1, 0.08)
            # Two runs of one group end before the others: one crashes, one diverges.
            steps = {("cnn", 3): 900, ("cnn", 4): 1_100}.get((arch, seed), STEPS)
            rows = list(training(rng, speed * jitter, floor * jitter))[:steps]
            if (arch, seed) == ("cnn", 4):
                rows += [{"train/loss": math.nan, "val/loss": math.nan}] * 60
            task = ("digits", "photos")[seed % 2]
            config = {"arch": arch, "seed": seed, "lr": 3e-4, "task": task}
            yield {"name": f"{arch}-s{seed}", "id": f"{arch}{seed}", "group": arch, "config": config}, iter(rows)
    for place, variant in enumerate(ABLATION):
        rng = np.random.default_rng([99, place])
        settings = {"name": variant, "id": f"abl{place:02}", "group": "ablation", "config": {"variant": variant}}
        yield settings, training(rng, 2.3 - 0.12 * place, 0.22 + 0.035 * place, steps=400)
    for optimizer, rate in (("sgd", 0.006), ("adam", 0.014), ("shampoo", 0.022)):
        rng = np.random.default_rng([7, len(optimizer)])
        settings = {"name": optimizer, "id": optimizer, "group": "optimizers", "config": {"optimizer": optimizer}}
        yield settings, converging(rng, rate, 1e-6)
    yield {"name": "agent", "id": "agent", "group": "rl", "config": {}}, long_and_noisy(np.random.default_rng(5))


def record(folder: str) -> None:
    """Record all runs below `folder`/wandb."""
    import wandb

    settings = wandb.Settings(
        x_disable_stats=True, x_disable_meta=True, disable_git=True, disable_code=True, console="off", silent=True
    )
    for arguments, rows in runs():
        run = wandb.init(dir=folder, mode="offline", project="gallery", entity="paper", settings=settings, **arguments)
        for step, row in enumerate(rows):
            run.log(row, step=step)
        run.finish(exit_code=1 if arguments["id"] == "cnn3" else 0)
        time.sleep(1.1)  # the names of folders hold the second


if __name__ == "__main__":
    record(sys.argv[1])
    sys.stdout.flush()
    # The SDK's teardown waits for its service process without limit.
    os._exit(0)

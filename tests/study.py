"""A study of 18 runs, as logs on disk and as a project of the test server: 3 architectures, 2 learning rates, 3 seeds.

What is odd: s05 diverges (NaN from step 120 to the end), s12 crashes after step 90, s15 has one spike at step 77, and
s18 fails after step 150. The best accuracy has vit with lr 0.01.
"""

import json
import math
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.server.contents import BEGINNING, Contents, RunContents
from tests.sources.log.log_writer import field, item, row, write_log

ARCHS, RATES, SEEDS = ("cnn", "mlp", "vit"), (0.01, 0.1), (0, 1, 2)
STEPS = 200

_CEILINGS = {"cnn": 0.8, "mlp": 0.7, "vit": 0.9}
_CRASHED, _FAILED, _NAN, _SPIKE = 90, 150, 120, 77


def study_runs() -> list[RunContents]:
    """The runs, oldest first."""
    chosen = [(arch, rate, seed) for arch in ARCHS for rate in RATES for seed in SEEDS]
    return [_run(f"s{number:02d}", number, *parts) for number, parts in enumerate(chosen, 1)]


def study_contents() -> Contents:
    """The study as the project acme/vision of the test server."""
    return Contents.of(*study_runs())


def write_study(folder: Path) -> Path:
    """Write the study as a `wandb/` folder, with logs as an offline run leaves them."""
    wandb = folder / "wandb"
    for run in study_runs():
        place = wandb / f"offline-run-{run.created_at:%Y%m%d_%H%M%S}-{run.id}"
        place.mkdir(parents=True)
        ends = {"finished": [field(18, field(1, 0))], "failed": [field(18, field(1, 1))], "crashed": []}
        log = write_log(
            place / f"run-{run.id}.wandb",
            [_run_record(run), *(row(int(one["_step"]), **one) for one in run.rows), *ends[run.state]],
        )
        os.utime(log, (BEGINNING.timestamp(),) * 2)
    return wandb


def _run(run_id: str, number: int, arch: str, rate: float, seed: int) -> RunContents:
    stop = {"s12": _CRASHED, "s18": _FAILED}.get(run_id, STEPS - 1) + 1
    state = {"s12": "crashed", "s18": "failed"}.get(run_id, "finished")
    rows: list[dict[str, Any]] = []
    for step in range(stop):
        noise = math.sin(37 * step + 11 * number) / 100
        loss = 2 * math.exp(-step / 50) + 0.1 + noise
        if run_id == "s05" and step >= _NAN:
            loss = math.nan
        if run_id == "s15" and step == _SPIKE:
            loss = 60.0
        logged: dict[str, Any] = {"_step": step, "_runtime": float(step), "train/loss": loss}
        if step % 10 == 9:
            ceiling = _CEILINGS[arch] - (0.05 if rate == RATES[1] else 0) + seed / 200
            logged["val/acc"] = ceiling * (1 - math.exp(-(step + 1) / 40)) + noise
        rows.append(logged)
    return RunContents(
        run_id,
        f"{arch}-{'low' if rate == RATES[0] else 'high'}-{seed}",
        state,
        BEGINNING + timedelta(hours=number),
        {"arch": arch, "optim": {"lr": rate}, "seed": seed, "epochs": 10},
        tags=["study", arch],
        group=arch,
        rows=rows,
    )


def _run_record(run: RunContents) -> bytes:
    config = b"".join(field(1, item(key, json.dumps(value))) for key, value in run.config.items())
    tags = b"".join(field(10, tag) for tag in run.tags)
    parts = field(1, run.id) + field(2, "acme") + field(3, "vision") + field(4, config) + field(6, run.group or "")
    return field(17, parts + field(8, run.display_name) + tags + field(17, field(1, _seconds(run.created_at))))


def _seconds(when: datetime) -> int:
    return int(when.timestamp())

"""An output folder as commands leave it: figures of two runs, images, and a file; for the tests of the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wandb_plot.figures.assembly import FigureOptions, assemble
from wandb_plot.model.history import Column, History
from wandb_plot.model.run import Run
from wandb_plot.numbers.smoothing import Smoothing
from wandb_plot.output.folder import OutputFolder
from wandb_plot.output.metadata_file import read_metadata
from wandb_plot.renderers.loading import load_renderer

METRICS = ("accuracy", "train/loss", "train/grad_norm", "val/loss", "system.cpu")
SMOOTHED = FigureOptions(smoothing=Smoothing("twema", 0.9))


def a_run(id_: str = "ab12cd34", **fields: Any) -> Run:
    """A finished run of acme/vision."""
    return Run(**{"id": id_, "name": "baseline", "entity": "acme", "project": "vision", "state": "finished"} | fields)


def two_runs() -> list[Run]:
    """A baseline, and one of a long name with another learning rate."""
    common = {"batch_size": 64, "optimizer": {"name": "adam", "betas": [0.9, 0.999]}}
    return [
        a_run(
            "ab12cd34",
            config={"lr": 0.001, **common},
            summary={"val": {"loss": 0.412345678}, "accuracy": 0.91, "_runtime": 812},
            tags=("paper", "v2"),
            url="https://wandb.ai/acme/vision/runs/ab12cd34",
            last_step=199,
        ),
        a_run(
            "ef56ab78",
            name="warmup-cosine-decay-large-batch",
            config={"lr": 0.01, **common},
            summary={"val": {"loss": 0.3987}, "accuracy": 0.93, "_runtime": 901},
            group="sweep 3",
            state="running",
            last_step=149,
        ),
    ]


def a_history(run: Run, seed: int) -> History:
    """A column for each metric: noisy, with a stretch of NaN in the gradient's norm."""
    noise = np.random.default_rng(seed)
    steps = np.arange(float((run.last_step or 99) + 1))
    falling = 2.3 * np.exp(-steps / 60) + 0.4
    values = {
        "accuracy": 1 - falling / 3,
        "train/loss": falling * noise.lognormal(0, 0.1, len(steps)),
        "train/grad_norm": np.where((steps > 60) & (steps < 75), np.nan, falling * noise.lognormal(0, 0.5, len(steps))),
        "val/loss": falling + 0.1,
        "system.cpu": 60 + 20 * noise.random(len(steps)),
        "größe/損失+1": falling,
    }
    return History(
        {name: Column(name, "numeric", steps, column, len(steps)) for name, column in values.items()}, rows=len(steps)
    )


def make_folder(
    path: Path,
    runs: Sequence[Run],
    *,
    suffix: str = "png",
    metrics: Sequence[str] = METRICS,
    options: FigureOptions | None = None,
    images: int = 0,
) -> Mapping[str, Any]:
    """Draw `metrics` of `runs` into the folder `path`, put `images` beside them, and return what metadata.json says."""
    renderer = load_renderer("plotly" if suffix == "html" else "seaborn" if options else "matplotlib")
    histories = [(run, a_history(run, seed)) for seed, run in enumerate(runs)]
    with OutputFolder(path, entity="acme", project="vision", runs=runs, warn=print) as folder:
        names = folder.assign({name: f"{name.replace('/', '_')}.{suffix}" for name in metrics}, "plot")
        for metric, name in names.items():
            assembled = assemble([metric], histories, options or FigureOptions())
            entry = {"kind": "plot", "renderer": renderer.name, **assembled.document}
            folder.store(
                name, lambda target, figure=assembled.figure: renderer.render(figure, target, warn=print), entry
            )
        sources = {f"media/images/samples_{step}_{step:020x}.png": step for step in range(0, images * 50, 50)}
        for source, name in folder.assign({source: Path(source).name for source in sources}, "download").items():
            caption = f"epoch {sources[source] // 50}: what the model makes of it"
            entry = {"kind": "download", "source": source, "step": sources[source], "caption": caption}
            folder.store(name, Image.new("RGB", (64, 48), (sources[source] % 256, 120, 200)).save, entry)
    return read_metadata(path).document

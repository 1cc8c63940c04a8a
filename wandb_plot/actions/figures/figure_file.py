"""The file of one figure: its name, its bytes with the words in them, and its entry in metadata.json."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from wandb_plot.actions.figures.figure_request import FigureRequest
from wandb_plot.figures.assembly import Assembled
from wandb_plot.figures.m4_decimation import decimate_figure
from wandb_plot.model.metadata_types import PlotEntry
from wandb_plot.model.run import Run
from wandb_plot.output import png_text
from wandb_plot.renderers.loading import Renderer

# With more names than this, a title counts them.
_RUNS_TOLD = 3


def file_name(metrics: Sequence[str], request: FigureRequest) -> str:
    """The name wanted for the figure of `metrics`; the output folder makes it safe."""
    name = "+".join(metrics)
    prefix, slash, rest = name.partition("/") if request.by_prefix and not request.is_one_figure else ("", "", name)
    # Unsafe, but no separator: with its neighbours it becomes one `_`. A name of dots alone would swallow the suffix.
    return prefix + slash + (rest.replace("/", " ") if rest.strip(".") else "_") + "." + request.format


def figure_entry(assembled: Assembled, metrics: Sequence[str], request: FigureRequest, renderer: Renderer) -> PlotEntry:
    """What metadata.json says of the figure."""
    entry = cast("PlotEntry", {"kind": "plot", "renderer": renderer.name, **assembled.document})
    if request.picture_options:
        entry["options"] = request.picture_options
    used = {*metrics, request.options.x_axis} & request.formulas.keys()
    if used:
        entry["formulas"] = {name: request.formulas[name] for name in sorted(used)}
    return entry


def producer_of(
    assembled: Assembled,
    entry: PlotEntry,
    renderer: Renderer,
    runs: Sequence[Run],
    request: FigureRequest,
    warn: Callable[[str], object],
) -> Callable[[Path], None]:
    """A function that draws the figure into a file and notes its fonts in `entry`; a PNG gets its words and command."""
    figure = decimate_figure(assembled.figure) if renderer.traits.decimate else assembled.figure

    def produce(path: Path) -> None:
        fonts = renderer.render(figure, path, warn=warn)
        if fonts:
            entry["fonts"] = fonts
        if path.suffix == ".png":
            metrics = assembled.document["metrics"]
            png_text.add_text(
                path,
                {
                    "Title": f"{', '.join(metrics)} of {_runs_told(runs)}",
                    "Description": assembled.document["alt"],
                    "Source": _command(metrics, runs, request),
                },
            )

    return produce


def _runs_told(runs: Sequence[Run]) -> str:
    return ", ".join(map(str, runs)) if len(runs) <= _RUNS_TOLD else f"{len(runs)} runs"


def _command(metrics: Sequence[str], runs: Sequence[Run], request: FigureRequest) -> str:
    """The command that draws this figure again, without the path of a local run: figures are published."""
    first = runs[0]
    project = f"{first.entity}/{first.project}" if first.url else "PATH"
    defined = {name: f"{name} = {formula}" for name, formula in request.formulas.items()}
    chosen = [word for metric in metrics for word in ("--metrics", defined.get(metric, metric))]
    ids = ",".join(run.id for run in runs)
    options = [word for option in request.given for word in option.words]
    return shlex.join(["wandb-plot", "generate", project, ids, *chosen, *options])

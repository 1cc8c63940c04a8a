"""`wandb-plot generate`."""

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from wandb_plot.commands.options import (
    common_options,
    no_cache_option,
    opened,
    output_option,
    project_argument,
    runs_argument,
)
from wandb_plot.commands.values import Limits, Size
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.renderers.loading import choose_renderer
from wandb_plot.sources.selection import RunChoice, select_runs

if TYPE_CHECKING:
    from wandb_plot.actions.generate import FigureRequest
    from wandb_plot.numbers.smoothing import Smoothing

_SAMPLES = 1500

# What changes the picture; the rest says where it goes and how the command talks.
_PICTURE = (
    "full_res", "samples", "smooth", "smoothing", "x_axis", "xscale", "yscale", "xlim", "ylim", "group_by",
    "aggregate", "band", "combine", "renderer", "format", "size", "dpi",
)  # fmt: skip


@click.command()
@project_argument
@runs_argument
@click.option(
    "--metrics",
    multiple=True,
    metavar="A,B",
    help="Names, globs, or 'NAME = EXPRESSION'; may be repeated.",
)
@click.option("--all-metrics", is_flag=True, help="Every numeric metric but _* and system.*")
@click.option("--full-res", is_flag=True, help="Every logged point.")
@click.option("--samples", type=click.IntRange(min=2), metavar="N", help=f"Points a metric, at most ({_SAMPLES}).")
@click.option("--smooth", type=click.IntRange(min=1), metavar="N", help="Running average over N points.")
@click.option("--smoothing", metavar="KIND:PARAM", help="twema:0.9, ema:0.9, gaussian:SIGMA, average:N or none.")
@click.option(
    "--x-axis",
    default="step",
    show_default=True,
    metavar="AXIS",
    help="step, runtime, wall, a metric or expression.",
)
@click.option("--xscale", type=click.Choice(["linear", "log"]), help="Default: time over wall time, else linear.")
@click.option("--yscale", type=click.Choice(["linear", "log"]), default="linear", show_default=True, help="Of y.")
@click.option("--xlim", type=Limits(), metavar="LO:HI", help="Either side may be left out.")
@click.option("--ylim", type=Limits(), metavar="LO:HI", help="Either side may be left out.")
@click.option("--group-by", metavar="KEY", help="group, tag, or config.KEY: a line for each group of runs.")
@click.option("--aggregate", type=click.Choice(["mean", "median"]), help="Over the runs of a group.  [default: mean]")
@click.option("--band", type=click.Choice(["none", "std", "stderr", "minmax", "ci"]), help="Over the runs of a group.")
@click.option("--combine", is_flag=True, help="All metrics in one figure.")
@click.option("--group-by-prefix", is_flag=True, help="A subfolder for each prefix before the first /.")
@click.option("--renderer", metavar="NAME", help="Default: the first of matplotlib, seaborn that can draw it.")
@click.option("--format", "format", metavar="SUFFIX", help="png, svg, pdf, or what the renderer offers.")
@click.option("--size", type=Size(), default="8x4.5", show_default=True, metavar="WxH", help="Inches.")
@click.option("--dpi", type=click.IntRange(10, 2400), default=100, show_default=True, metavar="N")
@output_option
@click.option("--report", is_flag=True, help="Write index.html beside the figures.")
@click.option("--yes", is_flag=True, help="Draw more than 200 figures.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@no_cache_option
@common_options
def generate(console: Console, project: str, choice: RunChoice, timeout: float, **options: Any) -> None:
    """Draw metrics of RUNS from their histories, all runs in one figure a metric."""
    smoothing = _check(options)
    draws = [
        part for part, wanted in (("smooth", smoothing), ("band", options["band"] not in (None, "none"))) if wanted
    ]
    renderer = choose_renderer(options["renderer"], format=options["format"], draws=draws)
    request = _request(options, smoothing, renderer.traits.formats[0])

    from wandb_plot.actions.generate import generate_figures

    with opened(project, console, timeout, cache=not options["no_cache"]) as source:
        runs = select_runs(source, choice, warn=console.warn)
        outcome = generate_figures(source, runs, request, renderer, console)
    console.outcome(outcome)
    outcome.raise_for_failures()


def _check(options: dict[str, Any]) -> "Smoothing | None":
    """Refuse what contradicts itself; gives the smoothing."""
    if not options["metrics"] and not options["all_metrics"]:
        raise UsageError(
            "say what to draw", hint="--metrics A,B or --all-metrics; wandb-plot metrics PROJECT lists them"
        )
    if options["full_res"] and options["samples"]:
        raise UsageError("--full-res and --samples contradict each other", hint="give one of them")
    if options["smooth"] and options["smoothing"]:
        raise UsageError("--smooth and --smoothing contradict each other", hint="--smooth N is --smoothing average:N")
    if not options["group_by"] and (options["aggregate"] or options["band"] not in (None, "none")):
        raise UsageError("--aggregate and --band are over groups", hint="make groups with --group-by KEY")
    for scale, limits in (("xscale", "xlim"), ("yscale", "ylim")):
        if options[scale] == "log" and any(limit is not None and limit <= 0 for limit in options[limits] or ()):
            raise UsageError(f"--{limits}: limits of a log scale are above zero", hint="leave a side out for no limit")

    from wandb_plot.numbers.smoothing import parse_smoothing

    text = f"average:{options['smooth']}" if options["smooth"] else options["smoothing"]
    return parse_smoothing(text) if text else None


def _request(options: dict[str, Any], smoothing: "Smoothing | None", default_format: str) -> "FigureRequest":
    from wandb_plot.actions.generate import FigureRequest
    from wandb_plot.figures.axes import AXES
    from wandb_plot.figures.options import FigureOptions

    axis = AXES.get(options["x_axis"], options["x_axis"])
    return FigureRequest(
        metrics=options["metrics"],
        all_metrics=options["all_metrics"],
        many=options["yes"],
        samples=None if options["full_res"] else options["samples"] or _SAMPLES,
        options=FigureOptions(
            x_axis=axis,
            xscale=options["xscale"],
            yscale=options["yscale"],
            xlim=options["xlim"] or (None, None),
            ylim=options["ylim"] or (None, None),
            smoothing=smoothing,
            group_by=options["group_by"],
            aggregate=options["aggregate"] or "mean",
            band=options["band"] or "none",
            size=options["size"],
            dpi=options["dpi"],
        ),
        combine=options["combine"],
        by_prefix=options["group_by_prefix"],
        format=options["format"] or default_format,
        output=options["output"],
        dry_run=options["dry_run"],
        report=options["report"],
        arguments=_arguments(options),
    )


def _arguments(options: dict[str, Any]) -> list[str]:
    """The options that change the picture, as one would give them again."""
    context = click.get_current_context()
    arguments = []
    for name in _PICTURE:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            arguments.append("--" + name.replace("_", "-"))
            arguments += [] if options[name] is True else [_spelled(name, options[name])]
    return arguments


def _spelled(name: str, value: Any) -> str:
    between = {"xlim": ":", "ylim": ":", "size": "x"}.get(name)
    if between is None:
        return str(value)
    return between.join("" if part is None else f"{part:g}" for part in value)

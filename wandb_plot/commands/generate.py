"""`wandb-plot generate`."""

from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from wandb_plot.commands.figure_options import PICTURE, look_options, number_options
from wandb_plot.commands.option_meanings import (
    arguments_given,
    check_figure_options,
    check_look_options,
    features_needed,
    figure_options,
)
from wandb_plot.commands.options import (
    common_options,
    no_cache_option,
    opened,
    output_option,
    project_argument,
    runs_argument,
)
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.renderers.choice import choose_renderer
from wandb_plot.sources.selection.select_runs import select_runs

if TYPE_CHECKING:
    from wandb_plot.actions.figures.figure_request import FigureRequest

_SAMPLES = 1500

# Screens of today have two pixels where there was one.
_REPORT_DPI = 200

# Options that change the figure; the others say where it goes and what is printed.
_PICTURE = ("full_res", "samples", *PICTURE, "combine", "renderer", "format")


@click.command()
@project_argument
@runs_argument
@click.option(
    "--metrics",
    multiple=True,
    metavar="A,B",
    help="Metric names, globs, or 'NAME = EXPRESSION'; repeatable.",
)
@click.option("--all-metrics", is_flag=True, help="Draw every numeric metric but _* and system.*.")
@click.option(
    "--full-res", is_flag=True, help="Read every logged point from a server; runs on disk are always read whole."
)
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    metavar="N",
    help=f"Read a sample of about N points per metric from a server.  [default: {_SAMPLES}]",
)
@number_options
@click.option("--combine", is_flag=True, help="Draw all metrics on one pair of axes.")
@click.option("--group-by-prefix", is_flag=True, help="Make a subfolder for each prefix before the first /.")
@click.option(
    "--renderer", metavar="NAME", help="Renderer that draws.  [default: the first of matplotlib, seaborn that can]"
)
@click.option(
    "--format",
    "format",
    metavar="SUFFIX",
    help="File format: png, svg, pdf, or another that the renderer writes.  [default: its first]",
)
@look_options
@output_option
@click.option(
    "--report",
    is_flag=True,
    help=f"Write index.html, a page with all figures of the folder; without --dpi a PNG gets {_REPORT_DPI}.",
)
@click.option("--yes", is_flag=True, help="Confirm that more than 200 figures shall be drawn.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@no_cache_option
@common_options
def generate(console: Console, project: str, choice: RunChoice, timeout: float, **options: Any) -> None:
    """Draw metrics of RUNS from their histories: one figure per metric, with all runs in it."""
    _check(options)
    arguments = arguments_given(options, _PICTURE)
    renderer = choose_renderer(
        options["renderer"], format=options["format"], draws=features_needed(options), style=options["style"]
    )
    suffix = options["format"] or renderer.traits.formats[0]
    is_free = click.get_current_context().get_parameter_source("dpi") is ParameterSource.DEFAULT
    if options["report"] and suffix == "png" and is_free:
        options["dpi"] = _REPORT_DPI
        arguments.append(f"--dpi={_REPORT_DPI}")
    request = _request(options, arguments, suffix)

    from wandb_plot.actions.generate import generate_figures

    with opened(project, console, timeout, cache=not options["no_cache"]) as source:
        runs = select_runs(source, choice, warn=console.warn)
        outcome = generate_figures(source, runs, request, renderer, console)
    console.outcome(outcome)
    outcome.raise_for_failures()


def _check(options: dict[str, Any]) -> None:
    """Refuse what contradicts itself."""
    if not options["metrics"] and not options["all_metrics"]:
        raise UsageError(
            "say what to draw", hint="--metrics A,B or --all-metrics; wandb-plot metrics PROJECT lists them"
        )
    if options["full_res"] and options["samples"]:
        raise UsageError("--full-res and --samples contradict each other", hint="give one of them")
    if options["combine"] and options["panels"] == "metric":
        raise UsageError("--combine and --panels metric contradict each other", hint="give one of them")
    check_figure_options(options)
    check_look_options(options)


def _request(options: dict[str, Any], arguments: list[str], suffix: str) -> "FigureRequest":
    from wandb_plot.actions.figures.figure_request import FigureRequest

    return FigureRequest(
        metrics=options["metrics"],
        all_metrics=options["all_metrics"],
        many=options["yes"],
        samples=None if options["full_res"] else options["samples"] or _SAMPLES,
        options=figure_options(options),
        combine=options["combine"],
        by_prefix=options["group_by_prefix"],
        format=suffix,
        output=options["output"],
        dry_run=options["dry_run"],
        report=options["report"],
        arguments=arguments,
    )

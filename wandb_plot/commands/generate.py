"""`wandb-plot generate`."""

from dataclasses import replace
from pathlib import Path

import click

from wandb_plot.actions.figures.given_option import GivenOption
from wandb_plot.commands.drawing import LookOptions, NumberOptions, features_needed
from wandb_plot.commands.figure_options import LOOKS, NUMBERS, look_options, number_options
from wandb_plot.commands.given_options import given_options, is_given
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
from wandb_plot.renderers.loading import InstalledRenderer
from wandb_plot.sources.selection.select_runs import select_runs

_SAMPLES = 1500

# Screens of today have two pixels where there was one.
_REPORT_DPI = 200

# Options that change the figure; the others say where it goes and what is printed.
_OF_FIGURE = ("full_res", "samples", *NUMBERS, *LOOKS, "combine", "renderer", "format")


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
def generate(
    console: Console,
    project: str,
    choice: RunChoice,
    metrics: tuple[str, ...],
    all_metrics: bool,
    full_res: bool,
    samples: int | None,
    numbers: NumberOptions,
    combine: bool,
    group_by_prefix: bool,
    renderer: str | None,
    format: str | None,  # noqa: A002 -- the option's name
    looks: LookOptions,
    output: Path | None,
    report: bool,
    yes: bool,
    dry_run: bool,
    no_cache: bool,
    timeout: float,
) -> None:
    """Draw metrics of RUNS from their histories: one figure per metric, with all runs in it."""
    if not (metrics or all_metrics):
        raise UsageError(
            "say what to draw", hint="--metrics A,B or --all-metrics; wandb-plot metrics PROJECT lists them"
        )
    points = _points_wanted(samples, full_res=full_res)
    numbers.check()
    looks.check(combine=combine)
    chosen = choose_renderer(renderer, format=format, draws=features_needed(numbers, looks), style=looks.style)
    suffix = format or chosen.traits.formats[0]
    given = given_options(_OF_FIGURE, of_picture=_of_picture(chosen.installed))
    if report and suffix == "png" and not is_given("dpi"):
        looks = replace(looks, dpi=_REPORT_DPI)
        given.append(GivenOption(name="dpi", value=str(_REPORT_DPI), makes_other_picture=False))

    from wandb_plot.actions.figures.figure_request import FigureRequest
    from wandb_plot.actions.generate import generate_figures

    request = FigureRequest(
        metrics=metrics,
        all_metrics=all_metrics,
        many=yes,
        samples=points,
        options=looks.on(numbers.figure_options()),
        combine=combine,
        by_prefix=group_by_prefix,
        format=suffix,
        output=output,
        dry_run=dry_run,
        report=report,
        given=given,
    )
    with opened(project, console, timeout, cache=not no_cache) as source:
        runs = select_runs(source, choice, warn=console.warn)
        outcome = generate_figures(source, runs, request, chosen, console)
    console.outcome(outcome)
    outcome.raise_for_failures()


def _points_wanted(samples: int | None, *, full_res: bool) -> int | None:
    """About how many points a metric are read from a server; None for every one."""
    if full_res and samples:
        raise UsageError("--full-res and --samples contradict each other", hint="give one of them")
    return None if full_res else samples or _SAMPLES


def _of_picture(renderer: InstalledRenderer) -> set[str]:
    """The options that make another picture of the same metrics.

    Whether metrics are combined, and the format, show in the file's name; more points or pixels make the same picture
    finer. The default renderer is what draws where none is named.
    """
    return {*NUMBERS, *LOOKS} - {"dpi"} | (set() if renderer.default else {"renderer"})

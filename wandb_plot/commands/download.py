"""`wandb-plot download`."""

import shlex
from pathlib import Path

import click

from wandb_plot.commands.options import common_options, opened, output_option, project_argument, runs_argument
from wandb_plot.console import Console
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.sources.selection.select_runs import select_runs


@click.command()
@project_argument
@runs_argument
@click.option(
    "--pattern",
    "patterns",
    multiple=True,
    metavar="GLOB",
    help="Only these files; without / it matches the base name, with / the whole path; repeat for any of several. "
    "Default: every png, jpg, jpeg, gif, svg and webp.",
)
@output_option
@click.option("--force", is_flag=True, help="Download files again that are already there unchanged.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--follow-links",
    is_flag=True,
    help="With runs on disk: include files that symbolic links show outside of the run's folder.",
)
@common_options
def download(
    console: Console,
    project: str,
    choice: RunChoice,
    patterns: tuple[str, ...],
    output: Path | None,
    force: bool,
    dry_run: bool,
    follow_links: bool,
    timeout: float,
) -> None:
    """Download the plot images that were logged to RUNS, into one folder."""
    from wandb_plot.actions.download import DownloadRequest, download_runs

    with opened(project, console, timeout, follow_links=follow_links) as source:
        runs = select_runs(source, choice, warn=console.warn)
        request = DownloadRequest(patterns=patterns, output=output, force=force, dry_run=dry_run)
        outcome = download_runs(source, runs, request, console)
    if not outcome.files:
        ids = ",".join(run.id for run in runs)
        again = shlex.join(["wandb-plot", "generate", project, ids, "--all-metrics"])
        console.say("No plot files found")
        what = "files that match" if patterns else "images"
        who = str(runs[0]) if len(runs) == 1 else f"The {len(runs)} runs"
        console.hint(
            f"{who} logged no {what}; wandb.plot charts are logged as tables, not images. Draw metrics: {again}"
        )
    console.outcome(outcome)
    outcome.raise_for_failures()

"""`wandb-plot metrics`."""

import click

from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument, run_argument
from wandb_plot.console import Console
from wandb_plot.sources.selection import select_run

_COLUMNS = ("type", "count", "non_null_count", "min", "max", "mean", "std", "last", "nan_count", "inf_count")


@click.command()
@project_argument
@run_argument
@click.option("--include-system", is_flag=True, help="Also _step, _runtime, _timestamp and the system stream system.*")
@click.option("--match", "glob", metavar="GLOB", help="Only metrics whose name matches, such as 'train/*'.")
@no_cache_option
@common_options
def metrics(
    console: Console,
    project: str,
    run: str | None,
    include_system: bool,
    glob: str | None,
    no_cache: bool,
    timeout: float,
) -> None:
    """List the metrics of RUN with exact statistics, from every logged row."""
    from wandb_plot.actions.metrics import read_metrics

    with opened(project, console, timeout, cache=not no_cache) as source:
        selected = select_run(source, run)
        console.update(f"reading the history of {selected}")
        documents = read_metrics(source, selected, glob=glob, include_system=include_system)
    if console.json:
        console.document(documents)
    elif documents:
        rows = [[name, *(document.get(column) for column in _COLUMNS)] for name, document in documents.items()]
        console.table(("metric", *_COLUMNS), rows)
    else:
        console.hint(f"No metrics found in {selected}" + (f" that match {glob!r}" if glob else ""))

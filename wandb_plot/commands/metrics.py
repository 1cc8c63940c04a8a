"""`wandb-plot metrics`."""

from fnmatch import fnmatchcase

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
    from wandb_plot.model.metric_selection import is_plain
    from wandb_plot.numbers.statistics import metric_document

    with opened(project, console, timeout, cache=not no_cache) as source:
        selected = select_run(source, run)
        # Naming no metric reads the system stream too, which costs a server's user a request.
        names = None if include_system else [n for n in source.metric_types(selected) if is_plain(n)]
        console.update(f"reading the history of {selected}")
        history = source.history(selected, names)
    documents = {
        name: metric_document(column, history.rows_of(name))
        for name, column in history.columns.items()
        if (include_system or is_plain(name)) and (glob is None or fnmatchcase(name, glob))
    }
    if console.json:
        console.document(documents)
    elif documents:
        rows = [[name, *(document.get(column) for column in _COLUMNS)] for name, document in documents.items()]
        console.table(("metric", *_COLUMNS), rows)
    else:
        console.hint(f"No metrics found in {selected}" + (f" that match {glob!r}" if glob else ""))

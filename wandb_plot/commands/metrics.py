"""`wandb-plot metrics`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from wandb_plot.commands.options import (
    all_rows_option,
    common_options,
    no_cache_option,
    opened,
    project_argument,
    runs_argument,
)
from wandb_plot.console import Console
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.model.run import Run
from wandb_plot.sources.selection.select_runs import select_runs

if TYPE_CHECKING:
    from wandb_plot.numbers.statistics import MetricDocument

_COLUMNS = (
    "type", "count", "non_null_count", "min", "max", "mean", "std", "last", "last_step", "points", "nan_count",
    "inf_count", "first_nan_step",
)  # fmt: skip


@click.command()
@project_argument
@runs_argument
@click.option(
    "--include-system", is_flag=True, help="Include _step, _runtime, _timestamp and the system stream (system.*)."
)
@click.option("--match", "glob", metavar="GLOB", help="Only metrics whose name matches, such as 'train/*'.")
@all_rows_option
@no_cache_option
@common_options
def metrics(
    console: Console,
    project: str,
    choice: RunChoice,
    include_system: bool,
    glob: str | None,
    all_rows: bool,
    no_cache: bool,
    timeout: float,
) -> None:
    """List the metrics of RUNS with exact statistics, from every logged row.

    count is the number of rows in the run's history, non_null_count the rows in which the metric is neither null nor
    NaN, and points the numbers logged: finite ones, NaN and infinities. min, max, mean and std are of the finite ones.
    """
    from wandb_plot.actions.metrics import metrics_of_runs

    with opened(project, console, timeout, cache=not no_cache) as source:
        runs = select_runs(source, choice, warn=console.warn)
        found = metrics_of_runs(source, runs, console, glob=glob, include_system=include_system)
    if len(runs) == 1:
        _show_one(console, *found[0], glob, all_rows=all_rows)
    else:
        _show_all(console, found, all_rows=all_rows)


def _show_one(
    console: Console, run: Run, documents: "dict[str, MetricDocument]", glob: str | None, *, all_rows: bool
) -> None:
    if console.json:
        console.document(documents)
    elif documents:
        rows = [[name, *(document.get(column) for column in _COLUMNS)] for name, document in documents.items()]
        console.listing(("metric", *_COLUMNS), rows, whole=all_rows)
    else:
        console.say(f"No metrics found in {run}" + (f" that match {glob!r}" if glob else ""))


def _show_all(console: Console, found: "Sequence[tuple[Run, dict[str, MetricDocument]]]", *, all_rows: bool) -> None:
    """A row for each run and metric."""
    rows = [
        {"run_id": run.id, "run_name": run.name, "metric": name, **document}
        for run, documents in found
        for name, document in documents.items()
    ]
    if console.json:
        console.document(rows)
    elif rows:
        columns = ("run_id", "run_name", "metric", *_COLUMNS)
        console.listing(columns, [[row.get(column) for column in columns] for row in rows], whole=all_rows)
    else:
        console.say(f"No metrics found in {len(found)} runs")

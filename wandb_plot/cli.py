"""The command group."""

import click

from wandb_plot.commands.check import check
from wandb_plot.commands.compare import compare
from wandb_plot.commands.demo import demo
from wandb_plot.commands.diff import diff
from wandb_plot.commands.download import download
from wandb_plot.commands.generate import generate
from wandb_plot.commands.history import history
from wandb_plot.commands.inspect import inspect
from wandb_plot.commands.metrics import metrics
from wandb_plot.commands.projects import projects
from wandb_plot.commands.renderers import renderers
from wandb_plot.commands.runs import runs
from wandb_plot.commands.table import table


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="wandb-plot")
def cli() -> None:
    """Answer questions about Weights & Biases runs: list, tabulate and check them, write and draw their histories.

    PROJECT is entity/project on the W&B server, a W&B page address, or a local path that begins with ., / or ~ such as
    ./wandb: run folders on disk need no server and no key.

    RUNS are ids, display names and globs with commas between, latest, or all. --state, --tag, --group, --sweep and
    --filter narrow them; without RUNS they choose from all runs. RUNS may be left out where there is only one run.

    METRIC:REDUCTION is one number of a run: last, first, min, max, mean, median, std, count, nan, argmin, argmax,
    at:STEP, tail:K, auc, first-below:X or first-above:X.
    """


cli.add_command(projects)
cli.add_command(runs)
cli.add_command(metrics)
cli.add_command(history)
cli.add_command(table)
cli.add_command(compare)
cli.add_command(diff)
cli.add_command(check)
cli.add_command(download)
cli.add_command(generate)
cli.add_command(inspect)
cli.add_command(renderers)
cli.add_command(demo)

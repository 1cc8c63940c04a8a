"""`wandb-plot diff`."""

from typing import Any

import click

from wandb_plot.actions.diff import SECTIONS, DiffSection, diff_runs
from wandb_plot.basics.formatting import count_text, value_text
from wandb_plot.commands.options import all_rows_option, common_options, opened, project_argument, runs_argument
from wandb_plot.console import Console
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.sources.selection.select_runs import select_runs

# Longer values, such as a list of layers, hide the others; --json has them whole.
_LONGEST = 40


@click.command()
@project_argument
@runs_argument
@click.option(
    "--only",
    "sections",
    type=click.Choice(SECTIONS),
    multiple=True,
    help="Compare only this section; repeat for several. run: state, group, tags and the like. environment: machine, "
    "program and git commit.",
)
@all_rows_option
@common_options
def diff(
    console: Console,
    project: str,
    choice: RunChoice,
    sections: tuple[DiffSection, ...],
    all_rows: bool,
    timeout: float,
) -> None:
    """Show what differs between RUNS: config, fields of the runs, summary, and the environment they ran in.

    Only the keys that differ are listed. For two runs, ratio is the second number divided by the first.
    """
    with opened(project, console, timeout) as source:
        document = diff_runs(source, select_runs(source, choice, warn=console.warn), sections or SECTIONS, console)
    if console.json:
        console.document(document)
        return
    names = [f"{run['name']} ({run['id']})" for run in document["runs"]]
    has_ratio = any(one["ratio"] is not None for one in document["differ"])
    rows = [
        [
            f"{one['section']}.{one['key']}",
            *(_cell(value) for value in one["values"]),
            *([one["ratio"]] if has_ratio else []),
        ]
        for one in document["differ"]
    ]
    if not rows:
        agreeing = count_text(len(document["same"]), "key")
        console.say(f"Nothing differs in {', '.join(sections or SECTIONS)}: {agreeing} the same in all")
        return
    console.listing(("key", *names, *(["ratio"] if has_ratio else [])), rows, whole=all_rows)
    console.hint(f"{len(document['same'])} more keys are the same in all: --json lists them")


def _cell(value: Any) -> Any:
    """A number as it is, for the table to format; anything else as text, cut to leave room for other columns."""
    if value is None or isinstance(value, float):
        return value
    text = value_text(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."

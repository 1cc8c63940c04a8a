"""`wandb-plot compare`."""

from typing import TYPE_CHECKING

import click

from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument
from wandb_plot.console import Console
from wandb_plot.errors import GateError, UsageError

if TYPE_CHECKING:
    from wandb_plot.actions.compare import CompareDocument


@click.command()
@project_argument
@click.option(
    "--baseline",
    multiple=True,
    required=True,
    metavar="FILTER|RUNS",
    help="Runs to compare with; repeat for each condition, as in --baseline config.arch=cnn --baseline config.lr=0.1.",
)
@click.option(
    "--candidate", multiple=True, required=True, metavar="FILTER|RUNS", help="Runs in question; repeat likewise."
)
@click.option("--filter", "filters", multiple=True, metavar="EXPR", help="A condition for both sides; repeatable.")
@click.option("--state", "states", multiple=True, metavar="S", help="In this state, both sides; repeatable.")
@click.option("--metric", required=True, metavar="M:REDUCTION", help="The number of each run, such as val/loss:min.")
@click.option("--lower-is-better", "lower", is_flag=True, help="Of the metric; either this or the next has to be said.")
@click.option("--higher-is-better", "higher", is_flag=True, help="Of the metric.")
@click.option("--pair-by", metavar="KEY", help="Compare runs that say the same of this key, such as config.seed.")
@click.option("--gate", is_flag=True, help="End with exit code 8 unless the candidate is better.")
@no_cache_option
@common_options
def compare(
    console: Console,
    project: str,
    baseline: tuple[str, ...],
    candidate: tuple[str, ...],
    filters: tuple[str, ...],
    states: tuple[str, ...],
    metric: str,
    lower: bool,
    higher: bool,
    pair_by: str | None,
    gate: bool,
    no_cache: bool,
    timeout: float,
) -> None:
    """Tell whether the candidate's runs are better than the baseline's, or whether it may be noise.

    Difference of the means with its bootstrap interval, probability of improvement, verdict, and how many runs would
    show such a difference. Every logged point counts. A side is named by filters, such as config.arch=vit, by
    names and globs of runs, such as 'mlp-*', or both.
    """
    if lower == higher:
        raise UsageError("which end is better?", hint="say either --lower-is-better or --higher-is-better")

    from wandb_plot.actions.compare import CompareRequest, compare_runs

    request = CompareRequest(
        baseline=baseline,
        candidate=candidate,
        metric=metric,
        better="min" if lower else "max",
        pair_by=pair_by,
        filters=filters,
        states=states,
    )
    with opened(project, console, timeout, cache=not no_cache) as source:
        compared = compare_runs(source, request, console).document()
    if console.json:
        console.document(compared)
    else:
        _write(console, compared)
    if gate and compared["verdict"] != "better":
        raise GateError(
            f"the candidate is not better in {metric}: {compared['verdict']}", hint="see the numbers without --gate"
        )


def _write(console: Console, compared: "CompareDocument") -> None:
    from wandb_plot.model.formatting import number_text

    def interval() -> str:
        if compared["low"] is None or compared["high"] is None:
            return ""
        return f" [{number_text(compared['low'], 4)}, {number_text(compared['high'], 4)}]"

    rows = [
        [name, side["n"], side["mean"], side["std"]]
        for name, side in (("baseline", compared["baseline"]), ("candidate", compared["candidate"]))
    ]
    console.table(("", "n", f"mean of {compared['metric']}", "std"), rows)
    better = "lower" if compared["better"] == "min" else "higher"
    lines = [
        "",
        f"{compared['verdict']} ({better} is better)",
        f"difference {number_text(compared['difference'], 4)}{interval()}",
        f"probability of improvement {number_text(compared['probability_of_improvement'], 3)} (a tie counts half)",
    ]
    if compared["needed"] is not None:
        lines.append(f"to show such a difference takes {compared['needed']} {compared['needed_of']} (power 0.8)")
    console.lines([*lines, "", *compared["notes"]])

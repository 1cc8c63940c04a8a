"""`wandb-plot compare`."""

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

import click

from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument
from wandb_plot.console import Console
from wandb_plot.errors import GateError, UsageError

if TYPE_CHECKING:
    from wandb_plot.actions.comparison.result import CompareDocument

# --json has all.
_SHOWN_PAIRS = 12
_SHOWN_RUNS = 6
_DIGITS = 6


@click.command()
@project_argument
@click.option(
    "--baseline",
    multiple=True,
    required=True,
    metavar="FILTER|RUNS",
    help="The runs to compare with; repeat it for each condition, as in --baseline config.arch=cnn --baseline "
    "config.lr=0.1.",
)
@click.option(
    "--candidate",
    multiple=True,
    required=True,
    metavar="FILTER|RUNS",
    help="The runs that may be better; given like --baseline.",
)
@click.option("--filter", "filters", multiple=True, metavar="EXPR", help="A condition on both sides; repeatable.")
@click.option(
    "--state", "states", multiple=True, metavar="S", help="Only runs in this state, on both sides; repeatable."
)
@click.option("--metric", required=True, metavar="M:REDUCTION", help="The number of each run, such as val/loss:min.")
@click.option("--lower-is-better", "lower", is_flag=True, help="Lower values are better; this or the next is required.")
@click.option("--higher-is-better", "higher", is_flag=True, help="Higher values are better.")
@click.option("--pair-by", metavar="KEY", help="Compare runs with the same value of this key, such as config.seed.")
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
    """Tell whether the candidate runs are better than the baseline runs, or whether the difference may be noise.

    Shows the difference of the means with its bootstrap interval, the probability of improvement, a verdict, and how
    many runs would settle it. Every logged point counts. A side is named by filters, such as config.arch=vit, by names
    and globs of runs, such as 'mlp-*', or both.
    """
    if lower == higher:
        raise UsageError("which direction is better?", hint="say either --lower-is-better or --higher-is-better")

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
        _write(console, compared, pair_by)
    if gate and compared["verdict"] != "better":
        raise GateError(
            f"the candidate is not better in {metric}: {compared['verdict']}",
            hint="see the numbers without --gate",
        )


def _write(console: Console, compared: "CompareDocument", pair_by: str | None) -> None:
    from wandb_plot.basics.formatting import names_text
    from wandb_plot.numbers.table_cells import Cell, column_texts

    sides = {"baseline": compared["baseline"], "candidate": compared["candidate"]}
    means = column_texts([Cell(side["mean"], side["n"], std=side["std"]) for side in sides.values()])
    console.table(
        ("", "n", f"{compared['metric']}, mean ± std", "runs"),
        [
            [name, side["n"], mean, names_text(side["run_ids"], _SHOWN_RUNS)]
            for (name, side), mean in zip(sides.items(), means, strict=True)
        ],
    )
    if pair_by:
        console.lines([""])
        console.table((pair_by, "baseline", "candidate", "difference"), _pair_rows(compared))
    console.lines(["", *_verdict(compared), "", *compared["notes"]])
    if len(compared["pairs"]) > _SHOWN_PAIRS:
        console.say(f"{_SHOWN_PAIRS} of {len(compared['pairs'])} pairs are shown: --json has all")


def _pair_rows(compared: "CompareDocument") -> list[list[str | float]]:
    """A row per pair: a number of each side, or the mean where several runs have the same value of the key."""
    return [
        [pair["value"], _mean_text(pair["baseline"]), _mean_text(pair["candidate"]), pair["difference"]]
        for pair in compared["pairs"][:_SHOWN_PAIRS]
    ]


def _mean_text(numbers: Sequence[float]) -> str:
    from wandb_plot.basics.formatting import number_text

    text = number_text(fmean(numbers), _DIGITS)
    return text if len(numbers) == 1 else f"{text} (mean of {len(numbers)})"


def _verdict(compared: "CompareDocument") -> list[str]:
    from wandb_plot.actions.comparison.notes import difference_text
    from wandb_plot.basics.formatting import count_text, number_text

    difference = difference_text(compared["difference"], compared["low"], compared["high"])
    lines = [
        f"{compared['verdict']} ({'lower' if compared['better'] == 'min' else 'higher'} is better)",
        f"difference (candidate - baseline) {difference}",
    ]
    if pairs := compared["pairs"]:
        higher = sum(pair["difference"] > 0 for pair in pairs)
        lines.append(f"the candidate is higher in {higher} of {count_text(len(pairs), 'pair')}")
    lines.append(
        f"probability of improvement {number_text(compared['probability_of_improvement'], 3)} (a tie counts half)"
    )
    if compared["verdict"] == "unresolved" and compared["needed"] is not None:
        paired = compared["needed_of"] == "pairs"
        here = len(compared["pairs"]) if paired else f"{compared['baseline']['n']} and {compared['candidate']['n']}"
        lines.append(
            f"a difference of this size takes about {compared['needed']} {compared['needed_of']} to show (power 0.8), "
            f"and here are {here}: record more runs"
        )
    return lines

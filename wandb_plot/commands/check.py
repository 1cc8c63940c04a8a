"""`wandb-plot check`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from wandb_plot.basics.formatting import count_text
from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument, runs_argument
from wandb_plot.console import Console
from wandb_plot.errors import GateError
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.sources.selection.select_runs import select_runs

if TYPE_CHECKING:
    from wandb_plot.actions.check import CheckedRun
    from wandb_plot.actions.check_rules import Rule, Stall

# Findings shown; --json has all.
_SHOWN = 30


@click.command()
@project_argument
@runs_argument
@click.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="EXPR",
    help="A condition that every run should meet, such as 'val/loss:last<0.5'; repeatable.",
)
@click.option(
    "--stall",
    "stalls",
    multiple=True,
    metavar="METRIC:min|max=N",
    help="Find runs whose metric had no new min (or max) in its last N steps, as in val/loss:min=1000; repeatable.",
)
@click.option("--gate", is_flag=True, help="End with exit code 8 where anything was found.")
@no_cache_option
@common_options
def check(
    console: Console,
    project: str,
    choice: RunChoice,
    rules: tuple[str, ...],
    stalls: tuple[str, ...],
    gate: bool,
    no_cache: bool,
    timeout: float,
) -> None:
    """Find what is wrong with RUNS: NaN, explosions, spikes, flat lines, pauses, crashes.

    Every logged row is read. A finding says what is odd, at which step and by how much; it claims no cause.
    """
    from wandb_plot.actions.check import check_runs
    from wandb_plot.actions.check_rules import parse_rule, parse_stall

    asked: list[Rule | Stall] = [*map(parse_rule, rules), *map(parse_stall, stalls)]
    with opened(project, console, timeout, cache=not no_cache) as source:
        checked = list(check_runs(source, select_runs(source, choice, warn=console.warn), asked, console))
    if console.json:
        console.document([one.document() for one in checked])
    else:
        found = [[str(one.run), odd.metric, odd.kind, odd.text] for one in checked for odd in one.findings]
        rows: list[list[str | None]] = found[:_SHOWN]
        fine = [one for one in checked if not one.findings]
        if fine:
            who = str(fine[0].run) if len(fine) == 1 else f"{len(fine)} of {len(checked)} runs"
            rows.append([who, None, "ok", _fine(fine)])
        console.table(("run", "metric", "kind", "finding"), rows)
        if len(found) > _SHOWN:
            console.say(f"{_SHOWN} of {len(found)} findings are shown: --json has all")
    odd = [one for one in checked if one.findings]
    if gate and odd:
        raise GateError(
            f"{len(odd)} of {len(checked)} runs have findings: {', '.join(str(one.run) for one in odd[:5])}",
            hint="see them without --gate, or with --json",
        )


def _fine(checked: "Sequence[CheckedRun]") -> str:
    """How much was looked at of the runs without a finding."""
    fewest, most = min(one.metrics for one in checked), max(one.metrics for one in checked)
    metrics = count_text(most, "metric") if fewest == most else f"{fewest} to {most} metrics"
    each, in_all = (" each", " in all") if len(checked) > 1 else ("", "")
    return f"nothing odd in {metrics}{each}, {sum(one.rows for one in checked):,} rows{in_all}"

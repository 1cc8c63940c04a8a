"""Finds what is wrong with runs: every row is read, nothing is sampled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from wandb_plot.actions.check_rules import Rule, Stall
from wandb_plot.basics.formatting import plain_number
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.run import ENDED_EARLY, Run
from wandb_plot.numbers.findings.health import Finding, find_odd, is_checked
from wandb_plot.sources.map_runs import map_runs
from wandb_plot.sources.source_protocol import Source


class FindingDocument(TypedDict):
    """One finding in `check --json`; fields that don't apply are null."""

    kind: str
    metric: str | None
    start: float | None
    stop: float | None
    value: float | None
    points: int | None
    occurrences: int | None
    text: str


class CheckDocument(TypedDict):
    """One run in `check --json`."""

    run_id: str
    run_name: str
    state: str
    rows: int
    metrics: int
    last_step: int | None
    findings: list[FindingDocument]


@dataclass(frozen=True)
class CheckedRun:
    """What was found about one run.

    Attributes:
        run: the run.
        rows: rows of its history, all of which were read.
        metrics: how many metrics with numbers were checked, without axes and system stream.
        findings: those of the run as a whole first, then metric by metric.
    """

    run: Run
    rows: int
    metrics: int
    findings: Sequence[Finding]

    def document(self) -> CheckDocument:
        """Its entry in `check --json`."""
        return {
            "run_id": self.run.id,
            "run_name": self.run.name,
            "state": self.run.state,
            "rows": self.rows,
            "metrics": self.metrics,
            "last_step": self.run.last_step,
            "findings": [
                {
                    "kind": one.kind,
                    "metric": one.metric,
                    "start": _plain(one.start),
                    "stop": _plain(one.stop),
                    "value": one.value,
                    "points": one.points,
                    "occurrences": one.occurrences,
                    "text": one.text,
                }
                for one in self.findings
            ],
        }


def check_runs(
    source: Source, runs: Sequence[Run], rules: Sequence[Rule | Stall], listener: Listener
) -> Iterator[CheckedRun]:
    """Check every number of each run; results come in the order of the runs.

    Args:
        source: that the runs are from.
        runs: any number.
        rules: the user's own conditions, checked besides what `health.find_odd` looks for.
        listener: told how many runs are done.
    """
    for number, (_, checked) in enumerate(map_runs(source, runs, partial(_check_run, rules), warn=listener.warn), 1):
        listener.progress(f"checked {number} of {len(runs)} runs")
        yield checked


def _check_run(rules: Sequence[Rule | Stall], source: Source, run: Run) -> CheckedRun:
    history = source.history(run, None)
    metrics = sum(is_checked(column) and not column.is_system for column in history.columns.values())
    broken = [finding for rule in rules if (finding := rule.finding(history))]
    return CheckedRun(run, history.rows, metrics, [*_of_run(run, history.rows), *broken, *find_odd(history)])


def _plain(x: float | None) -> float | None:
    return None if x is None else plain_number(x)


def _of_run(run: Run, rows: int) -> Iterator[Finding]:
    where = "" if run.last_step is None else f" after step {run.last_step}"
    if run.state in ENDED_EARLY:
        cut = "; its log ends inside a record" if run.truncated else ""
        yield Finding("state", f"{run.state}{where}{cut}", start=run.last_step)
    if not rows:
        yield Finding("state", f"{run.state}, and logged no row")

"""From runs to what is odd about each: every row is read, nothing is sampled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

from wandb_plot.errors import UsageError
from wandb_plot.model.formatting import number_text, plain_number
from wandb_plot.model.history import History
from wandb_plot.model.listener import Listener
from wandb_plot.model.queries.filters import compare
from wandb_plot.model.queries.metric_selection import is_plain
from wandb_plot.model.queries.run_query import parse_condition
from wandb_plot.model.run import ENDED_EARLY, Run
from wandb_plot.numbers.findings.health import Finding, find_odd
from wandb_plot.numbers.reductions import NOT_LOGGED, Reduced, split_metric
from wandb_plot.sources.map_runs import map_runs
from wandb_plot.sources.source import Source


class FindingDocument(TypedDict):
    """One finding in `check --json`; what doesn't apply is null."""

    kind: str
    metric: str | None
    start: float | None
    stop: float | None
    value: float | None
    points: int | None
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
class Checked:
    """What was found about one run.

    Attributes:
        run: the run.
        rows: rows of its history, all of which were read.
        metrics: how many metrics of the user's own were looked at.
        findings: in the order of metrics, those of the run as a whole first.
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
                    "text": one.text,
                }
                for one in self.findings
            ],
        }


@dataclass(frozen=True)
class Rule:
    """What shall hold of one number of every run.

    Attributes:
        text: as the user wrote it.
        key: `METRIC:REDUCTION`.
        operator: such as `$lt`.
        value: what the number is compared with.
    """

    text: str
    key: str
    operator: str
    value: float

    def finding(self, history: History) -> Finding | None:
        """That it doesn't hold of a history; None where it does."""
        metric, reduction = split_metric(self.key, history.columns)
        column = history.columns.get(metric)
        reduced = reduction.reduce(column.steps, column.values) if column else Reduced(None, NOT_LOGGED)
        if reduced.value is None:
            return Finding("rule", f"{self.text} can't be told: {reduced.reason}", metric)
        if compare(self.operator, reduced.value, self.value):
            return None
        text = f"{self.text} doesn't hold: {metric}:{reduction} is {number_text(reduced.value, 6)}"
        return Finding("rule", text, metric, value=reduced.value)


def parse_rule(text: str) -> Rule:
    """Understand `METRIC:REDUCTION OP NUMBER`.

    Raises:
        UsageError: it has no such form.
    """
    found = parse_condition(text)
    if isinstance(found.value, bool) or not isinstance(found.value, (int, float)):
        raise UsageError(f"--rule {text!r} compares with no number", hint="write one such as 'val/loss:last<0.5'")
    split_metric(found.key, ())
    return Rule(text, found.key, found.operator, found.value)


def check_runs(source: Source, runs: Sequence[Run], rules: Sequence[Rule], listener: Listener) -> Iterator[Checked]:
    """Look at every number of each run, one run after the other."""
    for number, checked in enumerate(map_runs(source, runs, partial(_check_run, rules), warn=listener.warn), 1):
        listener.progress(f"checked {number} of {len(runs)} runs")
        yield checked


def _check_run(rules: Sequence[Rule], source: Source, run: Run) -> Checked:
    history = source.history(run, None)
    metrics = sum(is_plain(name) for name in history.columns)
    broken = [finding for rule in rules if (finding := rule.finding(history))]
    return Checked(run, history.rows, metrics, [*_of_run(run, history.rows), *broken, *find_odd(history)])


def _plain(place: float | None) -> float | None:
    return None if place is None else plain_number(place)


def _of_run(run: Run, rows: int) -> Iterator[Finding]:
    where = "" if run.last_step is None else f" after step {run.last_step}"
    if run.state in ENDED_EARLY:
        cut = "; its log ends inside a record" if run.truncated else ""
        yield Finding("state", f"{run.state}{where}{cut}", start=run.last_step)
    if not rows:
        yield Finding("state", f"{run.state}, and logged no row")

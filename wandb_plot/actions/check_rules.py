"""Conditions of the user's own for `check`: on a number of each run, or that a metric goes on improving."""

from dataclasses import dataclass

from wandb_plot.basics.formatting import number_text, plain_number
from wandb_plot.errors import UsageError
from wandb_plot.model.history import History
from wandb_plot.model.queries.filters import operator_holds
from wandb_plot.model.queries.run_query import parse_condition
from wandb_plot.numbers.findings.health import Finding
from wandb_plot.numbers.reductions import NOT_LOGGED, Reduced, Reduction, split_metric

_DIGITS = 6


@dataclass(frozen=True)
class Rule:
    """A condition on one number of every run.

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
        """A finding where a history doesn't meet it, or can't be judged; None where it does."""
        metric, reduction, reduced = _reduced(self.key, history)
        if reduced.value is None:
            return Finding("rule", f"{self.text} can't be told: {reduced.reason}", metric)
        if operator_holds(self.operator, reduced.value, self.value):
            return None
        text = f"{self.text} doesn't hold: {metric}:{reduction} is {number_text(reduced.value, _DIGITS)}"
        return Finding("rule", text, metric, value=reduced.value)


@dataclass(frozen=True)
class Stall:
    """A limit to how many steps may pass without a new best value of a metric.

    Attributes:
        key: `METRIC:min` or `METRIC:max`.
        steps: from the best value to the last point, at most.
    """

    key: str
    steps: float

    def finding(self, history: History) -> Finding | None:
        """A finding where the best value is at least so many steps ago, or there is none; else None."""
        metric, reduction, reduced = _reduced(self.key, history)
        if reduced.value is None:
            return Finding("stall", f"no {self.key}: {reduced.reason}", metric)
        column = history.columns[metric]
        best_step, last_step = float(column.steps[column.values == reduced.value][0]), float(column.steps[-1])
        if last_step - best_step < self.steps:
            return None
        best = number_text(reduced.value, _DIGITS)
        text = (
            f"no new {reduction} for {plain_number(last_step - best_step)} steps: {best} at step "
            f"{plain_number(best_step)}, the last step is {plain_number(last_step)}"
        )
        points = int((column.steps > best_step).sum())
        return Finding("stall", text, metric, best_step, last_step, reduced.value, points)


def parse_rule(text: str) -> Rule:
    """Parse `METRIC:REDUCTION OP NUMBER`.

    Raises:
        UsageError: it has no such form.
    """
    found = parse_condition(text)
    if isinstance(found.value, bool) or not isinstance(found.value, (int, float)):
        raise UsageError(f"--rule {text!r} compares with no number", hint="write one such as 'val/loss:last<0.5'")
    split_metric(found.key, ())
    return Rule(text, found.key, found.operator, found.value)


def parse_stall(text: str) -> Stall:
    """Parse `METRIC:min=STEPS` or `METRIC:max=STEPS`.

    Raises:
        UsageError: it has no such form.
    """
    found = parse_condition(text)
    is_count = isinstance(found.value, (int, float)) and not isinstance(found.value, bool) and found.value > 0
    if found.operator != "$eq" or not is_count or not found.key.endswith((":min", ":max")):
        raise UsageError(
            f"--stall {text!r} is not METRIC:min=STEPS or METRIC:max=STEPS",
            hint="write --stall val/loss:min=1000 where a new least val/loss is due every 1000 steps",
        )
    return Stall(found.key, found.value)


def _reduced(key: str, history: History) -> tuple[str, Reduction, Reduced]:
    metric, reduction = split_metric(key, history.columns)
    column = history.columns.get(metric)
    return metric, reduction, reduction.reduce(column.steps, column.values) if column else Reduced(None, NOT_LOGGED)

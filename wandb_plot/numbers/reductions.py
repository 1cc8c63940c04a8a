"""Reductions: from a history to one number, as `METRIC:REDUCTION` names it.

All are over the finite points of one metric of one run, in the order of steps, but for `nan`. Where a reduction has no
value, a reason says why: none is left out silently.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

from wandb_plot.basics.formatting import plain_number
from wandb_plot.errors import UsageError
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.scaling import scaled, unscaled
from wandb_plot.numbers.statistics import statistics_of

NOT_LOGGED = "not logged"
NOT_FINITE = "no finite value"


def _median(values: FloatArray) -> float:
    within, excess = scaled(values)
    return float(unscaled(np.asarray(np.median(within)), excess))


def _mean_height(steps: FloatArray, values: FloatArray) -> float:
    """The area under the line divided by its length."""
    within, excess = scaled(values)
    return float(unscaled(np.asarray(np.trapezoid(within, steps) / (steps[-1] - steps[0])), excess))


# Reductions of a finite history, by the value they give; None where there is none.
_PLAIN: dict[str, Callable[[FloatArray, FloatArray], float | None]] = {
    "last": lambda _, y: y[-1],
    "first": lambda _, y: y[0],
    "min": lambda _, y: y.min(),
    "max": lambda _, y: y.max(),
    "mean": lambda x, y: statistics_of(x, y)["mean"],
    "median": lambda _, y: _median(y),
    "std": lambda x, y: statistics_of(x, y)["std"],
    "argmin": lambda x, y: x[np.argmin(y)],
    "argmax": lambda x, y: x[np.argmax(y)],
    "auc": lambda x, y: _mean_height(x, y) if len(x) > 1 else None,
}
_DESCRIPTIONS = {
    "last": "the last finite value",
    "first": "the first finite value",
    "min": "the minimum",
    "max": "the maximum",
    "std": "the standard deviation",
    "argmin": "the step of the minimum",
    "argmax": "the step of the maximum",
    "auc": "the area under the line divided by its length",
    "count": "the number of finite points",
    "nan": "the number of NaN points",
    "at": "the last value at or before step {}",
    "tail": "the mean of the last {} finite points",
    "first-below": "the first step below {}",
    "first-above": "the first step above {}",
}
_COUNTS = ("count", "nan")
_WITH_ARGUMENT = {"at": "STEP", "tail": "K", "first-below": "X", "first-above": "X"}

KNOWN = (*_PLAIN, *_COUNTS, *(f"{name}:{argument}" for name, argument in _WITH_ARGUMENT.items()))
_NAMES = (*_PLAIN, *_COUNTS, *_WITH_ARGUMENT)

# The reductions that give a step, which `%.6g` would round.
_OF_STEPS = ("argmin", "argmax", "first-below", "first-above")

_REASONS = {"std": "fewer than 2 values", "auc": "fewer than 2 values", "at": "nothing at or before that step"}
NAMED_REDUCTION = re.compile(rf"(?P<metric>.+?):(?P<reduction>(?:{'|'.join(_NAMES)})(?::[^:]*)?)", re.DOTALL)


@dataclass(frozen=True)
class Reduced:
    """What a reduction gives.

    Attributes:
        value: a finite number; None where there is none.
        reason: why there is none; empty where there is one.
        diverged: whether the metric ends in NaN or infinity, which a number of its finite points doesn't show.
    """

    value: int | float | None
    reason: str = ""
    diverged: bool = False


def missing_by_reason(reduced: Mapping[str, Reduced]) -> dict[str, list[str]]:
    """The runs without a value, by the reason why there is none.

    Args:
        reduced: what a reduction gives of each run, by run id.
    """
    missing: dict[str, list[str]] = {}
    for run_id, one in reduced.items():
        if one.value is None:
            missing.setdefault(one.reason, []).append(run_id)
    return missing


@dataclass(frozen=True)
class Reduction:
    """One way to make one number of a history.

    Attributes:
        name: such as `min`.
        argument: the step of `at`, the K of `tail`, the threshold of `first-below` and `first-above`.
    """

    name: str = "last"
    argument: float | None = None

    def __str__(self) -> str:
        return self.name if self.argument is None else f"{self.name}:{plain_number(self.argument)}"

    @property
    def description(self) -> str:
        """What it gives, to stand before `of each run`."""
        return _DESCRIPTIONS.get(self.name, f"the {self.name}").format(plain_number(self.argument or 0.0))

    def reduce(self, steps: FloatArray, values: FloatArray) -> Reduced:
        """The number that it makes of a metric.

        Args:
            steps: shape (n,), ascending.
            values: shape (n,); NaN and infinities where they were logged.
        """
        finite = np.isfinite(values)
        value, reason = self._reduce(steps, values, finite)
        return Reduced(value, reason, diverged=bool(len(values)) and not bool(finite[-1]))

    def _reduce(
        self, steps: FloatArray, values: FloatArray, finite: npt.NDArray[np.bool_]
    ) -> tuple[int | float | None, str]:
        if self.name == "nan":
            return int(np.count_nonzero(np.isnan(values))), ""
        steps, values = steps[finite], values[finite]
        if self.name == "count":
            return len(values), ""
        if not len(values):
            return None, NOT_FINITE
        number = _PLAIN[self.name](steps, values) if self.argument is None else self._of_argument(steps, values)
        if number is None:
            return None, _REASONS.get(self.name) or "threshold not reached"
        return plain_number(number) if self.name in _OF_STEPS else float(number), ""

    def _of_argument(self, steps: FloatArray, values: FloatArray) -> float | None:
        argument = self.argument or 0.0
        if self.name == "tail":
            return statistics_of(steps[-int(argument) :], values[-int(argument) :])["mean"]
        if self.name == "at":
            before = values[steps <= argument]
            return float(before[-1]) if len(before) else None
        reached = np.flatnonzero(values < argument if self.name == "first-below" else values > argument)
        return float(steps[reached[0]]) if len(reached) else None


def parse_reduction(text: str) -> Reduction:
    """Parse what follows the colon of a metric.

    Raises:
        UsageError: there is no such reduction, or its argument is missing or no number.
    """
    name, colon, argument = text.partition(":")
    if name not in _NAMES:
        near = get_close_matches(name, _NAMES, 3)
        raise UsageError(
            f"there is no reduction {name!r}", hint=f"the reductions are {', '.join(KNOWN)}", candidates=near or KNOWN
        )
    wanted = _WITH_ARGUMENT.get(name)
    if wanted is None:
        if colon:
            raise UsageError(f"reduction {name} takes no argument, and {text!r} has one", hint=f"write METRIC:{name}")
        return Reduction(name)
    number = _number(argument)
    if number is None or (name == "tail" and (number < 1 or number % 1)):
        kind = "a whole number from 1 on" if name == "tail" else "a number"
        raise UsageError(f"reduction {name} takes {kind}: {text!r}", hint=f"write METRIC:{name}:{wanted}")
    return Reduction(name, number)


def split_metric(text: str, names: Collection[str]) -> tuple[str, Reduction]:
    """The metric and the reduction of `METRIC:REDUCTION`; `last` where no reduction is named.

    Args:
        text: as a user writes it. An exact metric name is tried before a colon splits it, longer names before shorter.
        names: of the metrics that there are. Where none fits, the text is split before what is a reduction.

    Raises:
        UsageError: what follows the metric is no reduction.
    """
    if text in names:
        return text, Reduction()
    for at in sorted((found.start() for found in re.finditer(":", text)), reverse=True):
        if text[:at] in names:
            return text[:at], parse_reduction(text[at + 1 :])
    found = NAMED_REDUCTION.fullmatch(text)
    return (found["metric"], parse_reduction(found["reduction"])) if found else (text, Reduction())


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None

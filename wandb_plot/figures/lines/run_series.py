"""From histories to series: one metric of one run over the chosen axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from wandb_plot.figures.axes import axis_values
from wandb_plot.figures.lines.series_findings import SeriesFindings, findings_of
from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.model.run import Run
from wandb_plot.numbers.findings.events import NonFinite, non_finite_end

# A run that logs at other steps has its last one up to one interval earlier; half an interval is added for safety.
_TOLERANCE = 1.5

Histories = Sequence[tuple[Run, History]]


@dataclass(frozen=True, eq=False)
class HistoryWithFindings(History):
    """A history that was looked at where it was read, which may have been another process.

    Attributes:
        findings: what the numbers of its metrics do over steps, by name.
    """

    findings: Mapping[str, SeriesFindings] = field(default_factory=dict)


def with_findings(history: History, names: Sequence[str]) -> HistoryWithFindings:
    """The history with the findings of those of `names` that have numbers."""
    columns = [history.columns[name] for name in names if name in history.columns]
    findings = {one.name: findings_of(one.steps, one.values) for one in columns if one.is_numeric and len(one.steps)}
    return HistoryWithFindings(history.columns, history.rows, history.system_rows, history.sampled, findings)


@dataclass(frozen=True, eq=False)
class RunSeries:
    """One metric of one run over the axis.

    Attributes:
        column: all of its numbers, on steps.
        x: shape (n,), n > 0, finite; those numbers that the axis has no place for are left out.
        values: shape (n,), as logged.
        sampled: whether only a sample of the logged points was read.
        known_findings: what `findings` is, where that was found already.
    """

    run: Run
    column: Column
    x: FloatArray
    values: FloatArray
    sampled: bool
    known_findings: SeriesFindings | None = None

    @property
    def metric(self) -> str:
        """Its logged name."""
        return self.column.name

    @property
    def y(self) -> FloatArray:
        """The values, with NaN for those that can't be drawn."""
        finite = np.isfinite(self.values)
        return self.values if finite.all() else np.where(finite, self.values, np.nan)

    @cached_property
    def findings(self) -> SeriesFindings:
        """What all of its numbers do, over steps."""
        return self.known_findings or findings_of(self.column.steps, self.column.values)

    @property
    def non_finite_end(self) -> NonFinite | None:
        """The NaN or infinite values that it ends with, if it does; they may be all it has."""
        return non_finite_end(self.x, self.values)

    def ends_before(self, step: float) -> bool:
        """Whether its last step lies more than one and a half of its usual steps before `step`.

        Steps are compared, not runtimes: runs of equal length end at one step, but after different times.
        """
        steps = self.column.steps
        usual = float(np.median(np.diff(steps))) if len(steps) > 1 else 0.0
        return bool(steps[-1] + _TOLERANCE * usual < step)


def run_series(metrics: Sequence[str], histories: Histories, x_axis: str) -> tuple[list[RunSeries], list[str]]:
    """The series of every metric, run by run, and a warning for each that has nothing to draw, or not all of it.

    Raises:
        UsageError: a metric has no such axis.
    """
    found = []
    warnings = []
    for metric in metrics:
        for run, history in histories:
            findings = history.findings if isinstance(history, HistoryWithFindings) else {}
            column = history.columns.get(metric)
            if column is None or not column.is_numeric:
                warnings.append(f"{run} has no numbers of {metric}")
                continue
            x = axis_values(run, history, column, x_axis)
            known = np.isfinite(x)
            if not known.all():
                warnings.append(
                    f"{run}: {np.sum(~known)} of {len(known)} points of {metric} have no {x_axis} and are left out"
                )
            if known.any():
                # Arrays that are whole are not copied: there may be thousands of runs.
                kept = (x, column.values) if known.all() else (x[known], column.values[known])
                found.append(RunSeries(run, column, *kept, metric in history.sampled, findings.get(metric)))
    return found, warnings

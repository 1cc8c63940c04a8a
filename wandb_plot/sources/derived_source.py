"""A source whose runs have metrics that are derived from logged ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from wandb_plot.basics.dotted_names import nested
from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.model.metrics import NUMERIC
from wandb_plot.model.run import Project, Run, RunFile
from wandb_plot.numbers.expressions import Expression
from wandb_plot.sources.source_protocol import Choose, LoggedMetrics, Source, Warn, WorkerAccess, read_in_turn

if TYPE_CHECKING:
    from wandb_plot.model.queries.run_query import RunQuery


@dataclass(frozen=True)
class DerivedOpener:
    """Opens a source with derived metrics in a worker."""

    open: Callable[[Warn], Source]
    definitions: Mapping[str, Expression]

    def __call__(self, warn: Warn) -> "DerivedSource":
        """The source with the derived metrics."""
        return DerivedSource(self.open(warn), self.definitions, warn=warn)


class DerivedSource:
    """A source whose runs have further metrics, each given by a formula over those that were logged.

    A derived metric has a point at every step at which all of its metrics have one. These are read in full, as samples
    of two metrics need not share a step.

    Args:
        source: holds the runs; closed with this one.
        definitions: by name, the formula of each derived metric.
        warn: told how many points are left out, as another metric has none at their step.
    """

    def __init__(self, source: Source, definitions: Mapping[str, Expression], *, warn: Warn) -> None:
        self._source = source
        self._definitions = definitions
        self._warn = warn

    @property
    def entity(self) -> str | None:
        """Owner of the project."""
        return self._source.entity

    @property
    def project(self) -> str | None:
        """Its name."""
        return self._source.project

    @property
    def named_run(self) -> str | None:
        """The run that PROJECT names."""
        return self._source.named_run

    @property
    def worker_access(self) -> WorkerAccess | None:
        """As the source has it, with the derived metrics."""
        inner = self._source.worker_access
        return inner and replace(inner, open=DerivedOpener(inner.open, self._definitions))

    def __enter__(self) -> Self:
        self._source.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._source.__exit__(*exc)

    def projects(self, limit: int) -> list[Project]:
        """As the source has them."""
        return self._source.projects(limit)

    def runs(self, query: "RunQuery") -> list[Run]:
        """As the source has them."""
        return self._source.runs(query)

    def find(self, *names: str) -> list[Run]:
        """As the source has them."""
        return self._source.find(*names)

    def files(self, run: Run) -> list[RunFile]:
        """As the source has them."""
        return self._source.files(run)

    def environment(self, run: Run) -> dict[str, Any]:
        """As the source has it."""
        return self._source.environment(run)

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:
        """As the source does."""
        self._source.fetch(run, file, target)

    def metric_types(self, run: Run) -> dict[str, str]:
        """The logged metrics, and those derived ones whose metrics were all logged."""
        types = self._source.metric_types(run)
        known = {name: NUMERIC for name, formula in self._definitions.items() if types.keys() >= set(formula.metrics)}
        return dict(sorted((types | known).items()))

    def read(self, run: Run, choose: Choose, *, samples: int | None = None, over: str | None = None) -> LoggedMetrics:
        """The metric types, and what is chosen by them; a formula's metrics are known by the types only."""
        return read_in_turn(self, run, choose, samples=samples, over=over)

    def history(
        self, run: Run, metrics: Sequence[str] | None, *, samples: int | None = None, over: str | None = None
    ) -> History:
        """The numbers of `metrics`, derived ones among them; None for all that were logged and all that are derived.

        Raises:
            NotFoundError: the run's config lacks a key that a formula names.
            UsageError: a formula mixes the system stream with other metrics, or a config value is no number.
        """
        names = [name for name in self._definitions if metrics is None or name in metrics]
        if not names:
            return self._source.history(run, metrics, samples=samples, over=over)
        logged = None if metrics is None else [name for name in metrics if name not in names]
        inputs = sorted({metric for name in names for metric in self._definitions[name].metrics})
        logged_axis = None if over in names else over
        history = History({}, 0)
        if logged != []:
            history = self._source.history(run, logged, samples=samples, over=logged_axis)
        # The derived metrics are drawn over the same axis, so it is read in full with them.
        axis = [logged_axis] if logged_axis else []
        exact = self._source.history(run, sorted({*inputs, *axis}))
        columns = {**history.columns, **{name: exact.columns[name] for name in axis if name in exact.columns}}
        for name in names:
            if all(metric in exact.columns for metric in self._definitions[name].metrics):
                columns[name] = self._derive(name, run, exact)
        return replace(
            exact,
            columns=dict(sorted(columns.items())),
            system_rows=max(history.system_rows, exact.system_rows),
            rows=max(history.rows, exact.rows),
            sampled=history.sampled - set(axis),
        )

    def _derive(self, name: str, run: Run, history: History) -> Column:
        formula = self._definitions[name]
        columns = [history.columns[metric] for metric in formula.metrics]
        if len({column.is_system for column in columns}) > 1:
            raise UsageError(
                f"{name} mixes the system stream, which has no steps, with other metrics",
                hint="use metrics of one kind in a formula",
            )
        steps = columns[0].steps
        for column in columns[1:]:
            steps = steps[np.isin(steps, column.steps)]
        self._tell_left_out(name, run, columns, len(steps))
        values = {column.name: column.values[np.isin(column.steps, steps)] for column in columns}
        result = formula.evaluate(values, {key: _number(run, key, name) for key in formula.config_keys})
        begun = _first_value(result, list(values.values()))
        steps, result = steps[begun:], result[begun:]
        return Column(name, NUMERIC, steps, result, int(np.count_nonzero(~np.isnan(result))), columns[0].is_system)

    def _tell_left_out(self, name: str, run: Run, columns: Sequence[Column], kept: int) -> None:
        told = [
            f"{len(column.steps) - kept} of {len(column.steps)} points of {column.name}"
            for column in columns
            if len(column.steps) > kept
        ]
        if told:
            self._warn(
                f"{run}: {name} has {kept} points; left out, as other metrics have none there: {', '.join(told)}"
            )


def _first_value(result: FloatArray, inputs: Sequence[FloatArray]) -> int:
    """Where the result begins: a difference has no value at the first of its points."""
    undefined = np.isnan(result) & np.logical_and.reduce([np.isfinite(values) for values in inputs])
    return int(np.argmin(undefined)) if not undefined.all() else 0


def _number(run: Run, key: str, name: str) -> float:
    value = nested(run.config, key)
    if value is None:
        raise NotFoundError(
            f"{run} has no config.{key}, which {name} needs",
            hint="see a run's keys with: wandb-plot runs PROJECT --json --fields config",
            code="metric_not_found",
        )
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"config.{key} of {run} is {value!r}, no number", hint=f"{name} needs a number there")
    return float(value)

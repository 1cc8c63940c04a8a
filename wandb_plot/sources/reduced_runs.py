"""One number of each of many runs, read from their histories: every logged point, never a sample."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.history import History
from wandb_plot.model.queries.keys import ATTRIBUTES
from wandb_plot.model.queries.metric_selection import MetricSelection, is_plain, merge_types
from wandb_plot.model.queries.regular_expressions import is_glob
from wandb_plot.model.run import Run
from wandb_plot.numbers.expressions import is_one_term, split_definition
from wandb_plot.numbers.reductions import NAMED_REDUCTION, NOT_LOGGED, Reduced, Reduction, split_metric
from wandb_plot.sources.derived_metrics import NamedMetrics, add_derived
from wandb_plot.sources.map_runs import map_runs
from wandb_plot.sources.source_protocol import Source, Warn

_SHOWN = 8

# Why a run has no number where its worker died.
_LOST = "could not be read"


@dataclass(frozen=True)
class ReducedMetric:
    """A metric with the reduction that makes one number of it.

    Attributes:
        text: what the user calls it, such as `val/loss:min`; of a derived metric its name and the reduction.
    """

    text: str
    metric: str
    reduction: Reduction


@dataclass(frozen=True)
class ReducedRuns:
    """Numbers of runs.

    Attributes:
        metrics: in the order asked for.
        by_run: by run id, what each of `metrics` gives.
    """

    metrics: Sequence[ReducedMetric]
    by_run: Mapping[str, Sequence[Reduced]]

    def column(self, index: int) -> dict[str, Reduced]:
        """What one of `metrics` gives, by run id."""
        return {run_id: row[index] for run_id, row in self.by_run.items()}


def reduce_runs(
    source: Source, runs: Sequence[Run], texts: Sequence[str], *, lists: bool = False, warn: Warn
) -> ReducedRuns:
    """Read what `texts` name of each of `runs`.

    Args:
        source: that the runs are from.
        runs: at least one; the history of each is read once, and only the metrics that are needed.
        texts: each `METRIC`, `METRIC:REDUCTION`, `NAME = EXPRESSION` or `NAME = (EXPRESSION):REDUCTION`.
        lists: whether a text may also be a list of these with commas between, and a metric a glob.
        warn: told how many points are left out, as another metric of a formula has none at their step.

    Raises:
        NotFoundError: no run has logged a metric.
        UsageError: there is no such reduction, or a formula can't be understood.
    """
    types: dict[str, Mapping[str, str]] = {}
    numbers: dict[str, dict[ReducedMetric, Reduced]] = {}
    for run, (types_of_run, numbers_of_run) in map_runs(source, runs, partial(_look, texts, lists), warn=warn):
        types[run.id], numbers[run.id] = types_of_run, numbers_of_run
    named, metrics = _named(source, texts, merge_types(types.values()), lists=lists, warn=warn)
    unread = [run for run in runs if run.id in types]
    if named.source is source:
        # A text may mean something else once all runs are known: `loss:min` is a metric if any run logged that name.
        unread = [run for run in unread if not _has_all(numbers[run.id], metrics, types[run.id])]
    for run, numbers_of_run in map_runs(named.source, unread, partial(_reduce_run, metrics), warn=warn):
        numbers[run.id] = numbers_of_run
    nothing = dict.fromkeys(metrics, Reduced(None, _LOST))
    by_run = {run.id: numbers.get(run.id, nothing) for run in runs}
    return ReducedRuns(
        metrics,
        {
            run_id: [_explained(metric, of_run.get(metric), types.get(run_id, {})) for metric in metrics]
            for run_id, of_run in by_run.items()
        },
    )


def _named(
    source: Source, texts: Sequence[str], logged: Mapping[str, str], *, lists: bool, warn: Warn
) -> tuple[NamedMetrics, list[ReducedMetric]]:
    """What `texts` name among all that was logged."""
    if lists:
        listed = [one for text in texts for one in _listed(text, logged)]
        texts = list(dict.fromkeys(metric for one in listed for metric in _expanded(one, logged)))
    apart = [_apart(text, logged) for text in texts]
    named = add_derived(source, [text for text, _ in apart], logged, warn=warn)
    metrics = [
        ReducedMetric(name + suffix, *split_metric(name + suffix, named.types))
        for name, (_, suffix) in zip(named.texts, apart, strict=True)
    ]
    for metric in metrics:
        if metric.metric not in named.types:
            raise _missing(metric.metric, logged)
    return named, metrics


def _look(
    texts: Sequence[str], lists: bool, source: Source, run: Run
) -> tuple[Mapping[str, str], dict[ReducedMetric, Reduced]]:
    """The type of every metric of one run, and what `texts` give as far as that run alone tells what they mean."""
    logged = source.read(run, lambda types: _names_of(_meant(texts, lists, types)))
    return logged.types, _reduced(_meant(texts, lists, logged.types), logged.history)


def _meant(texts: Sequence[str], lists: bool, types: Mapping[str, str]) -> list[ReducedMetric]:
    """What `texts` name of a run with metrics of these types; nothing where they define one, which all runs decide."""
    if any(text not in types and split_definition(text) for text in texts):
        return []
    if lists:
        texts = [one for text in texts for one in _listed(text, types)]
    metrics: list[ReducedMetric] = []
    for text in texts:
        with suppress(NotFoundError, UsageError):
            expanded = _expanded(text, types) if lists else [text]
            metrics += [ReducedMetric(one, *split_metric(one, types)) for one in expanded]
    return [metric for metric in metrics if metric.metric in types]


def _has_all(
    numbers: Mapping[ReducedMetric, Reduced], metrics: Sequence[ReducedMetric], types: Mapping[str, str]
) -> bool:
    return all(metric in numbers or metric.metric not in types for metric in metrics)


def _reduce_run(metrics: Sequence[ReducedMetric], source: Source, run: Run) -> dict[ReducedMetric, Reduced]:
    """What each of `metrics` gives of one run."""
    names = _names_of(metrics)
    return _reduced(metrics, source.history(run, names)) if names else {}


def _names_of(metrics: Sequence[ReducedMetric]) -> list[str]:
    return sorted({metric.metric for metric in metrics})


def _reduced(metrics: Sequence[ReducedMetric], history: History) -> dict[ReducedMetric, Reduced]:
    columns = history.columns
    return {
        metric: metric.reduction.reduce(column.steps, column.values)
        if (column := columns.get(metric.metric)) and column.is_numeric
        else Reduced(None, NOT_LOGGED)
        for metric in metrics
    }


def _explained(metric: ReducedMetric, reduced: Reduced | None, types: Mapping[str, str]) -> Reduced:
    """What isn't there as a number may have been logged as something else."""
    reduced = reduced or Reduced(None, NOT_LOGGED)
    logged_as = types.get(metric.metric)
    return Reduced(None, f"logged as {logged_as}") if reduced.reason == NOT_LOGGED and logged_as else reduced


def _listed(text: str, logged: Mapping[str, str]) -> list[str]:
    """The texts of a list with commas between; a metric's name and a formula are one, whatever they hold."""
    return [text] if text in logged or split_definition(text) else list(filter(None, map(str.strip, text.split(","))))


def _expanded(text: str, logged: Mapping[str, str]) -> list[str]:
    """The numeric metrics that a glob matches, each with its reduction; any other text itself."""
    found = NAMED_REDUCTION.fullmatch(text)
    glob, suffix = (found["metric"], ":" + found["reduction"]) if found else (text, "")
    if {text, glob} & logged.keys() or not is_glob(glob) or split_definition(text):
        return [text]
    names, missing = MetricSelection(logged).find(glob)
    if missing:
        raise missing[0]
    return [name + suffix for name in names]


def _apart(text: str, logged: Mapping[str, str]) -> tuple[str, str]:
    """A definition without its reduction, and the reduction with its colon; any other text whole.

    Raises:
        UsageError: the reduction could be meant for the last metric of the formula alone.
    """
    definition = None if text in logged else split_definition(text)
    found = NAMED_REDUCTION.fullmatch(definition[1].strip()) if definition else None
    if not definition or not found:
        return text, ""
    name, (formula, reduction) = definition[0], found.groups()
    if not is_one_term(formula):
        raise UsageError(
            f"{text!r}: is :{reduction} of the whole formula, or of its last metric?",
            hint=f"of the whole: '{name} = ({formula}):{reduction}'; inside a formula there are no reductions, and "
            "cummin(METRIC) and cummax(METRIC) are the extremes so far",
        )
    return f"`{name}` = {formula}", ":" + reduction


def _missing(name: str, logged: Mapping[str, str]) -> NotFoundError:
    plain = [metric for metric in logged if is_plain(metric)]
    near = [metric for metric in plain if name.casefold() in metric.casefold()]
    return NotFoundError(
        f"no run has a metric {name!r}",
        hint="list the metrics with: wandb-plot metrics PROJECT all; "
        "keys of runs are config.KEY, summary.KEY, state, name, ...",
        candidates=list(dict.fromkeys([*near, *get_close_matches(name, [*plain, *ATTRIBUTES], _SHOWN)]))[:_SHOWN],
        code="metric_not_found",
    )

"""One number of each of many runs, read from their histories: every logged point, never a sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.queries.keys import ATTRIBUTES
from wandb_plot.model.queries.metric_selection import MetricSelection, is_plain, merge_types
from wandb_plot.model.run import Run
from wandb_plot.numbers.expressions import is_one_term, split_definition
from wandb_plot.numbers.reductions import NAMED_REDUCTION, NOT_LOGGED, Reduced, Reduction, split_metric
from wandb_plot.sources.derived_metrics import add_derived
from wandb_plot.sources.map_runs import map_runs, types_of
from wandb_plot.sources.source import Source, Warn

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
        warn: told how many points of a derived metric have no partner.

    Raises:
        NotFoundError: no run has logged a metric.
        UsageError: there is no such reduction, or a formula can't be understood.
    """
    types = {run.id: types for run, types in map_runs(source, runs, types_of, warn=warn)}
    logged = merge_types(types.values())
    if lists:
        texts = list(dict.fromkeys(one for text in texts for one in _expanded(text, logged)))
    apart = [_apart(text, logged) for text in texts]
    named = add_derived(source, [text for text, _ in apart], logged, warn=warn)
    metrics = [
        ReducedMetric(name + suffix, *split_metric(name + suffix, named.types))
        for name, (_, suffix) in zip(named.texts, apart, strict=True)
    ]
    for metric in metrics:
        if metric.metric not in named.types:
            raise _missing(metric.metric, logged)
    wanted = sorted({metric.metric for metric in metrics})
    read = [run for run in runs if run.id in types]
    by_run = {run.id: [Reduced(None, _LOST)] * len(metrics) for run in runs}
    for run, row in map_runs(named.source, read, partial(_reduce_run, metrics, wanted), warn=warn):
        by_run[run.id] = [_explained(metric, one, types[run.id]) for metric, one in zip(metrics, row, strict=True)]
    return ReducedRuns(metrics, by_run)


def _reduce_run(metrics: Sequence[ReducedMetric], wanted: Sequence[str], source: Source, run: Run) -> Sequence[Reduced]:
    columns = source.history(run, wanted).columns
    return [
        metric.reduction.reduce(column.steps, column.values)
        if (column := columns.get(metric.metric)) and column.is_numeric
        else Reduced(None, NOT_LOGGED)
        for metric in metrics
    ]


def _explained(metric: ReducedMetric, reduced: Reduced, types: Mapping[str, str]) -> Reduced:
    """What isn't there as a number may have been logged as something else."""
    kind = types.get(metric.metric)
    return Reduced(None, f"logged as {kind}") if reduced.reason == NOT_LOGGED and kind else reduced


def _expanded(text: str, logged: Mapping[str, str]) -> list[str]:
    """The metrics of a list, each glob of it replaced by the numeric metrics that match, with its reduction."""
    if text in logged or split_definition(text):
        return [text]
    expanded: list[str] = []
    for part in filter(None, map(str.strip, text.split(","))):
        found = NAMED_REDUCTION.fullmatch(part)
        glob, suffix = (found["metric"], ":" + found["reduction"]) if found else (part, "")
        if {part, glob} & logged.keys() or not any(symbol in glob for symbol in "*?["):
            expanded.append(part)
            continue
        names, missing = MetricSelection(logged).find(glob)
        if missing:
            raise missing[0]
        expanded += [name + suffix for name in names]
    return expanded


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

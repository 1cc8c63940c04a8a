"""Compares two sides, a baseline and a candidate, by one number per run; never read from a sample."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wandb_plot.actions.comparison.notes import comparison_notes
from wandb_plot.actions.comparison.result import Compared, Side, strata_of
from wandb_plot.actions.comparison.run_pairs import Pair, pair_runs
from wandb_plot.basics.formatting import names_text
from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.queries.keys import split_key
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.model.queries.run_query import is_filter
from wandb_plot.model.run import Run
from wandb_plot.numbers.cell_kinds import Direction
from wandb_plot.numbers.comparison import compare_numbers
from wandb_plot.numbers.reductions import missing_by_reason
from wandb_plot.sources.reduced_runs import ReducedRuns, reduce_runs
from wandb_plot.sources.run_cautions import cautions
from wandb_plot.sources.selection.select_runs import find_sides
from wandb_plot.sources.source_protocol import Source

_OPTIONS = ("--baseline", "--candidate")


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """What `compare` was asked for.

    Attributes:
        baseline: filters and names of the runs to compare with: of the named runs, those that meet all filters.
        candidate: likewise, of the runs that may be better.
        metric: `METRIC:REDUCTION`.
        better: the direction in which it gets better.
        pair_by: a key of runs; runs of both sides with the same value of it are compared with one another.
        filters: for both sides.
        states: runs of both sides are in one of these; empty for any state.
    """

    baseline: Sequence[str]
    candidate: Sequence[str]
    metric: str
    better: Direction
    pair_by: str | None = None
    filters: Sequence[str] = ()
    states: Sequence[str] = ()


def compare_runs(source: Source, request: CompareRequest, listener: Listener) -> Compared:
    """Choose the runs of both sides, reduce each to its number, and compare.

    Raises:
        NotFoundError: a side has no run, or no run with the number; or no run has the key that pairs.
        UsageError: a run is on both sides, or a filter or reduction can't be understood.
    """
    sides, notes = _choose_sides(source, request, listener)
    runs = [run for side in sides for run in side]
    listener.progress(f"reading the histories of {len(runs)} runs")
    reduced = reduce_runs(source, runs, [request.metric], warn=listener.warn)
    metric = reduced.metrics[0]
    notes = [f"{metric.text} is {metric.reduction.description} of each run.", *notes, *cautions(runs, reduced)]
    baseline, candidate = (_side(*each, reduced) for each in zip(_OPTIONS, sides, strict=True))
    pairs: list[Pair] = []
    if request.pair_by:
        pairs = pair_runs(runs, baseline.numbers, candidate.numbers, request.pair_by)
        alone = (baseline.numbers | candidate.numbers).keys() - {run_id for pair in pairs for run_id in pair.run_ids}
        notes += _unpaired_note([run.id for run in runs if run.id in alone], request.pair_by)
        baseline, candidate = baseline.without(alone), candidate.without(alone)
    comparison = compare_numbers(strata_of(baseline, candidate, pairs), request.better)
    unit = "pairs" if comparison.resamples_strata else "runs a side"
    compared = Compared(metric.text, request.better, baseline, candidate, pairs, comparison, unit, notes)
    return replace(compared, notes=[*notes, *comparison_notes(compared, runs, request.pair_by)])


def _choose_sides(source: Source, request: CompareRequest, listener: Listener) -> tuple[list[list[Run]], list[str]]:
    """The runs of both sides, and a note on the runs that `states` leaves out."""
    given = dict(zip(_OPTIONS, (request.baseline, request.candidate), strict=True))
    choices = [_choice(texts, request.filters) for texts in given.values()]
    try:
        chosen = find_sides(source, choices, warn=listener.warn)
    except NotFoundError as error:
        if error.code == "run_not_found":
            error.hint = f"{error.hint}; a condition is KEY=VALUE, such as config.arch=vit or 'val/acc:max>0.8'"
        raise

    def wanted(run: Run) -> bool:
        return not request.states or run.state in request.states

    sides = [list(filter(wanted, runs)) for runs in chosen]
    for (option, texts), runs in zip(given.items(), sides, strict=True):
        if not runs:
            raise NotFoundError(
                f"no run meets {option} {' '.join(texts)!r}",
                hint=f"give {option} once for each condition; keys and values are in: wandb-plot runs PROJECT --keys",
            )
    candidates = {run.id for run in sides[1]}
    if both := [run for run in sides[0] if run.id in candidates]:
        raise UsageError(
            f"{names_text([str(run) for run in both], 3)}: both --baseline and --candidate choose it",
            hint="say of each side what the other is not, such as --baseline 'config.arch!=vit'",
        )
    out = [f"{run.id} {run.state}" for side in chosen for run in side if not wanted(run)]
    are = "run is" if len(out) == 1 else "runs are"
    return sides, [f"{len(out)} {are} left out by --state: {names_text(out)}."] if out else []


def _choice(texts: Sequence[str], filters: Sequence[str]) -> RunChoice:
    """The choice of one side: each text is a filter, or names and globs; the filters are for both sides."""
    of_side = [text for text in texts if is_filter(text) or split_key(text)[0]]
    names = ",".join(text for text in texts if text not in of_side)
    return RunChoice(names=names or None, filters=[*of_side, *filters])


def _side(option: str, runs: Sequence[Run], reduced: ReducedRuns) -> Side:
    of_runs = {run.id: reduced.by_run[run.id][0] for run in runs}
    numbers = {run_id: one.value for run_id, one in of_runs.items() if one.value is not None}
    if not numbers:
        raise NotFoundError(
            f"no run of {option} has {reduced.metrics[0].text}",
            hint="list the metrics with: wandb-plot metrics PROJECT all",
            code="metric_not_found",
        )
    return Side(numbers, missing_by_reason(of_runs))


def _unpaired_note(run_ids: Sequence[str], key: str) -> list[str]:
    if not run_ids:
        return []
    are, their = ("run is", "its") if len(run_ids) == 1 else ("runs are", "their")
    return [f"{len(run_ids)} {are} left out: none of the other side has {their} {key} ({names_text(run_ids)})."]

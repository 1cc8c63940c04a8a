"""From a baseline and a candidate to whether the candidate is better, by one number a run; never of a sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TypedDict

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.differences import value_text
from wandb_plot.model.formatting import number_text
from wandb_plot.model.listener import Listener
from wandb_plot.model.queries.keys import absent_keys, split_key, value_of
from wandb_plot.model.queries.query import is_filter
from wandb_plot.model.run import Run
from wandb_plot.numbers.cells import Direction
from wandb_plot.numbers.comparison import CONFIDENCE, RESAMPLES, Comparison, Verdict, compare_numbers
from wandb_plot.sources.cautions import cautions
from wandb_plot.sources.reduced import ReducedRuns, reduce_runs
from wandb_plot.sources.selection import RunChoice, absent_key_words, find_sides
from wandb_plot.sources.source import Source

_FEW = 5


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """What `compare` was asked for.

    Attributes:
        baseline: filters and names that choose the runs to compare with: the runs so named for which all filters hold.
        candidate: those that choose the runs in question.
        metric: `METRIC:REDUCTION`.
        better: which end of it is better.
        pair_by: a key of runs; runs of both sides that say the same of it are compared with one another.
        filters: to hold for both sides.
        states: any of them, on both sides.
    """

    baseline: Sequence[str]
    candidate: Sequence[str]
    metric: str
    better: Direction
    pair_by: str | None = None
    filters: Sequence[str] = ()
    states: Sequence[str] = ()


class SideDocument(TypedDict):
    """One side in `compare --json`: `run_ids` are those behind the number, `missing` those that lack it, by reason."""

    run_ids: list[str]
    n: int
    mean: float
    std: float | None
    missing: dict[str, list[str]]


class CompareDocument(TypedDict):
    """What `compare --json` writes; `difference` is candidate less baseline, `needed` are runs a side, or pairs."""

    metric: str
    better: Direction
    baseline: SideDocument
    candidate: SideDocument
    difference: float
    low: float | None
    high: float | None
    confidence: float
    probability_of_improvement: float
    verdict: Verdict
    needed: int | None
    needed_of: str
    notes: list[str]


@dataclass(frozen=True)
class Compared:
    """A verdict with what it stands on.

    Attributes:
        metric: with its reduction.
        better: which end of it is better.
        baseline: the number of each run, by run id.
        candidate: likewise.
        missing: of each side, the runs without a number, by reason.
        result: what the numbers say.
        unit: what `result.needed` counts: `runs a side`, or the strata that were resampled.
        notes: how the numbers were made, and what one should know of them.
    """

    metric: str
    better: Direction
    baseline: Mapping[str, float]
    candidate: Mapping[str, float]
    missing: tuple[Mapping[str, list[str]], Mapping[str, list[str]]]
    result: Comparison
    unit: str
    notes: Sequence[str]

    def document(self) -> CompareDocument:
        """What `compare --json` writes."""
        return CompareDocument(
            metric=self.metric,
            better=self.better,
            baseline=_side(self.baseline, self.missing[0]),
            candidate=_side(self.candidate, self.missing[1]),
            difference=self.result.difference,
            low=self.result.low,
            high=self.result.high,
            confidence=CONFIDENCE,
            probability_of_improvement=self.result.probability,
            verdict=self.result.verdict,
            needed=self.result.needed,
            needed_of=self.unit,
            notes=list(self.notes),
        )


def compare_runs(source: Source, request: CompareRequest, listener: Listener) -> Compared:
    """Choose the runs of both sides, reduce each to its number, and compare.

    Raises:
        NotFoundError: a side has no run, or no run with the number; or no run has the key that pairs.
        UsageError: a run is on both sides, or a filter or reduction can't be understood.
    """
    sides = _find_sides(source, request, listener)
    both = [run for run in sides[0] if run.id in {other.id for other in sides[1]}]
    if both:
        raise UsageError(
            f"{', '.join(map(str, both[:3]))}: both --baseline and --candidate choose it",
            hint="say of each side what the other is not, such as --baseline 'config.arch!=vit'",
        )
    runs = [*sides[0], *sides[1]]
    listener.progress(f"reading the histories of {len(runs)} runs")
    numbers = reduce_runs(source, runs, [request.metric], warn=listener.warn)
    values = [_values(side, numbers) for side in sides]
    notes = [
        f"{numbers.metrics[0].text} is {numbers.metrics[0].reduction.description} of each run.",
        *cautions(runs, numbers),
    ]
    for name, of_side in zip(("--baseline", "--candidate"), values, strict=True):
        if not of_side:
            raise NotFoundError(
                f"no run of {name} has {numbers.metrics[0].text}",
                hint="list the metrics with: wandb-plot metrics PROJECT all",
                code="metric_not_found",
            )
    strata = [(list(values[0].values()), list(values[1].values()))]
    if request.pair_by:
        values, strata, left_out = _paired(sides, values, request.pair_by)
        if left_out:
            are, their = ("run is", "its") if len(left_out) == 1 else ("runs are", "their")
            notes.append(
                f"{len(left_out)} {are} left out: none of the other side has {their} {request.pair_by} "
                f"({', '.join(left_out)})."
            )
    result = compare_numbers(strata, request.better)
    unit = f"values of {request.pair_by}" if result.paired else "runs a side"
    notes += [_method(result, request.pair_by), *_warnings(values, strata, result, unit)]
    missing = _missing(sides[0], numbers), _missing(sides[1], numbers)
    return Compared(numbers.metrics[0].text, request.better, values[0], values[1], missing, result, unit, notes)


def _find_sides(source: Source, request: CompareRequest, listener: Listener) -> list[list[Run]]:
    given = {"--baseline": request.baseline, "--candidate": request.candidate}
    sides = find_sides(source, [_choice(texts, request) for texts in given.values()], warn=listener.warn)
    for (option, texts), runs in zip(given.items(), sides, strict=True):
        if not runs:
            raise NotFoundError(
                f"no run meets {option} {' '.join(texts)!r}",
                hint=f"give {option} once for each condition; keys and values are in: wandb-plot runs PROJECT --keys",
            )
    return sides


def _choice(texts: Sequence[str], request: CompareRequest) -> RunChoice:
    """What a side says of its runs: each text is a filter, or names and globs."""
    filters = [text for text in texts if is_filter(text) or split_key(text)[0]]
    names = ",".join(text for text in texts if text not in filters)
    return RunChoice(names=names or None, filters=[*filters, *request.filters], states=request.states)


def _values(runs: Sequence[Run], numbers: ReducedRuns) -> dict[str, float]:
    reduced = {run.id: numbers.by_run[run.id][0].value for run in runs}
    return {run_id: value for run_id, value in reduced.items() if value is not None}


def _missing(runs: Sequence[Run], numbers: ReducedRuns) -> dict[str, list[str]]:
    missing: dict[str, list[str]] = {}
    for run in runs:
        reduced = numbers.by_run[run.id][0]
        if reduced.value is None:
            missing.setdefault(reduced.reason, []).append(run.id)
    return missing


def _paired(
    sides: Sequence[Sequence[Run]], values: Sequence[Mapping[str, float]], key: str
) -> tuple[list[dict[str, float]], list[tuple[list[float], list[float]]], list[str]]:
    """The numbers of runs that have a partner, these by what they say of `key`, and the ids of the others."""
    runs = [run for side in sides for run in side]
    for absent, nearest in absent_keys([key], runs).items():
        raise NotFoundError(absent_key_words(absent, nearest), candidates=nearest)
    said = {run.id: value_text(value) for run in runs if (value := value_of(run, key)) not in (None, "")}
    by_value = [
        {text: [run_id for run_id in side if said.get(run_id) == text] for text in map(said.get, side) if text}
        for side in values
    ]
    shared = [text for text in by_value[0] if text in by_value[1]]
    if not shared:
        raise UsageError(f"no run of one side says of {key} what one of the other says", hint="leave out --pair-by")
    kept = [{run_id: value for run_id, value in side.items() if said.get(run_id) in shared} for side in values]
    strata = [
        ([values[0][run_id] for run_id in by_value[0][text]], [values[1][run_id] for run_id in by_value[1][text]])
        for text in shared
    ]
    return (
        kept,
        strata,
        [run_id for side, of_side in zip(values, kept, strict=True) for run_id in side.keys() - of_side],
    )


def _method(result: Comparison, pair_by: str | None) -> str:
    if result.low is None:
        return "No interval: a single run says nothing of the spread."
    if result.paired:
        resampled = f"values of {pair_by}, each with the difference of its runs"
    else:
        resampled = f"the runs of each side{f' within each {pair_by}' if pair_by else ''}"
    return f"The interval is of {RESAMPLES:,} bootstrap resamples of {resampled}; the seed is fixed."


def _warnings(
    values: Sequence[Mapping[str, float]],
    strata: Sequence[tuple[list[float], list[float]]],
    result: Comparison,
    unit: str,
) -> list[str]:
    said = []
    fewest = len(strata) if result.paired else min(map(len, values))
    if result.low is not None and fewest < _FEW:
        said.append(f"With fewer than {_FEW} {unit} bootstrap intervals are too narrow: take the verdict for a hint.")
    if result.low is None:
        stds = [std for side in values if (std := _std(side)) is not None]
        if stds and stds[0]:
            ratio = number_text(abs(result.difference) / stds[0], 2)
            said.append(f"The difference is {ratio} times the standard deviation of the side with several runs.")
    return said


def _side(values: Mapping[str, float], missing: Mapping[str, list[str]]) -> SideDocument:
    return SideDocument(
        run_ids=list(values),
        n=len(values),
        mean=fmean(values.values()),
        std=_std(values),
        missing={reason: list(ids) for reason, ids in missing.items()},
    )


def _std(values: Mapping[str, float]) -> float | None:
    return stdev(values.values()) if len(values) > 1 else None

"""What `compare` says of its result: how the interval was made, and how far the verdict can be relied on."""

from collections.abc import Iterator, Sequence
from math import isclose
from statistics import fmean

from wandb_plot.actions.comparison.result import Compared, strata_of
from wandb_plot.basics.formatting import count_text, names_text, number_text
from wandb_plot.model.run import PRESUMED_FINISHED, Run
from wandb_plot.numbers.bands import FEWEST_FOR_INTERVAL, narrow_interval
from wandb_plot.numbers.comparison import CONFIDENCE, RESAMPLES, compare_numbers

_DIGITS = 4
# Differences of equal decimals, such as 0.88 - 0.68 and 0.9 - 0.7, are unequal floats.
_ROUNDING = 1e-9


def comparison_notes(compared: Compared, runs: Sequence[Run], pair_by: str | None) -> Iterator[str]:
    """How the interval was made, reasons to doubt the verdict, and whether it rests on runs that did not finish.

    Args:
        compared: the result.
        runs: of both sides.
        pair_by: the key of the pairs; None without pairs.
    """
    yield _method(compared, pair_by)
    yield from _weights(compared, pair_by)
    yield from _doubts(compared)
    yield from _without_unfinished(compared, runs)


def difference_text(difference: float, low: float | None, high: float | None) -> str:
    """A difference with its interval, if there is one."""
    text = number_text(difference, _DIGITS)
    if low is None or high is None:
        return text
    return f"{text}, {CONFIDENCE:.0%} interval [{number_text(low, _DIGITS)}, {number_text(high, _DIGITS)}]"


def _method(compared: Compared, pair_by: str | None) -> str:
    if compared.comparison.low is None:
        return "No interval: a single run says nothing of the spread."
    if compared.comparison.resamples_strata:
        resampled = "the pairs' differences"
    else:
        resampled = f"the runs of each side{f' within each {pair_by}' if pair_by else ''}"
    return f"The interval is of {RESAMPLES:,} bootstrap resamples of {resampled}; the seed is fixed."


def _weights(compared: Compared, pair_by: str | None) -> Iterator[str]:
    """Why the difference is not that of the two means, if it isn't."""
    baseline, candidate = (fmean(side.numbers.values()) for side in (compared.baseline, compared.candidate))
    tolerance = _ROUNDING * max(abs(baseline), abs(candidate))
    if pair_by and not isclose(candidate - baseline, compared.comparison.difference, rel_tol=0, abs_tol=tolerance):
        yield (
            f"The mean of a side is over its runs; the difference is the mean over the values of {pair_by}, each of "
            "which counts alike, however many runs it has."
        )


def _doubts(compared: Compared) -> Iterator[str]:
    """Reasons not to rely on the verdict."""
    comparison, sides = compared.comparison, (compared.baseline, compared.candidate)
    resampled = len(compared.pairs) if comparison.resamples_strata else min(len(side.numbers) for side in sides)
    if comparison.low is not None:
        if comparison.resamples_strata and _all_equal(compared):
            yield f"All {resampled} differences are equal: the interval says nothing about noise."
        elif not compared.pairs and not any(side.std for side in sides):
            yield "All numbers of each side are equal: the interval says nothing about noise."
        if resampled < FEWEST_FOR_INTERVAL:
            yield f"{narrow_interval(compared.unit)}: take the verdict for a hint."
    stds = [side.std for side in sides if side.std]
    if comparison.low is None and stds:
        ratio = number_text(abs(comparison.difference) / stds[0], 2)
        yield f"The difference is {ratio} times the standard deviation of the side with several runs."


def _all_equal(compared: Compared) -> bool:
    """Whether all pairs have the same difference, to the rounding of floats."""
    means = [(fmean(pair.baseline.values()), fmean(pair.candidate.values())) for pair in compared.pairs]
    tolerance = _ROUNDING * max(abs(mean) for both in means for mean in both)
    first, *others = [candidate - baseline for baseline, candidate in means]
    return all(isclose(other, first, rel_tol=0, abs_tol=tolerance) for other in others)


def _without_unfinished(compared: Compared, runs: Sequence[Run]) -> Iterator[str]:
    """The difference that the finished runs have, and whether the verdict stays."""
    counted = compared.baseline.numbers.keys() | compared.candidate.numbers.keys()
    unfinished = {run.id: run for run in runs if run.id in counted and run.state not in PRESUMED_FINISHED}
    if not unfinished:
        return
    names = names_text([_end(run) for run in unfinished.values()])
    baseline, candidate = compared.baseline.without(unfinished), compared.candidate.without(unfinished)
    shorter = [pair.without(unfinished) for pair in compared.pairs]
    pairs = [pair for pair in shorter if pair.baseline and pair.candidate]
    if not (baseline.numbers and candidate.numbers) or (compared.pairs and not pairs):
        yield f"Without {names} nothing is left to compare."
        return
    comparison = compare_numbers(strata_of(baseline, candidate, pairs), compared.better)
    difference = difference_text(comparison.difference, comparison.low, comparison.high)
    n = count_text(len(pairs), "pair") if pairs else f"n = {len(baseline.numbers)} and {len(candidate.numbers)}"
    if comparison.verdict == compared.comparison.verdict:
        verdict = f"{comparison.verdict} too"
    else:
        verdict = (
            f"{comparison.verdict} ({compared.comparison.verdict} with {'it' if len(unfinished) == 1 else 'them'})"
        )
    yield f"Without {names}: difference {difference}, {n}, {verdict}."


def _end(run: Run) -> str:
    at = "" if run.last_step is None else f" at step {run.last_step}"
    return f"{run.id} ({run.state}{at})"

"""The result of `compare`: the numbers of both sides, their pairs, and the verdict."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TypedDict

from wandb_plot.actions.comparison.run_pairs import Pair
from wandb_plot.numbers.cell_kinds import Direction
from wandb_plot.numbers.comparison import CONFIDENCE, Comparison, Stratum, Verdict


class SideDocument(TypedDict):
    """One side in `compare --json`: `run_ids` are the runs of the mean, `missing` those without a number, by reason."""

    run_ids: list[str]
    n: int
    mean: float
    std: float | None
    missing: dict[str, list[str]]


class PairDocument(TypedDict):
    """The numbers of both sides at one value of the key of `--pair-by`, and the difference of their means."""

    value: str
    baseline: list[float]
    candidate: list[float]
    difference: float


class CompareDocument(TypedDict):
    """What `compare --json` writes.

    Attributes:
        difference: candidate minus baseline, of the means of their runs; with pairs the mean of their differences.
        low: lower end of its interval at the level `confidence`.
        needed: how many of `needed_of`, which are runs a side or pairs, would show such a difference.
        pairs: empty without `--pair-by`.
    """

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
    pairs: list[PairDocument]
    notes: list[str]


@dataclass(frozen=True)
class Side:
    """One side.

    Attributes:
        numbers: of each run that counts, by run id.
        missing: the runs without a number, by reason.
    """

    numbers: dict[str, float]
    missing: Mapping[str, Sequence[str]]

    @property
    def std(self) -> float | None:
        """The sample standard deviation (ddof 1); None for a single run."""
        return stdev(self.numbers.values()) if len(self.numbers) > 1 else None

    def without(self, run_ids: Collection[str]) -> "Side":
        """The side without the numbers of some runs."""
        kept = {run_id: number for run_id, number in self.numbers.items() if run_id not in run_ids}
        return Side(kept, self.missing)

    def document(self) -> SideDocument:
        """Its entry in `compare --json`."""
        return SideDocument(
            run_ids=list(self.numbers),
            n=len(self.numbers),
            mean=fmean(self.numbers.values()),
            std=self.std,
            missing={reason: list(ids) for reason, ids in self.missing.items()},
        )


@dataclass(frozen=True)
class Compared:
    """A verdict with the numbers it rests on.

    Attributes:
        metric: with its reduction.
        better: the direction in which it gets better.
        pairs: empty where runs are not paired.
        comparison: of the numbers.
        unit: what `comparison.needed` counts: `runs a side` or `pairs`.
        notes: how the numbers were made, and what to know of them.
    """

    metric: str
    better: Direction
    baseline: Side
    candidate: Side
    pairs: Sequence[Pair]
    comparison: Comparison
    unit: str
    notes: Sequence[str]

    def document(self) -> CompareDocument:
        """What `compare --json` writes."""
        return CompareDocument(
            metric=self.metric,
            better=self.better,
            baseline=self.baseline.document(),
            candidate=self.candidate.document(),
            difference=self.comparison.difference,
            low=self.comparison.low,
            high=self.comparison.high,
            confidence=CONFIDENCE,
            probability_of_improvement=self.comparison.probability,
            verdict=self.comparison.verdict,
            needed=self.comparison.needed,
            needed_of=self.unit,
            pairs=[_pair_document(pair) for pair in self.pairs],
            notes=list(self.notes),
        )


def strata_of(baseline: Side, candidate: Side, pairs: Sequence[Pair]) -> list[Stratum]:
    """The numbers to compare: those of each pair, or of both sides where nothing pairs them."""
    if not pairs:
        return [(list(baseline.numbers.values()), list(candidate.numbers.values()))]
    return [(list(pair.baseline.values()), list(pair.candidate.values())) for pair in pairs]


def _pair_document(pair: Pair) -> PairDocument:
    baseline, candidate = list(pair.baseline.values()), list(pair.candidate.values())
    return PairDocument(
        value=pair.value, baseline=baseline, candidate=candidate, difference=fmean(candidate) - fmean(baseline)
    )

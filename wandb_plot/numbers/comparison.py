"""Is one group of numbers better than another, or is it noise: difference, interval, probability, sample size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.cell_kinds import Direction

Verdict = Literal["better", "worse", "unresolved"]
Stratum = tuple[Sequence[float], Sequence[float]]

RESAMPLES = 10_000
CONFIDENCE = 0.95
POWER = 0.8
_QUANTILES = ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2)


@dataclass(frozen=True)
class Comparison:
    """What the numbers of a baseline and of a candidate say of one another.

    Attributes:
        difference: candidate minus baseline, of the means; with strata, the mean of their differences.
        low: lower end of its 95 % bootstrap interval; None where a side, or each stratum, has a single number.
        high: upper end of it.
        probability: how likely a number of the candidate is better than one of the baseline.
        verdict: `better` or `worse` where the interval leaves out 0, else `unresolved`.
        needed: how many numbers a side (or strata, if these are resampled) would show such a difference. None if the
            spread isn't known, or there is no difference.
        resamples_strata: whether strata were resampled whole, because one of them has a single number on a side.
    """

    difference: float
    low: float | None
    high: float | None
    probability: float
    verdict: Verdict
    needed: int | None
    resamples_strata: bool


def compare_numbers(strata: Sequence[Stratum], better: Direction) -> Comparison:
    """Compare the numbers of two sides.

    * The interval: 2.5 and 97.5 percentile over 10,000 bootstrap resamples (Efron), always the same ones. Each side is
      resampled within each stratum (Agarwal et al. 2021, "Deep RL at the Edge of the Statistical Precipice",
      section 4). Where a stratum has a single number on a side, as pairs have, whole strata are resampled instead.
    * Probability of improvement (ibid.): the share of pairs, one number of each side, of which the candidate's is
      better, ties counted half; the mean over strata. It is U / (n m) of the Mann-Whitney test.
    * Numbers needed: `(z_0.975 + z_0.8)^2 (s_b^2 + s_c^2) / d^2` a side, the least n with which a two-sided test at 5 %
      finds a true difference d with power 0.8 (normal approximation); for pairs `(...)^2 s_d^2 / d^2`. With several
      strata of several numbers each, s^2 is their mean variance, and n is spread over the strata.

    Args:
        strata: the finite numbers of baseline and candidate, at least one each; all numbers in one stratum where
            nothing pairs them.
        better: which end is better.
    """
    sides = [(np.asarray(base, dtype=np.float64), np.asarray(other, dtype=np.float64)) for base, other in strata]
    differences = np.array([other.mean() - base.mean() for base, other in sides])
    difference = float(differences.mean())
    resamples_strata = len(sides) > 1 and any(min(len(base), len(other)) < 2 for base, other in sides)  # noqa: PLR2004
    if resamples_strata:
        resampled = _resampled(differences, np.random.default_rng(0))
        variance = float(differences.var(ddof=1))
    else:
        random = np.random.default_rng(0)
        resampled = np.mean([_resampled(other, random) - _resampled(base, random) for base, other in sides], axis=0)
        variance = _variance(sides)
    single = not resamples_strata and any(min(len(base), len(other)) < 2 for base, other in sides)  # noqa: PLR2004
    low, high = (None, None) if single else map(float, np.quantile(resampled, _QUANTILES))
    return Comparison(
        difference=difference,
        low=low,
        high=high,
        probability=float(np.mean([_probability(base, other, better) for base, other in sides])),
        verdict=_verdict(low, high, better),
        needed=_needed(difference, variance),
        resamples_strata=resamples_strata,
    )


def _resampled(values: FloatArray, random: np.random.Generator) -> FloatArray:
    """The means of resamples, shape (resamples,)."""
    means: FloatArray = values[random.integers(0, len(values), size=(RESAMPLES, len(values)))].mean(axis=1)
    return means


def _variance(sides: Sequence[tuple[FloatArray, FloatArray]]) -> float:
    """Variance of candidate minus baseline. A side with one number borrows the other's variance."""
    known = [
        [float(side.var(ddof=1)) for side in both if len(side) > 1]
        for both in zip(*sides, strict=True)  # first all of the baseline, then all of the candidate
    ]
    means = [float(np.mean(variances)) for variances in known if variances]
    if not means:
        return math.nan
    return sum(means) * 2 / len(means)


def _probability(base: FloatArray, other: FloatArray, better: Direction) -> float:
    signs = np.sign(other[:, None] - base[None, :])
    return float(np.mean((signs if better == "max" else -signs) + 1) / 2)


def _verdict(low: float | None, high: float | None, better: Direction) -> Verdict:
    if low is None or high is None or low <= 0 <= high:
        return "unresolved"
    return "better" if (low > 0) == (better == "max") else "worse"


def _needed(difference: float, variance: float) -> int | None:
    if not difference or math.isnan(variance):
        return None
    normal = NormalDist()
    factor = (normal.inv_cdf(_QUANTILES[1]) + normal.inv_cdf(POWER)) ** 2
    least = factor * variance / difference**2
    return max(2, math.ceil(least)) if math.isfinite(least) else None

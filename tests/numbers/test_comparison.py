"""Comparisons of two groups, against scipy, a plain loop, and what is known beforehand."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.numbers.comparison import compare_numbers

RANDOM = np.random.default_rng(1)
BASE = RANDOM.normal(0.70, 0.03, 8).tolist()
OTHER = RANDOM.normal(0.74, 0.05, 11).tolist()
SIDE = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=8)


def test_the_interval_is_that_of_scipy() -> None:
    """Two independent samples, percentile method; the seeds differ, so a hundredth of its width is allowed."""
    found = compare_numbers([(BASE, OTHER)], "max")
    assert found.difference == pytest.approx(np.mean(OTHER) - np.mean(BASE), rel=1e-12)
    expected = scipy.stats.bootstrap(
        (BASE, OTHER),
        lambda base, other, axis: np.mean(other, axis=axis) - np.mean(base, axis=axis),
        vectorized=True,
        n_resamples=200_000,
        method="percentile",
        rng=np.random.default_rng(2),
    ).confidence_interval
    width = expected.high - expected.low
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02 * width)
    assert found.verdict == "better"
    assert compare_numbers([(BASE, OTHER)], "min").verdict == "worse"
    assert compare_numbers([(BASE, OTHER)], "max") == found


@given(SIDE, SIDE)
def test_the_probability_of_improvement_is_that_of_mann_and_whitney(base: list[float], other: list[float]) -> None:
    """U / (n m), ties counted half; of the other end it is the rest."""
    expected = scipy.stats.mannwhitneyu(other, base, method="asymptotic").statistic / (len(base) * len(other))
    assert compare_numbers([(base, other)], "max").probability == pytest.approx(expected)
    assert compare_numbers([(base, other)], "min").probability == pytest.approx(1 - expected)


def test_strata_are_resampled_within() -> None:
    """What differs between strata, such as tasks, widens no interval; each stratum counts alike."""
    strata = [([10.0 * task + value for value in BASE], [10.0 * task + value for value in OTHER]) for task in range(4)]
    found = compare_numbers(strata, "max")
    assert not found.resamples_strata
    means = [np.mean(RANDOM.choice(side, (50_000, len(side))), axis=1) for _ in range(4) for side in (BASE, OTHER)]
    loop = np.mean([means[2 * task + 1] - means[2 * task] for task in range(4)], axis=0)
    low, high = np.quantile(loop, (0.025, 0.975))
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.03 * (high - low))
    both = [[value for stratum in strata for value in stratum[side]] for side in (0, 1)]
    pooled = compare_numbers([(both[0], both[1])], "max")
    assert pooled.verdict == "unresolved"


def test_pairs_are_resampled_whole() -> None:
    """A small difference that every pair shows is found, though the sides overlap."""
    base = RANDOM.normal(0, 1, 12)
    differences = RANDOM.normal(0.1, 0.05, 12)
    pairs = [([one], [one + more]) for one, more in zip(base.tolist(), differences.tolist(), strict=True)]
    found = compare_numbers(pairs, "max")
    assert (found.resamples_strata, found.verdict) == (True, "better")
    expected = scipy.stats.bootstrap(
        (differences,), np.mean, n_resamples=100_000, method="percentile", rng=np.random.default_rng(3)
    ).confidence_interval
    assert (found.low, found.high) == pytest.approx(
        (expected.low, expected.high), abs=0.02 * (expected.high - expected.low)
    )
    assert compare_numbers([(base.tolist(), (base + differences).tolist())], "max").verdict == "unresolved"


def test_so_many_numbers_find_the_difference() -> None:
    """With as many a side as it says, a t test finds the difference about four times in five."""
    found = compare_numbers([(BASE, OTHER)], "max")
    assert found.needed is not None
    factor = (scipy.stats.norm.ppf(0.975) + scipy.stats.norm.ppf(0.8)) ** 2
    spread = np.var(BASE, ddof=1) + np.var(OTHER, ddof=1)
    assert found.needed == int(np.ceil(factor * spread / found.difference**2))
    ours = RANDOM.normal(0, np.std(BASE, ddof=1), (4_000, found.needed))
    theirs = RANDOM.normal(found.difference, np.std(OTHER, ddof=1), (4_000, found.needed))
    power = np.mean(scipy.stats.ttest_ind(theirs, ours, axis=1, equal_var=False).pvalue < 0.05)
    assert power == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(("base", "other"), [([1.0], [2.0]), ([1.0, 1.1], [2.0]), ([1.0], [2.0, 2.1])])
def test_a_single_number_resolves_nothing(base: list[float], other: list[float]) -> None:
    """There is no interval, and how many it takes is told only where one side shows a spread."""
    found = compare_numbers([(base, other)], "max")
    assert (found.low, found.high, found.verdict) == (None, None, "unresolved")
    assert (found.needed is None) == (len(base) == len(other) == 1)


def test_the_same_numbers_are_no_difference() -> None:
    """Nor is there a number of runs that would show one."""
    found = compare_numbers([(BASE, BASE)], "max")
    assert (found.difference, found.probability, found.verdict, found.needed) == (0, 0.5, "unresolved", None)

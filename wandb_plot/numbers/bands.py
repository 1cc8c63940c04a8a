"""The band about the centre line of a group of runs: standard deviation, standard error, range, confidence interval."""

import math

import numpy as np

from wandb_plot.model.figure_choices import Aggregate, BandKind
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.alignment import counts
from wandb_plot.numbers.partial_sums import FEWEST_FOR_A_BAND, sum_rows
from wandb_plot.numbers.scaling import scaled, unscaled

# The percentiles of resamples of fewer runs, or pairs, lie too close together;
# docs/numbers.md says how often they miss.
FEWEST_FOR_INTERVAL = 5

_RESAMPLES = 1000
_CI_QUANTILES = (0.025, 0.975)

# Resampled centres held at once, as float64: 16 MB.
_CELLS_AT_ONCE = 2_000_000


def band(
    values: FloatArray, center: FloatArray, kind: BandKind, *, of: Aggregate = "mean", seed: int = 0
) -> tuple[FloatArray, FloatArray] | None:
    """The band about a group's line, at each x over the runs that have a value there; none where that is one run.

    * `std`: center ± standard deviation about the mean, the sample's (ddof 1), as papers report it. W&B's charts show
      the population's.
    * `stderr`: center ± std / sqrt(n).
    * `minmax`: least and greatest.
    * `ci`: 2.5 and 97.5 percentile of `of` over 1,000 bootstrap resamples of those runs (Efron's percentile interval),
      which is too narrow for fewer than five.

    Args:
        values: shape (k, n), as in `Aligned`.
        center: shape (n,): what `aggregate` made of them.
        kind: as above; `none` for no band.
        of: what `center` is, for `ci`.
        seed: of the resampling.

    Returns:
        Lower and upper edge, each of shape (n,), NaN where fewer than two runs have a value; None for `none`.
    """
    if kind == "none":
        return None
    if kind != "ci":
        return sum_rows(values, values.shape[1]).band(center, kind)
    small, exponent = scaled(values, axis=0)
    low, high = _bootstrap(small, of, seed)
    return unscaled(low, exponent), unscaled(high, exponent)


def narrow_interval(of: str) -> str:
    """What is said of a bootstrap interval of fewer than five, such as `runs a side`."""
    return f"With fewer than {FEWEST_FOR_INTERVAL} {of} a bootstrap interval is too narrow"


def _bootstrap(values: FloatArray, of: Aggregate, seed: int) -> tuple[FloatArray, FloatArray]:
    """Percentile interval of the centre at each x, over resamples of the runs that have a value there."""
    ranked = np.sort(values, axis=0)
    present = counts(values)
    edges = np.full((2, values.shape[1]), np.nan)
    for count in np.unique(present[present >= FEWEST_FOR_A_BAND]).tolist():
        # The same resamples wherever this many runs are there: neighbouring x get edges that go together.
        weights = _resampling_weights(count, of, np.random.default_rng(seed))
        columns = np.flatnonzero(present == count)
        for chunk in np.array_split(columns, math.ceil(len(columns) * _RESAMPLES / _CELLS_AT_ONCE)):
            # Each x's centres lie side by side in memory, where ranking them is fastest.
            centers = ranked[:count, chunk].T @ weights.T
            edges[:, chunk] = np.quantile(centers, _CI_QUANTILES, axis=1)
    return edges[0], edges[1]


def _resampling_weights(count: int, of: Aggregate, random: np.random.Generator) -> FloatArray:
    """What each rank among `count` values contributes to the centre of each resample, shape (resamples, count)."""
    weights = np.zeros((_RESAMPLES, count))
    for row in weights:
        draws = random.integers(0, count, size=count)
        if of == "median":
            # The median of a resample lies at the median of its ranks.
            draws = np.sort(draws)[[(count - 1) // 2, count // 2]]
        elif of == "iqm":
            draws = np.sort(draws)[count // 4 : count - count // 4]
        np.add.at(row, draws, 1.0 / len(draws))
    return weights

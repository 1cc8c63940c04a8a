"""The lines of a group of runs, brought onto one x and made one centre line and a band."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.formatting import plain_number
from wandb_plot.numbers.scaling import exponents, scaled, unscaled

Aggregate = Literal["mean", "median"]
BandKind = Literal["none", "std", "stderr", "minmax", "ci"]

_RESAMPLES = 1000
_CI_QUANTILES = (0.025, 0.975)
# Resampled centres held at once, as float64: 16 MB.
_CELLS_AT_ONCE = 2_000_000


@dataclass(frozen=True, eq=False)
class Aligned:
    """The lines of k runs on one x.

    Attributes:
        x: shape (n,), strictly ascending: every x at which any of the runs logged.
        values: shape (k, n); NaN where a run has no value.
        method: `exact`: every value was logged at its x; `interpolated`: some lie on a straight line between two.
    """

    x: FloatArray
    values: FloatArray
    method: Literal["exact", "interpolated"]

    @property
    def counts(self) -> npt.NDArray[np.intp]:
        """Runs that have a value at each x, shape (n,)."""
        return _counts(self.values)


def align(lines: Sequence[tuple[FloatArray, FloatArray]]) -> Aligned:
    """Bring the lines of several runs onto the union of their x.

    Exact where every run logged at each x of the union that lies between its own first and last: runs of one cadence,
    though some start later or stop earlier. Otherwise linear interpolation within each run's own range, never beyond.
    Non-finite values are gaps, and no gap is bridged: a run has no value (NaN) from the last finite point before one
    to the first after it, ends excluded, so the count of runs drops there.

    Args:
        lines: of each run x (finite) and y, both of shape (m,). Where x isn't ascending it is sorted, and of several
            points at one x the last logged counts.

    Returns:
        The lines on one x, in the order given.
    """
    sorted_lines = [_sorted_line(x, y) for x, y in lines]
    union = np.unique(np.concatenate([x for x, _ in sorted_lines] or [np.empty(0)]))
    exact = all(not len(x) or np.array_equal(x, union[(union >= x[0]) & (union <= x[-1])]) for x, _ in sorted_lines)
    values = np.full((len(lines), len(union)), np.nan)
    for row, (x, y) in zip(values, sorted_lines, strict=True):
        if exact:
            row[np.searchsorted(union, x)] = y
        elif len(x):
            # What lies between a NaN and its neighbour becomes NaN too, which is what a gap asks for.
            row[:] = np.interp(union, x, y, left=np.nan, right=np.nan)
    return Aligned(union, values, "exact" if exact else "interpolated")


def run_counts(aligned: Aligned) -> dict[str, Any]:
    """How many runs stand behind a group's line, for metadata.json.

    Returns:
        `first` and `last`: runs at each end; `drops`: `{"x", "n"}` for every x with fewer runs than the one before.
    """
    counts = aligned.counts
    if not len(counts):
        return {"first": 0, "last": 0, "drops": []}
    drops = np.flatnonzero(np.diff(counts) < 0) + 1
    at_drops = zip(aligned.x[drops].tolist(), counts[drops].tolist(), strict=True)
    return {
        "first": int(counts[0]),
        "last": int(counts[-1]),
        "drops": [{"x": plain_number(x), "n": n} for x, n in at_drops],
    }


def aggregate(values: FloatArray, kind: Aggregate) -> FloatArray:
    """The mean or median at each x of the runs that have a value there.

    Args:
        values: shape (k, n), as in `Aligned`.
        kind: `mean` or `median`.

    Returns:
        shape (n,); NaN where no run has a value.
    """
    small, exponent = scaled(values, axis=0)
    return unscaled(_mean(small) if kind == "mean" else _median(small), exponent)


def band(
    values: FloatArray, center: FloatArray, kind: BandKind, *, of: Aggregate = "mean", seed: int = 0
) -> tuple[FloatArray, FloatArray] | None:
    """The band about a group's line, at each x over the runs that have a value there.

    * `std`: center ± standard deviation about the mean, the population's (1/n) as in W&B's charts.
    * `stderr`: center ± std / sqrt(n).
    * `minmax`: least and greatest.
    * `ci`: 2.5 and 97.5 percentile of `of` over 1,000 bootstrap resamples of those runs (Efron's percentile interval).

    Args:
        values: shape (k, n), as in `Aligned`.
        center: shape (n,): what `aggregate` made of them.
        kind: as above; `none` for no band.
        of: what `center` is, for `ci`.
        seed: of the resampling.

    Returns:
        Lower and upper edge, each of shape (n,), NaN where `center` is; None for `none`.
    """
    if kind == "none":
        return None
    small, exponent = scaled(values, axis=0)
    if kind == "minmax":
        low, high = np.fmin.reduce(small), np.fmax.reduce(small)
    elif kind == "ci":
        low, high = _bootstrap(small, of, seed)
    else:
        spread = _std(small)
        if kind == "stderr":
            spread /= np.sqrt(np.maximum(_counts(small), 1))
        middle = np.ldexp(center, -exponent)
        low, high = middle - spread, middle + spread
    return unscaled(low, exponent), unscaled(high, exponent)


def _sorted_line(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The line with x strictly ascending, and NaN for every y that isn't finite."""
    y = np.where(np.isfinite(y), y, np.nan)
    if np.all(np.diff(x) > 0):
        return x, y
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    last = np.append(x[1:] != x[:-1], True)
    return x[last], y[last]


def _counts(values: FloatArray) -> npt.NDArray[np.intp]:
    counts: npt.NDArray[np.intp] = np.count_nonzero(~np.isnan(values), axis=0)
    return counts


def _mean(values: FloatArray) -> FloatArray:
    counts = _counts(values)
    means = np.full(len(counts), np.nan)
    np.divide(np.nansum(values, axis=0), counts, out=means, where=counts > 0)
    return means


def _std(values: FloatArray) -> FloatArray:
    deviations = values - _mean(values)
    # Squares of huge or tiny deviations leave float64, unless these are brought near 1.
    exponent = exponents(deviations, axis=0)
    return np.ldexp(np.sqrt(_mean(np.ldexp(deviations, -exponent) ** 2)), exponent)


def _median(values: FloatArray) -> FloatArray:
    if not len(values):
        return np.full(values.shape[1], np.nan)
    # NaN sorts last, so the ranks of a column's values are 0 to its count less one; without any it stays NaN.
    ranked = np.sort(values, axis=0)
    counts = _counts(values)
    ranks = np.stack([np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, len(values) - 1)])
    middle: FloatArray = np.take_along_axis(ranked, ranks, axis=0).mean(axis=0)
    return middle


def _bootstrap(values: FloatArray, of: Aggregate, seed: int) -> tuple[FloatArray, FloatArray]:
    """Percentile interval of the centre at each x, over resamples of the runs that have a value there."""
    ranked = np.sort(values, axis=0)
    counts = _counts(values)
    edges = np.full((2, values.shape[1]), np.nan)
    for count in np.unique(counts[counts > 0]).tolist():
        # The same resamples wherever this many runs are there: neighbouring x get edges that go together.
        weights = _resampling_weights(count, of, np.random.default_rng(seed))
        columns = np.flatnonzero(counts == count)
        for chunk in np.array_split(columns, math.ceil(len(columns) * _RESAMPLES / _CELLS_AT_ONCE)):
            # Each x's centres lie side by side in memory, where ranking them is fastest.
            centers = ranked[:count, chunk].T @ weights.T
            edges[:, chunk] = np.quantile(centers, _CI_QUANTILES, axis=1)
    return edges[0], edges[1]


def _resampling_weights(count: int, of: Aggregate, random: np.random.Generator) -> FloatArray:
    """What each rank among `count` values contributes to the centre of each resample, shape (resamples, count)."""
    draws = random.integers(0, count, size=(_RESAMPLES, count))
    if of == "median":
        # The median of a resample lies at the median of its ranks.
        draws = np.sort(draws, axis=1)[:, [(count - 1) // 2, count // 2]]
    weights = np.zeros((_RESAMPLES, count))
    np.add.at(weights, (np.arange(_RESAMPLES)[:, None], draws), 1.0 / draws.shape[1])
    return weights

"""Spikes: a few points of a series far from those on both sides.

Noise is measured by first differences, which a trend hardly moves: sigma = 1.4826 median(|y[i] - y[i-1]|) / sqrt(2),
the standard deviation of white noise (Rousseeuw and Croux, 1993, for the factor), over the points around.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.scaling import scaled, unscaled
from wandb_plot.numbers.statistics import MAD_TO_SIGMA

# A spike stands out by so many sigma from the points on both sides of it.
SPIKE_SIGMAS = 12.0
# How many points on each side a spike is compared with, and how few will do.
NEIGHBOURS = 10
_FEWEST_NEIGHBOURS = 3
# Within so many points a spike is over; what lasts longer is a jump.
_WIDEST_SPIKE = 5

# Noise is measured once for each block of so many points, from it and the blocks beside it.
_BLOCK = 100
# Of more jumps than this only the largest are looked at.
_CANDIDATES = 1000
# From the median distance of neighbours to sigma.
_TO_SIGMA = MAD_TO_SIGMA / math.sqrt(2)


@dataclass(frozen=True)
class Spike:
    """A few points far from those on both sides.

    Attributes:
        x: where it is highest, or lowest.
        value: there.
        around: median of the points on both sides.
        sigmas: its distance from the nearer side, in standard deviations of the noise.
        points: how many points in a row stand out.
    """

    x: float
    value: float
    around: float
    sigmas: float
    points: int

    @property
    def factor(self) -> float | None:
        """How many times `around` the value is; None where that says nothing."""
        return self.value / self.around if self.around > 0 and self.value > 0 else None


@np.errstate(over="ignore", invalid="ignore")
def spikes(x: FloatArray, y: FloatArray) -> list[Spike]:
    """Excursions of up to 5 points, by more than 12 sigma from the medians of 10 points before and 10 after.

    The first and the last 3 points are no spikes: one side is missing.

    Args:
        x: shape (n,).
        y: shape (n,); non-finite values are left out.

    Returns:
        Those that stand out most first.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    y, exponent = scaled(y)
    if len(y) <= 2 * _FEWEST_NEIGHBOURS:
        return []
    sigma = _noise(y)
    with np.errstate(over="ignore"):
        jumps = np.abs(np.diff(y))
    at = np.flatnonzero(jumps > SPIKE_SIGMAS / 2 * sigma[1:]) + 1
    if len(at) > _CANDIDATES:
        at = np.sort(at[np.argsort(-jumps[at - 1], kind="stable")[:_CANDIDATES]])
    found = sorted(filter(None, (_spike_at(x, y, sigma, start) for start in at.tolist())), key=_by_size)
    # Each jump within a spike finds a part of it: only the largest counts.
    kept: dict[int, Spike] = {}
    for index, spike in found:
        if not any(abs(index - other) < _WIDEST_SPIKE for other in kept):
            value, around = unscaled(np.array([spike.value, spike.around]), exponent).tolist()
            kept[index] = replace(spike, value=value, around=around, points=_points_out(y, sigma, index, spike.around))
    return list(kept.values())


def _noise(y: FloatArray) -> FloatArray:
    """Sigma at each point, shape (n,): of its block and the two beside it."""
    with np.errstate(over="ignore"):
        moves = np.abs(np.diff(y, prepend=y[:1]))
    count = max(1, len(y) // _BLOCK)
    bounds = np.linspace(0, len(y), count + 1).astype(int)
    sigma = np.empty(len(y))
    for block in range(count):
        around = moves[bounds[max(block - 1, 0)] : bounds[min(block + 2, count)]]
        sigma[bounds[block] : bounds[block + 1]] = _TO_SIGMA * np.median(around)
    # Where most points repeat the one before, the noise is that of the points which move.
    moving = moves[moves > 0]
    return np.where(sigma > 0, sigma, _TO_SIGMA * np.median(moving) if len(moving) else np.inf)


def _by_size(found: tuple[int, Spike]) -> tuple[float, int]:
    return -found[1].sigmas, found[0]


def _spike_at(x: FloatArray, y: FloatArray, sigma: FloatArray, start: int) -> tuple[int, Spike] | None:
    """The spike that begins with the jump to `start`, with its index; None where there is none."""
    before = y[max(0, start - NEIGHBOURS) : start]
    if len(before) < _FEWEST_NEIGHBOURS:
        return None
    low = float(np.median(before))
    up = y[start] > low
    for width in range(1, _WIDEST_SPIKE + 1):
        after = y[start + width : start + width + NEIGHBOURS]
        if len(after) < _FEWEST_NEIGHBOURS:
            break
        high = float(np.median(after))
        middle = y[start : start + width + 1]
        over = middle - max(low, high) if up else min(low, high) - middle
        with np.errstate(over="ignore"):
            sigmas = over / sigma[start : start + width + 1]
        if (sigmas[:-1] > 0).all() and sigmas[:-1].max() > SPIKE_SIGMAS >= sigmas[-1]:
            at = start + int(np.argmax(sigmas[:-1]))
            around = float(np.median(np.concatenate([before, after])))
            return at, Spike(float(x[at]), float(y[at]), around, float(sigmas.max()), width)
    return None


def _points_out(y: FloatArray, sigma: FloatArray, index: int, around: float) -> int:
    """How many points in a row, that at `index` among them, are more than 12 sigma from `around` on its side of it."""
    first = max(0, index - _WIDEST_SPIKE)
    here = slice(first, index + _WIDEST_SPIKE + 1)
    sign = math.copysign(1.0, y[index] - around)
    with np.errstate(over="ignore"):
        inside = np.flatnonzero(sign * (y[here] - around) <= SPIKE_SIGMAS * sigma[here]) + first
    before, after = inside[inside < index], inside[inside > index]
    return int((after[0] if len(after) else here.stop) - (before[-1] if len(before) else first - 1) - 1)

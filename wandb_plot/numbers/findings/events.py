"""What happens within one series: where it isn't finite, spikes, jumps, stillness and gaps.

Each finding says where it is and how large, with a stated method; none claims a cause. Noise is measured by first
differences, which a trend hardly moves: sigma = 1.4826 median(|y[i] - y[i-1]|) / sqrt(2), the standard deviation of
white noise (Rousseeuw and Croux, 1993, for the factor), over the points around.
"""

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.scaling import scaled, unscaled

# A spike stands out by so many sigma from the points on both sides of it.
SPIKE_SIGMAS = 12.0
# How many points on each side a spike or a jump is compared with, and how few will do.
NEIGHBOURS = 10
_FEWEST_NEIGHBOURS = 3
# Within so many points a spike is over; what lasts longer is a jump.
_WIDEST_SPIKE = 5
# An explosion is from some point on so many times further from zero than the series usually was before,
EXPLOSION_FACTOR = 10.0
# which is at least this share of it.
_EXPLOSION_AFTER = 0.2
_EXPLOSION_PLACES = 200
_EXPLOSION_SAMPLE = 1000
# So many equal points in a row, and at least this share of all, are a standstill.
FLAT_POINTS = 20
_FLAT_SHARE = 0.1
# A pause is so many times longer than the usual distance of two points.
GAP_FACTOR = 10.0

# Noise is taken as one over blocks of so many points and their neighbours.
_BLOCK = 100
_CANDIDATES = 1000
_MAD_TO_SIGMA = 1.4826 / math.sqrt(2)


@dataclass(frozen=True)
class NonFinite:
    """Consecutive points that are NaN or infinite.

    Attributes:
        kind: `nan`, `inf`, or `both`.
        start: x of the first.
        stop: x of the last.
        points: how many.
        to_end: whether the series ends with them.
    """

    kind: Literal["nan", "inf", "both"]
    start: float
    stop: float
    points: int
    to_end: bool


@dataclass(frozen=True)
class Spike:
    """A few points far from those on both sides.

    Attributes:
        x: where it is highest, or lowest.
        value: there.
        around: median of the points on both sides.
        sigmas: its distance from the nearer side, in standard deviations of the noise.
    """

    x: float
    value: float
    around: float
    sigmas: float

    @property
    def factor(self) -> float | None:
        """How many times `around` the value is; None where that says nothing."""
        return self.value / self.around if self.around > 0 and self.value > 0 else None


@dataclass(frozen=True)
class Explosion:
    """The end of a series far beyond what came before.

    Attributes:
        x: where it begins; found on a grid of 200 places.
        value: the last finite one.
        before: the median magnitude before `x`.
    """

    x: float
    value: float
    before: float


@dataclass(frozen=True)
class Stretch:
    """From one x to another: a standstill at `value`, or a pause."""

    start: float
    stop: float
    points: int = 0
    value: float = math.nan


def non_finite(x: FloatArray, y: FloatArray) -> list[NonFinite]:
    """Every stretch of NaN and infinite values, in order.

    Args:
        x: shape (n,).
        y: shape (n,).
    """
    return [
        NonFinite(_kind_of(y[first:last]), float(x[first]), float(x[last - 1]), last - first, last == len(y))
        for first, last in _stretches(~np.isfinite(y))
    ]


@np.errstate(over="ignore", invalid="ignore")
def spikes(x: FloatArray, y: FloatArray) -> list[Spike]:
    """Excursions of up to 5 points, by more than 12 sigma from the medians of 10 points before and 10 behind.

    The first and the last 3 points are no spikes: one side is missing.

    Args:
        x: shape (n,).
        y: shape (n,); non-finite values are left out.

    Returns:
        Those that stand out most first.
    """
    x, y = _finite(x, y)
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
            kept[index] = replace(spike, value=value, around=around)
    return list(kept.values())


@np.errstate(over="ignore", invalid="ignore")
def explosion(x: FloatArray, y: FloatArray) -> Explosion | None:
    """Where a series leaves for good: from there on every point is 10 times further from zero than the median before.

    What comes before is at least a fifth of the points, so that a start near zero is no finding.

    Args:
        x: shape (n,).
        y: shape (n,); non-finite values are left out.
    """
    x, y = _finite(x, y)
    if len(y) <= 2 * NEIGHBOURS:
        return None
    size, exponent = scaled(np.abs(y))
    least_from_here = np.minimum.accumulate(size[::-1])[::-1]
    first = max(NEIGHBOURS, int(_EXPLOSION_AFTER * len(y)))
    places = np.unique(np.linspace(first, len(y) - _FEWEST_NEIGHBOURS, _EXPLOSION_PLACES).astype(int))
    # The limit grows from place to place: where not even half of what comes before is below the last one, none is met.
    below = np.cumsum(size < least_from_here[places[-1]] / EXPLOSION_FACTOR)
    for at in places[2 * below[places - 1] >= places].tolist():
        limit = least_from_here[at] / EXPLOSION_FACTOR
        # Medians of many points take long. Where even a quarter of a sample isn't below the limit, half of all isn't.
        sample = size[: at : max(1, at // _EXPLOSION_SAMPLE)]
        if np.partition(sample, len(sample) // 4)[len(sample) // 4] >= limit:
            continue
        before = float(np.median(size[:at]))
        if 0 < before < limit:
            return Explosion(float(x[at]), float(y[-1]), float(unscaled(np.array([before]), exponent)[0]))
    return None


def flat_end(x: FloatArray, y: FloatArray) -> Stretch | None:
    """The end of a series that doesn't move: at least 20 equal points, and a tenth of all; None where it moves.

    A series that is constant throughout is no finding.

    Args:
        x: shape (n,).
        y: shape (n,); non-finite values are left out.
    """
    x, y = _finite(x, y)
    if not len(y):
        return None
    moving = np.flatnonzero(y != y[-1])
    first = int(moving[-1]) + 1 if len(moving) else 0
    points = len(y) - first
    if first == 0 or points < max(FLAT_POINTS, _FLAT_SHARE * len(y)):
        return None
    return Stretch(float(x[first]), float(x[-1]), points, float(y[-1]))


def gaps(x: FloatArray) -> list[Stretch]:
    """Pauses: two points 10 times further apart than is usual, by the median distance; the longest first.

    Args:
        x: shape (n,), ascending.
    """
    distances = np.diff(x)
    if len(distances) < NEIGHBOURS:
        return []
    at = np.flatnonzero(distances > GAP_FACTOR * np.median(distances))
    order = at[np.argsort(-distances[at], kind="stable")]
    return [Stretch(float(x[index]), float(x[index + 1])) for index in order.tolist()]


def _finite(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    kept = np.isfinite(y)
    return x[kept], y[kept]


def _kind_of(values: FloatArray) -> Literal["nan", "inf", "both"]:
    missing = np.isnan(values)
    return "nan" if missing.all() else "both" if missing.any() else "inf"


def _stretches(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where runs of True begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _noise(y: FloatArray) -> FloatArray:
    """Sigma at each point, shape (n,): of its block and the two beside it."""
    with np.errstate(over="ignore"):
        moves = np.abs(np.diff(y, prepend=y[:1]))
    count = max(1, len(y) // _BLOCK)
    bounds = np.linspace(0, len(y), count + 1).astype(int)
    sigma = np.empty(len(y))
    for block in range(count):
        around = moves[bounds[max(block - 1, 0)] : bounds[min(block + 2, count)]]
        sigma[bounds[block] : bounds[block + 1]] = _MAD_TO_SIGMA * np.median(around)
    # Where most points repeat the one before, the noise is that of the points which move.
    moving = moves[moves > 0]
    return np.where(sigma > 0, sigma, _MAD_TO_SIGMA * np.median(moving) if len(moving) else np.inf)


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
        behind = y[start + width : start + width + NEIGHBOURS]
        if len(behind) < _FEWEST_NEIGHBOURS:
            break
        high = float(np.median(behind))
        middle = y[start : start + width + 1]
        over = middle - max(low, high) if up else min(low, high) - middle
        with np.errstate(over="ignore"):
            sigmas = over / sigma[start : start + width + 1]
        if (sigmas[:-1] > 0).all() and sigmas[:-1].max() > SPIKE_SIGMAS >= sigmas[-1]:
            at = start + int(np.argmax(sigmas[:-1]))
            around = float(np.median(np.concatenate([before, behind])))
            return at, Spike(float(x[at]), float(y[at]), around, float(sigmas.max()))
    return None

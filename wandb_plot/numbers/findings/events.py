"""What happens within one series: where it isn't finite, explosions, flat ends and pauses.

Each finding says where it is and how large, with a stated method; none claims a cause.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.scaling import scaled, unscaled

# A series explodes if, from some point on, it is so many times further from zero than the median before.
EXPLOSION_FACTOR = 10.0
# At least this share of the points comes before.
_EXPLOSION_AFTER = 0.2
# How many points are tried as the first of an explosion, which is then searched between two of them; and how many of
# those before it are looked at first.
_EXPLOSION_STARTS = 200
_EXPLOSION_SAMPLE = 1000
# How few points before it, and from it on, will do.
_FEWEST_BEFORE, _FEWEST_FROM_HERE = 10, 3
# A flat end is so many equal points at the end, and at least this share of all.
FLAT_POINTS = 20
_FLAT_SHARE = 0.1
# A pause is so many times longer than the usual distance of two points.
PAUSE_FACTOR = 10.0
# Fewer distances have no usual one.
_FEWEST_DISTANCES = 10


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
class Explosion:
    """The end of a series far beyond what came before.

    Attributes:
        x: of its first point; at the point before, it has not begun.
        value: the last finite one.
        before: the median magnitude before `x`.
    """

    x: float
    value: float
    before: float


@dataclass(frozen=True)
class Stretch:
    """From one x to another: flat at `value`, or a pause."""

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


def non_finite_end(x: FloatArray, y: FloatArray) -> NonFinite | None:
    """The last stretch of NaN and infinite values, if it lasts to the end; it may be all there is."""
    stretches = non_finite(x, y)
    return stretches[-1] if stretches and stretches[-1].to_end else None


def divergence(x: FloatArray, y: FloatArray) -> NonFinite | None:
    """The NaN and infinite values that a series ends with after finite ones: what was never finite didn't diverge."""
    return non_finite_end(x, y) if np.isfinite(y).any() else None


@np.errstate(over="ignore", invalid="ignore")
def explosion(x: FloatArray, y: FloatArray) -> Explosion | None:
    """Where a series leaves for good: from there on every point is 10 times further from zero than the median before.

    What comes before is at least a fifth of the points, so that a start near zero is no finding.

    Args:
        x: shape (n,).
        y: shape (n,); non-finite values are left out.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if len(y) <= 2 * _FEWEST_BEFORE:
        return None
    size, exponent = scaled(np.abs(y))
    least_from_here = np.minimum.accumulate(size[::-1])[::-1]
    first = max(_FEWEST_BEFORE, int(_EXPLOSION_AFTER * len(y)))
    starts = np.unique(np.linspace(first, len(y) - _FEWEST_FROM_HERE, _EXPLOSION_STARTS).astype(int))
    # Limits only grow: where less than half of what comes before is below the last one, less is below its own.
    below = np.cumsum(size < least_from_here[starts[-1]] / EXPLOSION_FACTOR)
    for at in starts[2 * below[starts - 1] >= starts].tolist():
        limit = least_from_here[at] / EXPLOSION_FACTOR
        # Medians of many points take long. Where even a quarter of a sample isn't below the limit, half of all isn't.
        sample = size[: at : max(1, at // _EXPLOSION_SAMPLE)]
        if np.partition(sample, len(sample) // 4)[len(sample) // 4] >= limit:
            continue
        if _explodes_from(at, size, least_from_here):
            tried = int(np.searchsorted(starts, at))
            between = range(int(starts[tried - 1]) + 1, at) if tried else range(at, at)
            later = bisect_left(between, x=True, key=lambda start: _explodes_from(start, size, least_from_here))
            onset = between.start + later
            before = float(unscaled(np.asarray(np.median(size[:onset])), exponent))
            return Explosion(float(x[onset]), float(y[-1]), before)
    return None


def _explodes_from(start: int, size: FloatArray, least_from_here: FloatArray) -> bool:
    before = float(np.median(size[:start]))
    return 0 < before < float(least_from_here[start]) / EXPLOSION_FACTOR


def flat_end(x: FloatArray, y: FloatArray) -> Stretch | None:
    """The end of a series that doesn't move: at least 20 equal points, and a tenth of all; None where it moves.

    A series that is constant throughout is no finding.

    Args:
        x: shape (n,).
        y: shape (n,); non-finite values are left out.
    """
    finite = np.isfinite(y)
    x, y = x[finite], y[finite]
    if not len(y):
        return None
    moving = np.flatnonzero(y != y[-1])
    first = int(moving[-1]) + 1 if len(moving) else 0
    points = len(y) - first
    if first == 0 or points < max(FLAT_POINTS, _FLAT_SHARE * len(y)):
        return None
    return Stretch(float(x[first]), float(x[-1]), points, float(y[-1]))


def pauses(x: FloatArray) -> list[Stretch]:
    """Pauses: two points 10 times further apart than is usual, by the median distance; the longest first.

    Args:
        x: shape (n,), ascending.
    """
    distances = np.diff(x)
    if len(distances) < _FEWEST_DISTANCES:
        return []
    at = np.flatnonzero(distances > PAUSE_FACTOR * np.median(distances))
    order = at[np.argsort(-distances[at], kind="stable")]
    return [Stretch(float(x[index]), float(x[index + 1])) for index in order.tolist()]


def _kind_of(values: FloatArray) -> Literal["nan", "inf", "both"]:
    missing = np.isnan(values)
    return "nan" if missing.all() else "both" if missing.any() else "inf"


def _stretches(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where runs of True begin and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))

"""How a series ends: still falling or rising, or level."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.statistics import MAD_TO_SIGMA

# The end is compared with what came just before: each is this share of the points, and at least so many.
END_SHARE = 0.1
FEWEST_POINTS = 10
# A change counts from this share of the usual range on, and from so many standard errors of the two medians.
LEVEL_SHARE = 0.01
# The range is taken between these percentiles: a spike would make any other change look small.
_USUAL = (2, 98)
_ERRORS = 3.0

# Standard error of a median over that of a mean, for normal noise.
_MEDIAN_ERROR = 1.2533

Trend = Literal["falling", "rising", "level"]


@dataclass(frozen=True)
class End:
    """How a series ends.

    Attributes:
        trend: `falling` or `rising` where the median of the last tenth differs from that of the tenth before by more
            than 1 % of the range from the 2nd to the 98th percentile, and by more than three standard errors; else
            `level`.
        change: the difference of the two medians.
        share: its size as a share of the range.
        since: x of the first point of the last tenth.
    """

    trend: Trend
    change: float
    share: float
    since: float


def end_of(x: FloatArray, y: FloatArray) -> End | None:
    """How a series ends; None for fewer than 20 finite points, or where all are equal.

    Args:
        x: shape (n,).
        y: shape (n,); non-finite values are left out.
    """
    kept = np.isfinite(y)
    x, y = x[kept], y[kept]
    count = max(FEWEST_POINTS, round(END_SHARE * len(y)))
    # As shares of the largest magnitude, no difference of two values leaves float64.
    largest = float(np.abs(y).max()) if len(y) else 0.0
    if len(y) < 2 * count or largest == 0:
        return None
    shares = y / largest
    usual_range = float(np.ptp(np.percentile(shares, _USUAL)) or np.ptp(shares))
    if usual_range == 0:
        return None
    last, before = shares[-count:], shares[-2 * count : -count]
    change = float(np.median(last) - np.median(before))
    noise = max(_sigma(last), _sigma(before))
    error = _MEDIAN_ERROR * noise * np.sqrt(2 / count)
    moved = abs(change) > LEVEL_SHARE * usual_range and abs(change) > _ERRORS * error
    trend: Trend = "level" if not moved else "falling" if change < 0 else "rising"
    return End(trend, change * largest, abs(change) / usual_range, float(x[-count]))


def _sigma(values: FloatArray) -> float:
    """Noise about a straight line through the values, by the median absolute deviation."""
    at = np.arange(len(values), dtype=float)
    slope, base = np.polyfit(at, values, 1)
    rest = values - (slope * at + base)
    return MAD_TO_SIGMA * float(np.median(np.abs(rest - np.median(rest))))

"""The limits of axes in numbers: percentiles and free sides are resolved, and points outside are counted."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wandb_plot.errors import UsageError
from wandb_plot.figures.options import Limit, LimitPair, Percentile
from wandb_plot.figures.view.band_limits import points_outside, without_leaps
from wandb_plot.model.figure import Series
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.scaling import scaled, unscaled

Bounds = tuple[float | None, float | None]

FREE: Bounds = (None, None)

# Room between a free side and what is drawn, as a share of the axis.
_X_MARGIN, _Y_MARGIN = 0.02, 0.05

_FARTHEST: float = np.finfo(np.float64).max / 4
_DECADES = 307
# A percentile between two of the least floats may round to zero.
_LEAST: float = np.finfo(np.float64).smallest_subnormal


@dataclass(frozen=True)
class View:
    """What is seen of some series.

    Attributes:
        xlim: both None if x has no limits. One None if only one limit was given, and no point lies inside it.
        ylim: the same for y. If only x is limited, y fits what lies inside.
        outside: how many finite points lie outside of the limits.
        band_outside: at how many points a band reaches beyond limits of y that nobody asked for.
    """

    xlim: Bounds = FREE
    ylim: Bounds = FREE
    outside: int = 0
    band_outside: int = 0


WHOLE_VIEW = View()


def find_view(
    series: Sequence[Series],
    xlim: LimitPair,
    ylim: LimitPair,
    *,
    log_x: bool,
    log_y: bool,
    sharing: Sequence[Series] = (),
) -> View:
    """Resolve the limits of a pair of axes.

    Args:
        series: all that is drawn there, after log scales took from them what has no place.
        xlim: each side a number, a percentile of the x of all finite points, or None.
        ylim: likewise, of the finite y between the limits of x. If both sides are None, they hold all lines, and bands
            but for a few leaps of their edges.
        log_x: whether x is logarithmic, and so its margins.
        log_y: the same for y.
        sharing: the series of all axes that share y with these, which then has limits in any case.

    Raises:
        UsageError: nothing lies between two limits.
    """
    x = _joined([one.x[np.isfinite(one.y)] for one in series])
    x_bounds = FREE if xlim == FREE else _resolved(xlim, x, x, "--xlim", _X_MARGIN, log=log_x)
    fitted = [one.take(within(one.x, x_bounds)) for one in sharing or series]
    calm = without_leaps(fitted, log=log_y) if ylim == FREE else None
    if x_bounds == ylim == FREE and calm is None and not sharing:
        return WHOLE_VIEW
    drawn = _joined([line for one in fitted for line in _lines(one)]) if calm is None else calm
    y_bounds = _resolved(ylim, _joined([one.y for one in fitted]), drawn, "--ylim", _Y_MARGIN, log=log_y)
    seen = [one.take(within(one.x, x_bounds)) for one in series]
    total = sum(int(np.count_nonzero(np.isfinite(one.y))) for one in series)
    inside = sum(int(np.count_nonzero(within(one.y, y_bounds))) for one in seen)
    return View(x_bounds, y_bounds, total - inside, 0 if calm is None else points_outside(seen, *y_bounds))


def _resolved(
    limits: LimitPair, values: FloatArray, drawn: FloatArray, option: str, margin: float, *, log: bool
) -> Bounds:
    low, high = (_number(limit, values) for limit in limits)
    if low is not None and high is not None:
        if low >= high:
            raise UsageError(
                f"{option}: nothing lies between {low:g} and {high:g}", hint="set the limits further apart"
            )
        return low, high
    inside = drawn[within(drawn, (low, high))]
    if not len(inside):
        return low, high
    # A free side leaves a margin; a limit that was given is exact.
    least, most = _padded(inside.min(), inside.max(), low, high, margin, log=log)
    return low if low is not None else least, high if high is not None else most


def _number(limit: Limit, values: FloatArray) -> float | None:
    if not isinstance(limit, Percentile):
        return limit
    if not len(values):
        return None
    small, exponent = scaled(values)
    return float(unscaled(np.percentile(small, [limit.rank]), exponent)[0])


def _padded(
    least: float, most: float, low: float | None, high: float | None, margin: float, *, log: bool
) -> tuple[float, float]:
    ends = np.array([least if low is None else low, most if high is None else high])
    # The distance between the two ends must be a float too.
    start, end = (np.log10(np.maximum(ends, _LEAST)) if log else np.clip(ends, -_FARTHEST, _FARTHEST)).tolist()
    pad = (end - start) * margin or 0.05 * (abs(start) or 1.0)
    if log:
        start, end = 10.0 ** max(start - pad, -_DECADES), 10.0 ** min(end + pad, _DECADES)
        return start, end
    return start - pad, end + pad


def within(values: FloatArray, bounds: Bounds) -> npt.NDArray[np.bool_]:
    """Which of `values` lie between the bounds; NaN never does."""
    low, high = bounds
    inside: npt.NDArray[np.bool_] = (values >= (-np.inf if low is None else low)) & (
        values <= (np.inf if high is None else high)
    )
    return inside


def _lines(series: Series) -> list[FloatArray]:
    return [line for name, line in series.arrays.items() if name != "x"]


def _joined(arrays: Sequence[FloatArray]) -> FloatArray:
    joined: FloatArray = np.concatenate([*arrays, np.empty(0)])
    finite: FloatArray = joined[np.isfinite(joined)]
    return finite

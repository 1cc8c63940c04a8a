"""Smoothing as W&B's charts do it: one pure function a kind.

Formulas are those of W&B's documentation, https://docs.wandb.ai/guides/app/features/panels/line-plot/smoothing, unless
a function says otherwise. All functions but `smooth` take finite values only. Every smoothed value is a weighted mean
with weights that aren't negative; sums are formed without subtraction, so one huge value leaves no rounding error
in points whose weights for it are zero.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast, get_args

import numpy as np

from wandb_plot.basics.formatting import plain_number
from wandb_plot.errors import UsageError
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.scaling import Exponents, scaled, unscaled

SmoothingMethod = Literal["average", "ema", "twema", "gaussian"]

# Unpublished: what clients that reproduce the charts of W&B use as VIEWPORT_SCALE.
_VIEWPORT_SCALE = 1000.0

_HINT = "one of none, average:N (N >= 1 points), ema:W or twema:W (0 <= W < 1), gaussian:SIGMA (SIGMA > 0 points)"


@dataclass(frozen=True)
class Smoothing:
    """A way to smooth, as `--smoothing KIND:PARAM` names it.

    Attributes:
        kind: `average`, `ema`, `twema` (time-weighted EMA) or `gaussian`.
        parameter: points of the window, the EMAs' weight, or sigma in points.
    """

    kind: SmoothingMethod
    parameter: float

    def __str__(self) -> str:
        return f"{self.kind}:{plain_number(self.parameter)}"


def parse_smoothing(text: str) -> Smoothing | None:
    """Read `KIND:PARAM`; `none` is None.

    Raises:
        UsageError: no such kind, or the parameter is out of its range.
    """
    kind, _, number = text.strip().partition(":")
    if kind == "none" and not number:
        return None
    if kind not in get_args(SmoothingMethod):
        raise UsageError(f"unknown smoothing {text!r}", hint=_HINT, candidates=["none", *get_args(SmoothingMethod)])
    try:
        parameter = float(number)
    except ValueError:
        raise UsageError(f"smoothing {text!r} needs a number after {kind}:", hint=_HINT) from None
    in_range = {
        "average": parameter >= 1 and parameter.is_integer(),
        "ema": 0 <= parameter < 1,
        "twema": 0 <= parameter < 1,
        "gaussian": 0 < parameter < math.inf,
    }
    if not in_range[kind]:
        raise UsageError(f"smoothing {text!r}: {number} is out of range", hint=_HINT)
    return Smoothing(cast("SmoothingMethod", kind), parameter)


def smooth(smoothing: Smoothing, x: FloatArray, y: FloatArray, x_range: float) -> FloatArray:
    """The smoothed line of one series.

    Non-finite values are taken out first; the smoothed line has a gap (NaN) there.

    Args:
        smoothing: kind and parameter.
        x: shape (n,), finite; only the time-weighted EMA looks at it.
        y: shape (n,).
        x_range: greatest less least x of all series drawn in the figure.

    Returns:
        shape (n,), NaN where `y` isn't finite.
    """
    finite = np.isfinite(y)
    kept = y[finite]
    by_kind: dict[SmoothingMethod, Callable[[], FloatArray]] = {
        "average": lambda: running_average(kept, int(smoothing.parameter)),
        "ema": lambda: exponential(kept, smoothing.parameter),
        "twema": lambda: time_weighted_exponential(x[finite], kept, smoothing.parameter, x_range),
        "gaussian": lambda: gaussian(kept, smoothing.parameter),
    }
    smoothed = np.full(len(y), np.nan)
    if len(kept):
        smoothed[finite] = by_kind[smoothing.kind]()
    return smoothed


def running_average(y: FloatArray, n: int) -> FloatArray:
    """Centred mean over a window of `n` points, fewer at the ends.

    The window of point i is [i - n // 2, i + (n - 1) // 2], cut at the ends: what
    `pandas.Series(y).rolling(n, min_periods=1, center=True).mean()` takes.

    Args:
        y: shape (m,), finite.
        n: at least 1; may exceed m.

    Returns:
        shape (m,).
    """
    before, after = min(n // 2, len(y)), min((n - 1) // 2, len(y))
    small, exponent = scaled(y)
    sums = _window_sums(np.pad(small, (before, after)), before + after + 1)
    at = np.arange(len(y))
    counts = np.minimum(at + after, len(y) - 1) - np.maximum(at - before, 0) + 1
    return _means(sums / counts, y, exponent)


def exponential(y: FloatArray, weight: float) -> FloatArray:
    """Exponential moving average, debiased so that early values don't lean to zero.

    s_i = weight s_(i-1) + (1 - weight) y_i from s = 0, divided by 1 - weight^(i+1).

    Args:
        y: shape (n,), finite.
        weight: of the past; 0 <= weight < 1.

    Returns:
        shape (n,).
    """
    return _decaying_mean(np.full(len(y), weight), y)


def time_weighted_exponential(x: FloatArray, y: FloatArray, weight: float, x_range: float) -> FloatArray:
    """Exponential moving average whose decay follows the distance in x, W&B's default.

    With w = min(sqrt(weight), 0.999) and d_i = (x_i - x_(i-1)) / x_range * 1000, d_0 = 0:
    s_i = w^d_i s_(i-1) + y_i and n_i = w^d_i n_(i-1) + 1; the smoothed value is s_i / n_i.
    A step backwards in x (a clock that was set, a resumed run) counts as no distance, as does every step where
    `x_range` is zero: the formula alone would weigh the past above the present, or divide by zero.

    Args:
        x: shape (n,), finite.
        y: shape (n,), finite.
        weight: what the slider of W&B's charts shows; 0 <= weight < 1.
        x_range: greatest less least x of the whole figure.

    Returns:
        shape (n,).
    """
    base = min(math.sqrt(weight), 0.999)
    distance = np.maximum(np.diff(x, prepend=x[:1]), 0.0)
    if not x_range > 0:
        return _decaying_mean(np.ones(len(y)), y)
    with np.errstate(over="ignore"):
        return _decaying_mean(np.power(base, distance / x_range * _VIEWPORT_SCALE), y)


def gaussian(y: FloatArray, sigma: float) -> FloatArray:
    """Mean weighted by a Gaussian over neighbouring points, cut at three sigma.

    Weights exp(-k^2 / (2 sigma^2)) for |k| <= 3 sigma; at the ends those of the points there are, renormalised.
    Takes time in proportion to n times sigma.

    Args:
        y: shape (n,), finite.
        sigma: in points, above 0.

    Returns:
        shape (n,).
    """
    radius = int(min(3.0 * sigma, len(y)))
    offsets = np.arange(-radius, radius + 1)
    kernel = np.exp(-0.5 * (offsets / sigma) ** 2)
    small, exponent = scaled(y)
    sums = np.convolve(small, kernel)[radius : radius + len(y)]
    at = np.arange(len(y))
    until = np.concatenate(([0.0], np.cumsum(kernel)))
    first = np.maximum(radius - at, 0)
    last = np.minimum(radius + len(y) - at, len(kernel))
    return _means(sums / (until[last] - until[first]), y, exponent)


def _decaying_mean(decay: FloatArray, y: FloatArray) -> FloatArray:
    """Mean of each value and those before it, whose weights shrink by `decay` (0 to 1) at every point."""
    small, exponent = scaled(y)
    sums = _recurrence(decay, np.stack((small, np.ones(len(y)))))
    return _means(sums[0] / sums[1], y, exponent)


def _recurrence(decay: FloatArray, terms: FloatArray) -> FloatArray:
    """Solve s_i = decay_i s_(i-1) + terms_i from s = 0, along the last axis.

    Odd-even reduction: the odd places satisfy a recurrence of the same form and half the length, and the even ones
    follow from them. Linear time, no overflow beyond that of the sums. Blelloch, Prefix Sums and Their Applications,
    1990, section 1.4.
    """
    n = terms.shape[-1]
    if n < 2:  # noqa: PLR2004 -- nothing comes before the first
        return terms
    sums = np.empty_like(terms)
    into_odd = decay[1::2]
    sums[..., 1::2] = _recurrence(
        into_odd * decay[0 : n - 1 : 2], terms[..., 1::2] + into_odd * terms[..., 0 : n - 1 : 2]
    )
    sums[..., 0] = terms[..., 0]
    sums[..., 2::2] = terms[..., 2::2] + decay[2::2] * sums[..., 1 : n - 1 : 2]
    return sums


def _window_sums(padded: FloatArray, width: int) -> FloatArray:
    """Sums of each `width` neighbours, of which there are len(padded) - width + 1.

    Windows of 1, 2, 4, ... points are each the sum of two of the size before, and `width` is put together from those
    in its binary digits: log2(width) passes, and nothing is ever taken away again as a running sum would.
    """
    count = len(padded) - width + 1
    sums = np.zeros(count)
    power, start, size = padded, 0, 1
    while size <= width:
        if width & size:
            sums += power[start : start + count]
            start += size
        power = power[:-size] + power[size:]
        size *= 2
    return sums


def _means(means: FloatArray, y: FloatArray, exponent: Exponents) -> FloatArray:
    """`means` of scaled values in the magnitude of `y`; rounding can't carry one past the extremes."""
    return np.clip(unscaled(means, exponent), y.min(), y.max()) if len(y) else means

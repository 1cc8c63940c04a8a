"""Where ticks stand and what they say: plain text, in one notation for a whole axis.

What all labels of an axis have in common (a power of ten, an offset, a date, a unit) is said once, beside the axis'
name.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullFormatter

Limits = tuple[float, float]

_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e5  # written without a power of ten
_MOST_DIGITS = 6  # of a label; where they need more, they say how far they are from a common offset
_MOST_DECIMALS = 17  # what tells any two float64 apart
_LEAST = 3  # ticks: an axis with two of them says too little
_STEPS = [1, 2, 2.5, 5, 10]
_MINOR = np.arange(2.0, 10.0)
_MOST_MINOR_DECADES = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = "\N{MULTIPLICATION SIGN}"
_MINUS = "\N{MINUS SIGN}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Runtime is told in the largest unit of which the axis holds two.
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))


@dataclass(frozen=True)
class Ticks:
    """The ticks of an axis.

    Attributes:
        positions: of those with labels.
        labels: of each.
        suffix: of the axis' name: what all labels leave out, such as a power of ten; empty where that is nothing.
        minor: positions of smaller ticks without labels.
        unit: of the labels, where they are in another one than the axis: `h`.
    """

    positions: Sequence[float]
    labels: Sequence[str]
    suffix: str = ""
    minor: Sequence[float] = ()
    unit: str = ""

    def put(self, axis: Axis) -> None:
        """Set the ticks of `axis`."""
        axis.set_major_locator(FixedLocator(self.positions))
        axis.set_major_formatter(FixedFormatter(self.labels))
        axis.set_minor_locator(FixedLocator(self.minor))
        axis.set_minor_formatter(NullFormatter())


NO_TICKS = Ticks((), ())


def linear_ticks(limits: Limits, *, most: int, integer: bool = False, seconds: bool = False) -> Ticks:
    """Ticks of a linear axis.

    Args:
        limits: of the axis.
        most: intervals.
        integer: put ticks on whole numbers only.
        seconds: the axis is in seconds, and is told in minutes, hours or days where it is long.
    """
    low, high = sorted(limits)
    size, unit = next(((s, u) for s, u in _UNITS if seconds and max(-low, high) >= 2 * s), (1, ""))
    whole = integer and size == 1
    least = max(1, min(2, math.floor(high) - math.ceil(low) + 1)) if whole else _LEAST
    locator = MaxNLocator(nbins=most, steps=_STEPS, integer=whole, min_n_ticks=least)
    positions = [float(position) for position in locator.tick_values(low / size, high / size)]
    inside = [position for position in positions if low <= position * size <= high]
    labels, shared = tick_labels(inside)
    return Ticks([position * size for position in inside], labels, f" ({shared})" if shared else "", unit=unit)


def log_ticks(limits: Limits, *, most: int) -> Ticks:
    """Ticks of a logarithmic axis: every power of ten where there is room, with minor ticks between."""
    low, high = sorted(limits)
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    if math.log10(high / low if low else math.inf) < 1:
        return linear_ticks(limits, most=most)
    stride = max(1, math.ceil((last - first) / max(2, 2 * most)))
    positions = _inside((10.0**power for power in range(first, last + 1, stride)), low, high)
    if len(positions) < _LEAST or len(positions) * 3 <= most:
        positions = _inside((digit * 10.0**power for power in range(first, last + 1) for digit in (1, 2, 5)), low, high)
    minor = (
        []
        if last - first > _MOST_MINOR_DECADES
        else [position for power in range(first, last + 1) for position in _inside(_MINOR * 10.0**power, low, high)]
    )
    return Ticks(positions, _log_labels(positions), minor=[position for position in minor if position not in positions])


def time_ticks(limits: Limits, *, most: int) -> Ticks:
    """Dates and times (UTC) on an axis whose unit is days since the epoch."""
    low, high = sorted(limits)
    for multiples in (True, False):  # round dates, else evenly spaced ones
        locator = AutoDateLocator(minticks=3, maxticks=max(3, most), interval_multiples=multiples)  # type: ignore[no-untyped-call]  # untyped in the stubs
        positions = locator.tick_values(*(_EPOCH + timedelta(days=limit) for limit in (low, high)))  # type: ignore[no-untyped-call]
        inside = _inside(positions, low, high)
        if len(inside) >= _LEAST:
            break
    labels, shared = time_labels([_EPOCH + timedelta(days=position) for position in inside])
    return Ticks(inside, labels, f", {shared}" if shared else "")


def tick_labels(values: Sequence[float]) -> tuple[list[str], str]:
    """Label evenly spaced ticks alike.

    Returns:
        A number for each value, with as many decimals as they need; and what to do with all of them to get the values:
        times a power of ten, plus an offset, or nothing.
    """
    exact = [Decimal(value) for value in values]
    if not any(exact):
        return ["0"] * len(values), ""
    labels, power = _scaled(exact)
    if max(sum(map(str.isdigit, label)) for label in labels) <= _MOST_DIGITS:
        return labels, power
    offset = _offset(exact)
    labels, power = _scaled([value - offset for value in exact])
    sign = _MINUS if offset < 0 else "+"
    return labels, f"{power} {sign} {_plain(abs(offset))}".strip() if offset else power


def time_labels(times: Sequence[datetime]) -> tuple[list[str], str]:
    """Label dates and times, each in full but for what is the same for all.

    Returns:
        A label for each, and the date or the year that they leave out: that of the first, where it changes later on.
    """
    if not times:
        return [], ""
    first = times[0]
    if all((t.day, t.hour, t.minute, t.second, t.microsecond) == (1, 0, 0, 0, 0) for t in times):
        return [f"{t:%Y}" if all(t.month == 1 for t in times) else f"{t:%Y-%m}" for t in times], ""
    if all((t.hour, t.minute, t.second, t.microsecond) == (0, 0, 0, 0) for t in times):
        new_year = [before.year != t.year for before, t in pairwise(times)]
        labels = [f"{t:%Y-%m-%d}" if new else f"{t:%m-%d}" for t, new in zip(times, [False, *new_year], strict=True)]
        return labels, f"from {first:%Y}" if any(new_year) else f"{first:%Y}"
    if any(t.microsecond for t in times):
        labels = [f"{t:%H:%M:%S.%f}".rstrip("0").rstrip(".") for t in times]
    else:
        labels = [f"{t:%H:%M:%S}" if any(t.second for t in times) else f"{t:%H:%M}" for t in times]
    new_day = [False, *(before.date() != t.date() for before, t in pairwise(times))]
    labels = [f"{t:%m-%d}" if new and t.hour == t.minute == 0 else f"{t:%m-%d} {label}" if new else label
              for t, label, new in zip(times, labels, new_day, strict=True)]  # fmt: skip
    return labels, f"from {first:%Y-%m-%d}" if any(new_day) else f"{first:%Y-%m-%d}"


def _log_labels(positions: Sequence[float]) -> list[str]:
    if all(_PLAIN_FROM <= position < _PLAIN_TO for position in positions):
        return [f"{position:.10g}" for position in positions]
    parts = [f"{position:.3e}".split("e") for position in positions]
    if all(float(mantissa) == 1 for mantissa, _ in parts):
        return [_power(int(exponent)) for _, exponent in parts]
    return [_minus(f"{float(mantissa):g}e{int(exponent)}") for mantissa, exponent in parts]


def _scaled(values: Sequence[Decimal]) -> tuple[list[str], str]:
    top = max(map(abs, values))
    if not top or _PLAIN_FROM <= top < _PLAIN_TO:
        return _fixed(values), ""
    exponent = top.adjusted()
    if exponent > 0:
        exponent -= exponent % 3
    return _fixed([value.scaleb(-exponent) for value in values]), _TIMES + _power(exponent)


def _offset(values: Sequence[Decimal]) -> Decimal:
    """A number of few digits near `values`: below all of them, or above them if they are negative."""
    if min(values) < 0 < max(values):
        return Decimal(0)
    span = max(values) - min(values)
    unit = Decimal(1).scaleb((span or max(map(abs, values))).adjusted() + 1)
    nearest = min(values, key=abs)
    return (nearest / unit).to_integral_value("ROUND_DOWN") * unit


def _fixed(values: Sequence[Decimal]) -> list[str]:
    steps = [abs(b - a) for a, b in pairwise(values) if a != b]
    tolerance = min(steps, default=max(map(abs, values))) / 1000
    decimals = next(
        (d for d in range(_MOST_DECIMALS) if all(abs(round(value, d) - value) <= tolerance for value in values)),
        _MOST_DECIMALS,
    )
    return [_minus(f"{value:.{decimals}f}") if value else "0" for value in values]


def _plain(value: Decimal) -> str:
    shortest = value.normalize()
    if abs(shortest) < _PLAIN_TO or len(shortest.as_tuple().digits) > _MOST_DIGITS // 2:
        return f"{shortest:f}"
    mantissa = shortest.scaleb(-shortest.adjusted())
    return _power(shortest.adjusted()) if mantissa == 1 else f"{mantissa:f}{_TIMES}{_power(shortest.adjusted())}"


def _inside(positions: Iterable[float], low: float, high: float) -> list[float]:
    return [position for position in map(float, positions) if low <= position <= high]


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def _minus(label: str) -> str:
    return label.replace("-", _MINUS)

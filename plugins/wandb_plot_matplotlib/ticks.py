"""Tick positions and their labels: plain text that can be read off as it stands, without offsets or mathtext."""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from matplotlib.axis import Axis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FixedFormatter, Formatter, LogLocator, MaxNLocator, NullLocator

_PLAIN_FROM, _PLAIN_TO = 1e-3, 1e6  # written without an exponent
_LONG_FROM, _LONG_TO = 1e-9, 1e12  # also, where that is shorter: 1000000001
_MOST_DECIMALS = 17  # what tells any two float64 apart
_DECADE_STEPS = [1, 2, 2.5, 5, 10]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Label evenly spaced ticks alike.

    They get as many decimals as they need, one exponent, a multiple of 3, where that is shorter.
    """
    top = max((abs(value) for value in values), default=0.0)
    if top == 0:
        return ["0"] * len(values)
    if _PLAIN_FROM <= top < _PLAIN_TO:
        return _fixed(values, 0)
    scientific = _fixed(values, math.floor(math.log10(top) / 3) * 3)
    if not _LONG_FROM <= top < _LONG_TO:
        return scientific
    return min(_fixed(values, 0), scientific, key=lambda labels: max(map(len, labels)))


def decade_label(value: float) -> str:
    """Label a tick of a logarithmic axis by itself: 0.01, 500, 2e6."""
    if _PLAIN_FROM <= value < _PLAIN_TO:
        return f"{value:.10g}"
    if not math.isfinite(value):  # matplotlib looks one tick ahead, beyond the largest float
        return ""
    mantissa, exponent = f"{value:.3e}".split("e")
    return _minus(f"{float(mantissa):g}e{int(exponent)}")


class PlainFormatter(Formatter):
    """Labels the ticks of a linear axis by `tick_labels`."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Label one value on its own."""
        del pos
        return self.format_ticks([x])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Label all ticks of an axis."""
        return tick_labels([float(value) for value in values])


class DecadeFormatter(Formatter):
    """Labels the ticks of a logarithmic axis by `decade_label`."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Label one value."""
        del pos
        return decade_label(x)


def set_linear_ticks(axis: Axis, *, integer: bool, most: int) -> None:
    """Put at most `most` intervals on a linear axis; only whole numbers where `integer`."""
    axis.set_major_locator(
        MaxNLocator(nbins=most, steps=_DECADE_STEPS, integer=integer, min_n_ticks=1 if integer else 2)
    )
    axis.set_major_formatter(PlainFormatter())


def set_log_ticks(axis: Axis, limits: tuple[float, float], *, most: int) -> None:
    """Put powers of ten on a logarithmic axis, with what lies between them where few powers are in sight."""
    axis.set_minor_locator(NullLocator())
    decades = abs(math.log10(limits[1]) - math.log10(limits[0]))
    if decades < 1:
        set_linear_ticks(axis, integer=False, most=most)
        return
    between = (1.0, 2.0, 5.0) if decades * 3 <= most else (1.0,)
    axis.set_major_locator(LogLocator(base=10, subs=between, numticks=most + 1))
    axis.set_major_formatter(DecadeFormatter())


def set_time_ticks(axis: Axis, *, most: int) -> None:
    """Put dates and times (UTC) on an axis whose unit is days since the epoch."""
    locator = AutoDateLocator(minticks=3, maxticks=most)  # type: ignore[no-untyped-call]  # untyped in the stubs
    # Numbers only: the names of months come in the language of the user.
    formats = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%H:%M:%S.%f"]
    axis.set_major_locator(locator)
    axis.set_major_formatter(
        ConciseDateFormatter(  # type: ignore[no-untyped-call]  # untyped in the stubs
            locator,
            formats=formats,
            zero_formats=["", "%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M"],
            offset_formats=["", "%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d %H:%M"],
        )
    )


def set_no_ticks(axis: Axis) -> None:
    """Leave an axis bare."""
    axis.set_major_locator(NullLocator())
    axis.set_major_formatter(FixedFormatter([]))


def _fixed(values: Sequence[float], exponent: int) -> list[str]:
    scaled = [Decimal(value).scaleb(-exponent) for value in values]
    steps = [abs(b - a) for a, b in pairwise(scaled) if a != b]
    tolerance = min(steps, default=max(abs(value) for value in scaled)) / 1000
    decimals = next(
        (d for d in range(_MOST_DECIMALS) if all(abs(round(value, d) - value) <= tolerance for value in scaled)),
        _MOST_DECIMALS,
    )
    power = f"e{exponent}" if exponent else ""
    return [_minus(f"{value:.{decimals}f}{power}") if value else "0" for value in scaled]


def _minus(label: str) -> str:
    return label.replace("-", "\N{MINUS SIGN}")

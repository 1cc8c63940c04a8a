"""Log scales: values that aren't above zero become gaps, and a band that reaches below zero ends at a floor."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from wandb_plot.model.figure import Series
from wandb_plot.model.figure_choices import XScale, YScale
from wandb_plot.model.history import FloatArray


def undrawable(x: FloatArray, y: FloatArray, xscale: XScale, yscale: YScale) -> npt.NDArray[np.bool_]:
    """Which finite points can't be drawn because a log scale has only numbers above zero, shape (n,)."""
    missing = np.zeros(len(x), dtype=bool)
    if xscale == "log":
        missing |= x <= 0
    if yscale == "log":
        missing |= y <= 0
    return missing & np.isfinite(y)


def on_scales(series: Sequence[Series], xscale: XScale, yscale: YScale) -> tuple[list[Series], float | None]:
    """Fit the series of one pair of axes to its scales.

    On a log scale an x that isn't above zero goes with its point; a y becomes a gap. The lower edge of a band becomes
    the floor there: the power of ten at or below the least of what is drawn, the same for all series of the axes, so
    that every renderer shows the band alike. A band that lies below zero as a whole is a gap.

    Returns:
        The series, and the floor, which is the end of the axis: None where no band reaches it.
    """
    if xscale == "log":
        # A gap is marked at its x, and these have none.
        series = [_marks_within(one.take(one.x > 0)) for one in series]
    if yscale != "log":
        return list(series), None
    floor = _floor(series)
    reached = any(_reaches_below_zero(one) for one in series)
    return [_marks_within(_above_zero(one, floor)) for one in series], floor if reached else None


def _reaches_below_zero(series: Series) -> bool:
    """Whether a band that is seen above zero has its lower edge below."""
    if series.low is None or series.high is None:
        return False
    return bool(((series.low <= 0) & (series.high > 0)).any())


def _floor(series: Sequence[Series]) -> float:
    # How near to zero an edge comes before it crosses is chance, so it doesn't count for the floor.
    drawn = [
        line
        for one in series
        for name, line in one.arrays.items()
        if name != "x" and not (name == "low" and _crosses(line))
    ]
    least = min((float(line[line > 0].min()) for line in drawn if (line > 0).any()), default=1.0)
    # The least of all floats has no power of ten below it.
    return 10.0 ** max(math.floor(math.log10(least)), -307)


def _crosses(edge: FloatArray) -> bool:
    return bool((edge <= 0).any())


def _above_zero(series: Series, floor: float) -> Series:
    lines: dict[str, Any] = {
        name: np.where(line > 0, line, np.nan) for name, line in series.arrays.items() if name not in ("x", "low")
    }
    if series.low is not None:
        seen = np.isfinite(series.low) & np.isfinite(lines["high"])
        edge = np.maximum(series.low, floor) if _crosses(series.low) else series.low
        lines["low"] = np.where(seen, edge, np.nan)
    return replace(series, **lines)


def _marks_within(series: Series) -> Series:
    """Drop the marks of a series whose points are gone."""
    drawn = series.y if series.smooth is None else series.smooth
    kept = set(series.x[np.isfinite(drawn)].tolist())
    return replace(series, marks=tuple(mark for mark in series.marks if mark.x in kept))

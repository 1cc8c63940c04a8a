"""The lines of several runs brought onto one x."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from wandb_plot.model.documents import RunCounts
from wandb_plot.model.formatting import plain_number
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.scaling import scaled, unscaled

# Runs with a gap here and there lose and win one again and again.
_DROPS_TOLD = 20


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
        return counts(self.values)


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
    # Runs mostly share one array of x, which is then looked at once.
    apart = list({id(x): _ascending(x) for x, _ in lines}.values())
    union = np.unique(np.concatenate(apart or [np.empty(0)]))
    exact = all(not len(x) or np.array_equal(x, union[(union >= x[0]) & (union <= x[-1])]) for x in apart)
    values = np.full((len(lines), len(union)), np.nan)
    for row, line in zip(values, lines, strict=True):
        x, y = _sorted_line(*line)
        if exact:
            row[np.searchsorted(union, x)] = y
        elif len(x):
            # What lies between a NaN and its neighbour becomes NaN too, which is what a gap asks for.
            small, exponent = scaled(y)
            row[:] = unscaled(np.interp(union, x, small, left=np.nan, right=np.nan), exponent)
    return Aligned(union, values, "exact" if exact else "interpolated")


def counts(values: FloatArray) -> npt.NDArray[np.intp]:
    """Values at each x of `values`, shape (k, n), that aren't NaN; shape (n,)."""
    found: npt.NDArray[np.intp] = np.count_nonzero(~np.isnan(values), axis=0)
    return found


def _ascending(x: FloatArray) -> FloatArray:
    return x if np.all(np.diff(x) > 0) else np.unique(x)


def _sorted_line(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The line with x strictly ascending, and NaN for every y that isn't finite."""
    finite = np.isfinite(y)
    y = y if finite.all() else np.where(finite, y, np.nan)
    if np.all(np.diff(x) > 0):
        return x, y
    order = np.argsort(x, kind="stable")
    x, y = x[order], y[order]
    last = np.append(x[1:] != x[:-1], True)
    return x[last], y[last]


def run_counts(aligned: Aligned) -> RunCounts:
    """How many runs stand behind a group's line, for metadata.json."""
    present = aligned.counts
    if not len(present):
        return {"first": 0, "last": 0, "drops": []}
    drops = np.flatnonzero(np.diff(present) < 0) + 1
    told = zip(aligned.x[drops[:_DROPS_TOLD]].tolist(), present[drops[:_DROPS_TOLD]].tolist(), strict=True)
    counted = RunCounts(
        first=int(present[0]), last=int(present[-1]), drops=[{"x": plain_number(x), "n": n} for x, n in told]
    )
    if len(drops) > _DROPS_TOLD:
        counted["more_drops"] = len(drops) - _DROPS_TOLD
    return counted

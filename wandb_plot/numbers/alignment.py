"""The lines of several runs brought onto one x."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from wandb_plot.basics.formatting import plain_number
from wandb_plot.model.history import FloatArray
from wandb_plot.model.metadata_types import RunCounts
from wandb_plot.numbers.scaling import scaled, unscaled

# Runs with a gap here and there lose and win one again and again.
_DROPS_TOLD = 20


Alignment = Literal["exact", "interpolated"]


@dataclass(frozen=True, eq=False)
class Grid:
    """An x for the lines of several runs.

    Attributes:
        x: shape (n,), strictly ascending: every x at which any of the runs logged.
        alignment: `exact`: every value was logged at its x; `interpolated`: some lie on a straight line between two.
    """

    x: FloatArray
    alignment: Alignment

    def row(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """The line of one of the runs on this x, shape (n,); NaN where it has no value."""
        x, y = _sorted_line(x, y)
        row = np.full(len(self.x), np.nan)
        if self.alignment == "exact":
            row[np.searchsorted(self.x, x)] = y
        elif len(x):
            # What lies between a NaN and its neighbour becomes NaN too, which is what a gap asks for.
            small, exponent = scaled(y)
            row[:] = unscaled(np.interp(self.x, x, small, left=np.nan, right=np.nan), exponent)
        return row


@dataclass(frozen=True, eq=False)
class Aligned:
    """The lines of k runs on one x.

    Attributes:
        x: of the grid, shape (n,).
        values: shape (k, n); NaN where a run has no value.
        alignment: of the grid.
    """

    x: FloatArray
    values: FloatArray
    alignment: Alignment


def common_grid(lines: Iterable[FloatArray]) -> Grid:
    """The union of the x of several runs.

    Exact where every run logged at each x of the union that lies between its own first and last: runs of one cadence,
    though some start later or stop earlier. Otherwise linear interpolation within each run's own range, never beyond.
    Non-finite values are gaps, and no gap is bridged: between the finite points around a gap the run has no value
    (NaN), and isn't counted.

    Args:
        lines: the x (finite) of each run's line. Where it isn't ascending it is sorted, and of several points at one x
            the last logged counts.
    """
    # Runs mostly share one array of x, which is then looked at once.
    apart = [_ascending(x) for x in {id(x): x for x in lines}.values()]
    union = np.unique(np.concatenate(apart or [np.empty(0)]))
    exact = all(not len(x) or np.array_equal(x, union[(union >= x[0]) & (union <= x[-1])]) for x in apart)
    return Grid(union, "exact" if exact else "interpolated")


def align(lines: Sequence[tuple[FloatArray, FloatArray]]) -> Aligned:
    """The lines of several runs, each x and y of shape (m,), on the grid of their x, in the order given."""
    grid = common_grid([x for x, _ in lines])
    values = np.full((len(lines), len(grid.x)), np.nan)
    for row, line in zip(values, lines, strict=True):
        row[:] = grid.row(*line)
    return Aligned(grid.x, values, grid.alignment)


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


def run_counts(x: FloatArray, present: npt.NDArray[np.intp]) -> RunCounts:
    """How many runs stand behind a group's line, for metadata.json.

    Args:
        x: of the line, shape (n,).
        present: runs that have a value there.
    """
    if not len(present):
        return {"first": 0, "last": 0, "drops": []}
    drops = np.flatnonzero(np.diff(present) < 0) + 1
    told = zip(x[drops[:_DROPS_TOLD]].tolist(), present[drops[:_DROPS_TOLD]].tolist(), strict=True)
    counted = RunCounts(
        first=int(present[0]), last=int(present[-1]), drops=[{"x": plain_number(x), "n": n} for x, n in told]
    )
    if len(drops) > _DROPS_TOLD:
        counted["more_drops"] = len(drops) - _DROPS_TOLD
    return counted

"""The line of a group: its runs brought onto one x, centre and band, and what becomes of it where runs end."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from wandb_plot.figures.lines.run_series import RunSeries
from wandb_plot.figures.options import FigureOptions
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.aggregation import aggregate
from wandb_plot.numbers.alignment import Alignment, common_grid, counts
from wandb_plot.numbers.bands import band
from wandb_plot.numbers.partial_sums import sum_rows

# More marks than this hide the line: then only the points at which runs are lost for good are marked.
_MOST_MARKS = 12

# Values that are ranked at once, as float64: 32 MB.
_CELLS_AT_ONCE = 4_000_000

_Line = tuple[npt.NDArray[np.intp], FloatArray, FloatArray | None, FloatArray | None]


@dataclass(frozen=True, eq=False)
class GroupLine:
    """The line of a group over one x.

    Attributes:
        x: shape (n,), strictly ascending.
        alignment: how the lines of the runs were brought onto that x.
        counts: how many runs have a value at each x, shape (n,).
        y: the centre, shape (n,).
        low: lower edge of the band, or None.
        high: upper edge, or None.
        members: the series of its runs.
        diverged: by id of a run whose last values are not finite, the x from which on they aren't.
        ended: by id of a run that ends before the longest one, its last x.
        left_out: ids of the runs that it was made without.
        is_stopped: whether it ends before its longest run, where the first one ends.
    """

    x: FloatArray
    alignment: Alignment
    counts: npt.NDArray[np.intp]
    y: FloatArray
    low: FloatArray | None
    high: FloatArray | None
    members: tuple[RunSeries, ...]
    diverged: Mapping[str, float]
    ended: Mapping[str, float]
    left_out: Sequence[str]
    is_stopped: bool

    def take(self, places: npt.NDArray[np.bool_]) -> Self:
        """The line at some of its points."""
        low, high = (None if edge is None else edge[places] for edge in (self.low, self.high))
        return replace(self, x=self.x[places], counts=self.counts[places], y=self.y[places], low=low, high=high)

    def changes(self) -> list[int]:
        """The indices at which the number of runs changes; if those are many, only where runs are lost for good."""
        changes = np.flatnonzero(np.diff(self.counts)) + 1
        if len(changes) > _MOST_MARKS:
            # The greatest number of runs from here on falls where runs are lost for good.
            to_come = np.maximum.accumulate(self.counts[::-1])[::-1]
            changes = np.flatnonzero(np.diff(to_come)) + 1
        return [int(at) for at in changes[:_MOST_MARKS]]


def group_line(members: Sequence[RunSeries], options: FigureOptions) -> GroupLine | None:
    """Make one line of the runs of a group; None where `incomplete` leaves no run or no point.

    Args:
        members: one metric of each run of the group; at least one.
        options: the centre, the band, and what becomes of runs that end early.
    """
    diverged = {one.run.id: found.start for one in members if (found := one.non_finite_end)}
    last = max(float(one.column.steps[-1]) for one in members)
    ended = {one.run.id: float(one.x.max()) for one in members if one.run.id not in diverged and one.ends_before(last)}
    dropped = {*diverged, *ended} if options.incomplete == "drop" else set()
    kept = [one for one in members if one.run.id not in dropped]
    grid = common_grid(one.x for one in kept)
    end = len(grid.x)
    if options.incomplete == "stop":
        end = int(np.searchsorted(grid.x, _first_end(kept), side="right"))
    if not kept or not end:
        return None
    rows = (grid.row(one.x, one.y)[:end] for one in kept)
    left_out = [one.run.id for one in members if one.run.id in dropped]
    made = _line(rows, len(kept), end, options)
    is_stopped = end < len(grid.x)
    line = GroupLine(grid.x[:end], grid.alignment, *made, tuple(kept), diverged, ended, left_out, is_stopped)
    return line.take(_says_more_than_neighbours(line))


def _says_more_than_neighbours(line: GroupLine) -> npt.NDArray[np.bool_]:
    """Which points of a line to keep, shape (n,): not those that lie within straight pieces of all runs.

    A run that logs NaN has x of its own, at which all others lie between points of theirs. Such points would pass for
    measurements without noise.
    """
    logged = np.zeros(len(line.x), dtype=bool)
    for one in line.members:
        x = one.x[np.isfinite(one.values)]
        at = np.minimum(np.searchsorted(line.x, x), len(line.x) - 1)
        logged[at[line.x[at] == x]] = True
        if logged.all():
            break
    changed = np.diff(line.counts) != 0
    told: npt.NDArray[np.bool_] = logged | (line.counts == 0) | np.r_[False, changed] | np.r_[changed, False]
    return told


def _line(rows: Iterator[FloatArray], runs: int, length: int, options: FigureOptions) -> _Line:
    """How many rows have a value, their centre, and the edges of the band; all are held only where that needs it."""
    if options.aggregate == "mean" and options.band != "ci":
        sums = sum_rows(rows, length)
        low, high = (None, None) if options.band == "none" else sums.band(sums.mean, options.band)
        return sums.counts, sums.mean, low, high
    values = np.empty((runs, length))
    for place, row in enumerate(rows):
        values[place] = row
    # What ranks the values copies them, so that is done for some x at a time.
    at_once = max(1, _CELLS_AT_ONCE // runs)
    parts = [_ranked(values[:, start : start + at_once], options) for start in range(0, length, at_once)]
    present = np.concatenate([part[0] for part in parts])
    center = np.concatenate([part[1] for part in parts])
    return present, center, _whole([part[2] for part in parts]), _whole([part[3] for part in parts])


def _whole(parts: Sequence[FloatArray | None]) -> FloatArray | None:
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


def _ranked(values: FloatArray, options: FigureOptions) -> _Line:
    center = aggregate(values, options.aggregate)
    low, high = band(values, center, options.band, of=options.aggregate) or (None, None)
    return counts(values), center, low, high


def _first_end(members: Sequence[RunSeries]) -> float:
    """Where the first of the runs has its last value."""
    ends = [one.x[np.isfinite(one.values)] for one in members]
    return min(float(x.max()) if len(x) else -np.inf for x in ends)


def run_count_text(counts: npt.NDArray[np.intp]) -> str:
    """The number of runs along a line: `n=6`; `n=6→4` where it falls; `n=4..6` where it falls and rises."""
    if not len(counts):
        return "n=0"
    first, last, least, most = counts[0], counts[-1], counts.min(), counts.max()
    if least == most:
        return f"n={first}"
    ends = sorted((first, last))
    return f"n={first}→{last}" if ends == [least, most] else f"n={least}..{most}"

"""The line of a group: its runs brought onto one x, centre and band, and what becomes of it where runs end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wandb_plot.figures.lines.run_series import RunSeries
from wandb_plot.figures.options import FigureOptions
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.aggregation import aggregate
from wandb_plot.numbers.alignment import Aligned, align
from wandb_plot.numbers.bands import band

# More marks than this hide the line: then only where runs are lost for good there is one.
_MOST_MARKS = 12


@dataclass(frozen=True, eq=False)
class GroupLine:
    """The line of a group over one x.

    Attributes:
        aligned: its runs on that x.
        y: the centre, shape (n,).
        low: lower edge of the band, or None.
        high: upper edge, or None.
        members: the series of its runs.
        diverged: by id of a run whose last values are not finite, the x from which on they aren't.
        ended: by id of a run that ends before the longest one, its last x.
        left_out: ids of the runs that it was made without.
    """

    aligned: Aligned
    y: FloatArray
    low: FloatArray | None
    high: FloatArray | None
    members: tuple[RunSeries, ...]
    diverged: Mapping[str, float]
    ended: Mapping[str, float]
    left_out: Sequence[str]

    @property
    def x(self) -> FloatArray:
        """Shape (n,), strictly ascending."""
        return self.aligned.x

    @cached_property
    def counts(self) -> list[int]:
        """How many runs have a value at each x."""
        return [int(count) for count in self.aligned.counts]

    def changes(self) -> list[int]:
        """The indices at which the number of runs changes; if those are many, only where runs are lost for good."""
        counts = np.asarray(self.counts)
        changes = np.flatnonzero(np.diff(counts)) + 1
        if len(changes) > _MOST_MARKS:
            # The greatest number of runs from here on falls where runs are lost for good.
            to_come = np.maximum.accumulate(counts[::-1])[::-1]
            changes = np.flatnonzero(np.diff(to_come)) + 1
        return [int(at) for at in changes[:_MOST_MARKS]]


def group_line(members: Sequence[RunSeries], options: FigureOptions) -> GroupLine | None:
    """Make one line of the runs of a group; None where `incomplete` leaves no run or no point.

    Args:
        members: one metric of each run of the group; at least one.
        options: the centre, the band, and what becomes of runs that end early.
    """
    diverged = {one.run.id: found.start for one in members if (found := one.divergence)}
    last = max(float(one.column.steps[-1]) for one in members)
    ended = {one.run.id: float(one.x.max()) for one in members if one.run.id not in diverged and one.ends_before(last)}
    dropped = {*diverged, *ended} if options.incomplete == "drop" else set()
    kept = [one for one in members if one.run.id not in dropped]
    aligned = align([(one.x, one.y) for one in kept])
    if options.incomplete == "stop":
        aligned = _stopped(aligned, kept)
    if not kept or not len(aligned.x):
        return None
    center = aggregate(aligned.values, options.aggregate)
    low, high = band(aligned.values, center, options.band, of=options.aggregate) or (None, None)
    left_out = [one.run.id for one in members if one.run.id in dropped]
    return GroupLine(aligned, center, low, high, tuple(kept), diverged, ended, left_out)


def _stopped(aligned: Aligned, members: Sequence[RunSeries]) -> Aligned:
    """Cut the lines where the first run has its last value."""
    ends = [one.x[np.isfinite(one.values)] for one in members]
    stop = min(float(x.max()) if len(x) else -np.inf for x in ends)
    kept = aligned.x <= stop
    return Aligned(aligned.x[kept], aligned.values[:, kept], aligned.method)


def run_count_text(counts: Sequence[int]) -> str:
    """The number of runs along a line: `n=6`; `n=6→4` where it falls; `n=4..6` where it falls and rises."""
    if not counts:
        return "n=0"
    first, last, least, most = counts[0], counts[-1], min(counts), max(counts)
    if least == most:
        return f"n={first}"
    ends = sorted((first, last))
    return f"n={first}→{last}" if ends == [least, most] else f"n={least}..{most}"

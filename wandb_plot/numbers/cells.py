"""One cell of a table: the numbers of the runs of a group, made one number with its spread."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wandb_plot.model.formatting import number_text
from wandb_plot.numbers.aggregation import Aggregate, aggregate
from wandb_plot.numbers.bands import BandKind, band
from wandb_plot.numbers.statistics import statistics_of

CellKind = Literal["mean±std", "mean", "median", "mean±ci", "iqm±ci", "best"]
Direction = Literal["min", "max"]
CELL_KINDS: tuple[CellKind, ...] = ("mean±std", "mean", "median", "mean±ci", "iqm±ci", "best")

# How tables say it, before "of each group".
CELL_DESCRIPTIONS: dict[CellKind, str] = {
    "mean±std": "the mean ± standard deviation (of the sample, n - 1) over the runs",
    "mean": "the mean over the runs",
    "median": "the median over the runs",
    "mean±ci": "the mean with its 95 % bootstrap interval over the runs",
    "iqm±ci": "the interquartile mean with its 95 % bootstrap interval over the runs",
    "best": "the best of the runs",
}

_PARTS: dict[CellKind, tuple[Aggregate, BandKind]] = {
    "mean": ("mean", "none"),
    "median": ("median", "none"),
    "mean±ci": ("mean", "ci"),
    "iqm±ci": ("iqm", "ci"),
}
_DIGITS = 4
# A spread is told with so many digits, and its centre to the same place.
_SPREAD_DIGITS = 2


@dataclass(frozen=True)
class Cell:
    """What the runs of a group give.

    Attributes:
        value: the centre, or the best; None where no run has a number.
        n: runs that have one.
        std: sample standard deviation (ddof 1); None for other kinds, and for fewer than two runs.
        low: lower end of the 95 % bootstrap interval of the centre; None as `std`.
        high: upper end of it.
    """

    value: float | None
    n: int
    std: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def text(self) -> str:
        """The number with its spread, both to the same place; empty where there is none."""
        if self.value is None:
            return ""
        spread = self.std if self.std is not None else (self.high or 0.0) - (self.low or 0.0)
        if not spread or not math.isfinite(spread):
            return _with_spread(self, lambda number: number_text(number, _DIGITS))
        places = _SPREAD_DIGITS - 1 - math.floor(math.log10(abs(spread)))
        if not 0 <= places <= 2 * _DIGITS:
            return _with_spread(self, lambda number: number_text(number, _DIGITS))
        return _with_spread(self, lambda number: f"{number:.{places}f}")


def cell_of(values: Sequence[float], kind: CellKind, direction: Direction | None = None) -> Cell:
    """The cell of a group.

    * `mean±std`: with the sample's standard deviation (ddof 1).
    * `mean±ci`, `iqm±ci`: with the 2.5 and 97.5 percentile of the centre over 1,000 bootstrap resamples of the runs,
      always the same ones (`bands.band`); iqm is the interquartile mean.
    * `best`: least or greatest, as `direction` says.

    Args:
        values: one finite number a run.
        kind: as above; `mean` and `median` have no spread.
        direction: what is best.
    """
    if not values:
        return Cell(None, 0)
    if len(values) == 1:
        # As it is: a step stays a whole number.
        return Cell(values[0], 1)
    if kind == "best":
        return Cell(min(values) if direction == "min" else max(values), len(values))
    if kind == "mean±std":
        statistics = statistics_of(np.arange(len(values), dtype=np.float64), np.asarray(values, dtype=np.float64))
        return Cell(statistics["mean"], len(values), std=statistics["std"])
    center_kind, band_kind = _PARTS[kind]
    column = np.asarray(values, dtype=np.float64)[:, None]
    center = aggregate(column, center_kind)
    edges = band(column, center, band_kind, of=center_kind)
    value = float(center[0])
    if edges is None:
        return Cell(value, len(values))
    low, high = (float(edge[0]) for edge in edges)
    return Cell(value, len(values), low=low, high=high)


def _with_spread(cell: Cell, text: Callable[[float], str]) -> str:
    value = text(cell.value or 0.0)
    if cell.std is not None:
        return f"{value} ± {text(cell.std)}"
    if cell.low is not None and cell.high is not None:
        return f"{value} [{text(cell.low)}, {text(cell.high)}]"
    return value

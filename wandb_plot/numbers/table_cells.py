"""One cell of a table: the numbers of the runs of a group, made one number with its spread."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wandb_plot.basics.formatting import number_text
from wandb_plot.model.figure_choices import Aggregate, BandKind
from wandb_plot.numbers.aggregation import aggregate
from wandb_plot.numbers.bands import band
from wandb_plot.numbers.cell_kinds import CellKind, Direction
from wandb_plot.numbers.statistics import statistics_of

_PARTS: dict[CellKind, tuple[Aggregate, BandKind]] = {
    "mean": ("mean", "none"),
    "median": ("median", "none"),
    "mean±ci": ("mean", "ci"),
    "iqm±ci": ("iqm", "ci"),
}
_DIGITS = 4
# Beyond these, numbers are told with exponents.
_MOST_PLACES = 8
_PLAIN_BELOW = 1e15


@dataclass(frozen=True)
class Cell:
    """What the runs of a group give.

    Attributes:
        value: the centre, or the best; None where no run has a number.
        n: runs that have one.
        std: sample standard deviation (ddof 1); None for other kinds, and for fewer than two runs.
        low: lower end of the 95 % bootstrap interval of the centre; None for kinds without an interval, and for fewer
            than two runs.
        high: upper end of it.
    """

    value: float | None
    n: int
    std: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def spread(self) -> float:
        """The deviation, or the length of the interval; 0 where there is none."""
        return self.std if self.std is not None else (self.high or 0.0) - (self.low or 0.0)


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


def column_texts(cells: Sequence[Cell]) -> list[str]:
    """The numbers of a column with their spreads, all to the same decimal place; empty text where there is none.

    Two digits of the largest spread are told, and at least one of the smallest. Where there are no spreads, as many
    decimals as four digits of each number take.
    """
    places = _decimal_places(cells)

    def text(number: float) -> str:
        return number_text(number, _DIGITS) if places is None else f"{number:.{places}f}"

    def lone(number: float) -> str:
        # The spreads of others say nothing of a number without one: of 0.0123 they may leave a 0.
        return number_text(number, _DIGITS) if 0 < abs(number) < 10 ** (1 - (places or 0)) else text(number)

    have_spread = any(cell.spread for cell in cells)
    return [_with_spread(cell, lone if have_spread and not cell.spread else text) for cell in cells]


def _decimal_places(cells: Sequence[Cell]) -> int | None:
    """None where the numbers are too large, or too far apart, to be written without exponents."""
    spreads = [cell.spread for cell in cells if cell.spread and math.isfinite(cell.spread)]
    if spreads:
        two_digits = sorted(1 - math.floor(math.log10(abs(spread))) for spread in spreads)
        places = max(two_digits[0], two_digits[-1] - 1, 0)
    else:
        texts = [number_text(cell.value, _DIGITS) for cell in cells if cell.value is not None]
        places = max((len(text.partition(".")[2]) for text in texts), default=0)
        if any("e" in text for text in texts):
            return None
    largest = max((abs(cell.value) for cell in cells if cell.value is not None), default=0.0)
    return places if places <= _MOST_PLACES and largest < _PLAIN_BELOW else None


def _with_spread(cell: Cell, text: Callable[[float], str]) -> str:
    if cell.value is None:
        return ""
    value = text(cell.value)
    if cell.std is not None:
        return f"{value} ± {text(cell.std)}"
    if cell.low is not None and cell.high is not None:
        return f"{value} [{text(cell.low)}, {text(cell.high)}]"
    return value

"""Mean, deviation and range of many values without holding them: from sums over a part of them, joined with the next.

Chan, Golub, LeVeque: Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from wandb_plot.model.figure_choices import SummedBand
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.alignment import counts
from wandb_plot.numbers.scaling import SAFE_EXPONENT, Exponents, exponents, scaled, unscaled

# Rows that are summed at once: as many as fit 32 MB, within limits. It depends on nothing but the length of the rows,
# so that any number of workers gives the same bytes.
_FEWEST_ROWS, _MOST_ROWS = 8, 64
_CELLS_AT_ONCE = 4_000_000

FEWEST_FOR_A_BAND = 2

# Of no deviation at all: below that of any float.
_NO_EXPONENT = -1100


@dataclass(frozen=True, eq=False)
class PartialSums:
    """What is known of the values at each x, of which there may be any number; arrays of shape (n,).

    Attributes:
        counts: how many there are.
        mean: NaN where there are none; the same holds for low and high.
        squares: the sum of squared deviations from the mean, divided by 4 to the power of `exponent`, as squares of
            huge or tiny deviations leave float64.
        exponent: see `squares`.
        low: the least value.
        high: the greatest.
    """

    counts: npt.NDArray[np.intp]
    mean: FloatArray
    squares: FloatArray
    exponent: Exponents
    low: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> "PartialSums":
        """The sums over values of shape (k, n); NaN is none."""
        small, excess = scaled(values, axis=0)
        center = mean(small)
        deviations = small - center
        exponent = exponents(deviations, axis=0)
        squares = np.nansum(np.ldexp(deviations, -exponent) ** 2, axis=0)
        exponent = np.where(squares > 0, exponent + excess, _NO_EXPONENT)
        low, high = (edge.reduce(values, initial=np.nan) for edge in (np.fmin, np.fmax))
        return cls(counts(values), unscaled(center, excess), squares, exponent, low, high)

    def joined(self, other: "PartialSums") -> "PartialSums":
        """The sums over the values of both."""
        total = self.counts + other.counts
        own, others = (part.counts / np.maximum(total, 1) for part in (self, other))
        # Each mean has its weight before they are added, and half their distance is taken: neither leaves float64.
        center = np.where(own > 0, self.mean, 0.0) * own + np.where(others > 0, other.mean, 0.0) * others
        half = np.where((own > 0) & (others > 0), other.mean / 2 - self.mean / 2, 0.0)
        apart = np.where(half != 0, np.frexp(half)[1] + 1, _NO_EXPONENT)
        exponent = np.maximum(np.maximum(self.exponent, other.exponent), apart)
        squares = np.ldexp(half, 1 - exponent) ** 2 * (own * other.counts)
        for part in (self, other):
            squares += np.ldexp(part.squares, 2 * (part.exponent - exponent))
        return PartialSums(
            counts=total,
            mean=np.where(total > 0, center, np.nan),
            squares=squares,
            exponent=exponent,
            low=np.fmin(self.low, other.low),
            high=np.fmax(self.high, other.high),
        )

    def band(self, center: FloatArray, kind: SummedBand) -> tuple[FloatArray, FloatArray]:
        """Lower and upper edge about `center`, as `bands.band` has them."""
        if kind == "minmax":
            return self._of_several(self.low), self._of_several(self.high)
        root = np.sqrt(quotient(self.squares, self.counts - 1))
        if kind == "stderr":
            root /= np.sqrt(np.maximum(self.counts, 1))
        excess = np.maximum(np.maximum(self.exponent, exponents(center[None], axis=0)) - SAFE_EXPONENT, 0)
        middle, spread = np.ldexp(center, -excess), np.ldexp(root, self.exponent - excess)
        low, high = (unscaled(edge, excess) for edge in (middle - spread, middle + spread))
        return self._of_several(low), self._of_several(high)

    def _of_several(self, edge: FloatArray) -> FloatArray:
        return np.where(self.counts < FEWEST_FOR_A_BAND, np.nan, edge)


def sum_rows(rows: Iterable[FloatArray], length: int) -> PartialSums:
    """The sums over rows of shape (length,), of which a few are held at a time."""
    waiting = iter(rows)
    at_once = min(max(_CELLS_AT_ONCE // max(length, 1), _FEWEST_ROWS), _MOST_ROWS)
    sums = PartialSums.of(np.empty((0, length)))
    first = True
    while some := list(islice(waiting, at_once)):
        part = PartialSums.of(np.stack(some))
        sums, first = (part if first else sums.joined(part)), False
    return sums


def mean(values: FloatArray) -> FloatArray:
    """The mean at each x of values of shape (k, n) whose sums stay within float64; NaN where there is none."""
    return quotient(np.nansum(values, axis=0), counts(values))


def quotient(sums: FloatArray, divisors: npt.NDArray[np.intp]) -> FloatArray:
    """The sums divided, shape (n,); NaN where the divisor isn't above zero."""
    quotient = np.full(len(sums), np.nan)
    np.divide(sums, divisors, out=quotient, where=divisors > 0)
    return quotient

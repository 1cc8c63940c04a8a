"""Long lines by the columns of pixels in a picture: the least, the greatest and the median value of each column."""

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray


class Columns:
    """The points of a line, sorted into columns of pixels along x; those without points are left out.

    No columns of a history: those are `Column`.

    Attributes:
        x: the middle of each column, shape (m,).

    Args:
        x: of the points, ascending, shape (n,).
        edges: of the columns, ascending; points outside of them are left out.
    """

    def __init__(self, x: FloatArray, edges: FloatArray) -> None:
        bounds = np.searchsorted(x, edges)
        bounds[-1] = np.searchsorted(x, edges[-1], side="right")
        filled = np.flatnonzero(np.diff(bounds))
        self._points = slice(bounds[0], bounds[-1])
        self._starts = bounds[filled] - bounds[0]
        self.x: FloatArray = (edges[filled] + edges[filled + 1]) / 2

    def least(self, values: FloatArray) -> FloatArray:
        """The least finite value of each column, shape (m,); NaN where there is none."""
        return self._extreme(np.fmin, values)

    def greatest(self, values: FloatArray) -> FloatArray:
        """The greatest finite value of each column, shape (m,); NaN where there is none."""
        return self._extreme(np.fmax, values)

    def median(self, values: FloatArray) -> FloatArray:
        """The median of the finite values of each column, shape (m,); NaN where there is none."""
        inside = values[self._points]
        present = np.isfinite(inside)
        kept = inside[present]
        counts = self._counts(present)
        ends = np.cumsum(counts)
        medians = np.full(len(counts), np.nan)
        for column in np.flatnonzero(counts):
            medians[column] = _median(kept[ends[column] - counts[column] : ends[column]])
        return medians

    def any(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Which columns have any of the `chosen` points, shape (m,)."""
        return self._counts(chosen[self._points]) > 0

    def _extreme(self, function: np.ufunc, values: FloatArray) -> FloatArray:
        inside = values[self._points]
        finite = np.where(np.isfinite(inside), inside, np.nan)
        return function.reduceat(finite, self._starts) if len(self._starts) else np.empty(0)

    def _counts(self, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
        return np.add.reduceat(chosen.astype(np.intp), self._starts) if len(self._starts) else np.empty(0, np.intp)


def _median(values: FloatArray) -> float:
    # What numpy.median does, without its checks, which cost more than the work.
    half = len(values) // 2
    parted = np.partition(values, half)
    return float(parted[half] if len(values) % 2 else (parted[half] + parted[:half].max()) / 2)

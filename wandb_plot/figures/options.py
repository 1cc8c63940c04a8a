"""How figures shall look: the same for all figures of a command."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wandb_plot.model.figure import XScale, YScale
from wandb_plot.model.history import STEP, FloatArray
from wandb_plot.numbers.grouping import Aggregate, BandKind
from wandb_plot.numbers.smoothing import Smoothing

Limits = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class FigureOptions:
    """What a user can choose of a figure.

    Attributes:
        x_axis: the name of the axis column: `_step`, `_runtime`, `_timestamp` or a metric.
        xscale: None for `time` over wall time, else `linear`.
        smoothing: None for none.
        group_by: the key that makes groups of runs; None for a line a run.
        aggregate: over the runs of a group.
        band: over the runs of a group.
        size: width and height in inches.
    """

    x_axis: str = STEP
    xscale: XScale | None = None
    yscale: YScale = "linear"
    xlim: Limits = (None, None)
    ylim: Limits = (None, None)
    smoothing: Smoothing | None = None
    group_by: str | None = None
    aggregate: Aggregate = "mean"
    band: BandKind = "none"
    size: tuple[float, float] = (8.0, 4.5)
    dpi: int = 100

    def undrawable(self, x: FloatArray, y: FloatArray) -> npt.NDArray[np.bool_]:
        """Which of the finite points a log scale has no place for, shape (n,)."""
        missing = np.zeros(len(x), dtype=bool)
        if self.xscale == "log":
            missing |= x <= 0
        if self.yscale == "log":
            missing |= y <= 0
        return missing & np.isfinite(y)

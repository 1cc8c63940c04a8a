"""Figures to draw: short to write down, with everything else as a command would have it."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wandb_plot import Figure, Series


def series(y: ArrayLike, x: ArrayLike | None = None, **fields: Any) -> Series:
    """Make a series over the steps 0, 1, 2, ... unless `x` is given."""
    heights = np.asarray(y, dtype=float)
    steps = np.arange(heights.size, dtype=float) if x is None else np.asarray(x, dtype=float)
    arrays = {name: np.asarray(fields.pop(name), dtype=float) for name in ("smooth", "low", "high") if name in fields}
    return Series(**({"label": "baseline", "metric": "loss"} | fields), x=steps, y=heights, **arrays)


def figure(*lines: Series, **fields: Any) -> Figure:
    """Make a figure of `lines`."""
    return Figure(**({"title": "loss, baseline (abc)", "xlabel": "Step", "ylabel": "loss"} | fields), series=lines)

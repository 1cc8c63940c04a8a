"""Series of ordinary runs, and of runs with something planted in them."""

import numpy as np

from wandb_plot.model.history import FloatArray

N = 5000
X = np.arange(N, dtype=float)
NOISE = np.random.default_rng(0).standard_normal(N)
LOSS = 2 * np.exp(-X / 500) + 0.3 + 0.02 * NOISE


def with_values(at: int, *values: float) -> FloatArray:
    """The loss with other values from `at` on."""
    changed = LOSS.copy()
    changed[at : at + len(values)] = values
    return changed

"""Histories of many runs: what they share is held once."""

import numpy as np

from wandb_plot.model.history import Column, History, SharedSteps
from wandb_plot.model.metrics import NUMERIC


def history(*steps: float) -> History:
    """A history of one metric with arrays of its own."""
    x = np.array(steps)
    return History({"loss": Column("loss", NUMERIC, x, x * 2, len(x))}, len(x))


def test_equal_steps_are_one_array() -> None:
    """Runs of one cadence share it; others keep theirs, though they have the same ends; values stay as they are."""
    shared = [
        one.columns["loss"]
        for one in map(SharedSteps().shared, [history(1, 2, 4), history(1, 2, 4), history(1, 3, 4), history()])
    ]
    assert shared[0].steps is shared[1].steps
    assert [column.steps.tolist() for column in shared] == [[1, 2, 4], [1, 2, 4], [1, 3, 4], []]
    assert [column.values.tolist() for column in shared] == [[2, 4, 8], [2, 4, 8], [2, 6, 8], []]

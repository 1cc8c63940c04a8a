"""Runs to compare, and what they logged."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from wandb_plot.model.history import Column, History
from wandb_plot.model.run import Run

START = datetime(2026, 1, 1, tzinfo=UTC)


def a_run(run_id: str, name: str = "", **fields: Any) -> Run:
    """A run of a project, called as its id unless a name is given."""
    return Run(run_id, name or run_id, "acme", "vision", **({"created_at": START} | fields))


def column(name: str, values: dict[float, float]) -> Column:
    """A numeric column from its values by step."""
    y = np.array(list(values.values()), dtype=float)
    steps = np.array(list(values), dtype=float)
    return Column(name, "numeric", steps, y, int(np.sum(~np.isnan(y))), is_system=name.startswith("system."))


def history(**metrics: dict[float, float]) -> History:
    """A history from values by step, by metric; `__` stands for a dot."""
    columns = {name.replace("__", "."): column(name.replace("__", "."), values) for name, values in metrics.items()}
    return History(columns, rows=max(map(len, metrics.values()), default=0))

"""Read `.wandb` files as the tests of the reader do."""

from pathlib import Path

from wandb_plot.model.history import Column, History
from wandb_plot.sources.log.columns import read_history
from wandb_plot.sources.log.transaction_log import read_log


def read(path: Path, *names: str) -> History:
    """The history of a log: the metrics named, or all."""
    return read_history(read_log(path), names or None, start_time=None)


def points(column: Column) -> list[tuple[float, float]]:
    """The numbers of a column, each with its step."""
    return list(zip(column.steps.tolist(), column.values.tolist(), strict=True))

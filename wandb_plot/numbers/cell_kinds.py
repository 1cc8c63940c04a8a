"""What a cell of a table may be, and which is best. It imports no numpy, so the command line can know it."""

from typing import Literal, get_args

CellKind = Literal["mean±std", "mean", "median", "mean±ci", "iqm±ci", "best"]
CELL_KINDS: tuple[CellKind, ...] = get_args(CellKind)

Direction = Literal["min", "max"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

# How tables say it, before "of each group".
CELL_DESCRIPTIONS: dict[CellKind, str] = {
    "mean±std": "the mean ± standard deviation (n - 1) over the runs",
    "mean": "the mean over the runs",
    "median": "the median over the runs",
    "mean±ci": "the mean with its 95 % bootstrap interval over the runs",
    "iqm±ci": "the interquartile mean with its 95 % bootstrap interval over the runs",
    "best": "the best of the runs",
}

"""What a section of the benchmark yields."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Two ways to the same.

    Attributes:
        name: what is done.
        ours: does it our way.
        anchor: does it the way that we compare with.
        bound: the ratio of their times that ours shall not exceed.
        rounds: how often each is measured.
    """

    name: str
    ours: Callable[[], object]
    anchor: Callable[[], object]
    bound: float
    rounds: int = 7

"""Several calls at once: their order, and how they end."""

import threading
import time

import pytest

from wandb_plot.engines.threads import map_concurrently


def test_answers_come_in_the_order_of_the_questions() -> None:
    """However long each takes, and however many there are."""

    def slowest_first(number: int) -> int:
        time.sleep(0.05 / (1 + number))
        return number

    assert list(map_concurrently(slowest_first, range(9), at_once=3)) == list(range(9))


def test_the_first_failure_ends_all() -> None:
    """Neither a call under way that never returns is waited for, nor is another begun."""
    never, begun = threading.Event(), []

    def call(number: int) -> None:
        begun.append(number)
        if number:
            never.wait()
        raise ValueError("the first")

    try:
        with pytest.raises(ValueError, match="the first"):
            list(map_concurrently(call, range(20), at_once=2))
    finally:
        never.set()
    assert len(begun) < 5

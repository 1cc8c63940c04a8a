"""Several calls under way at once, in threads."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
T = TypeVar("T")


def map_concurrently(function: Callable[[A], T], items: Iterable[A], *, at_once: int) -> Iterator[T]:
    """What `function` returns for each of `items`, in their order.

    Args:
        function: called in threads.
        items: what to call it with.
        at_once: how many calls may be under way.

    Raises:
        Exception: what a call raised. Calls that are not begun are not made then, nor when the user interrupts; those
            under way are left to themselves, as an answer they wait for may never come.
    """
    pool = ThreadPoolExecutor(at_once)
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)

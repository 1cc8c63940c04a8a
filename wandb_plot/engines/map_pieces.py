"""Many pieces of work through an executor: in order, a bounded number under way, and none lost where a worker dies."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar, runtime_checkable

from wandb_plot.errors import MachineError, WandbPlotError

A = TypeVar("A")
T = TypeVar("T")


# How often a piece is tried by itself after a worker died that may have died of another.
_TRIES = 2

# How often it is looked whether a worker died while its call is waited for.
_LOOK_SECONDS = 0.5


@runtime_checkable
class Mortal(Protocol):
    """An executor that has to be asked to notice that a worker died."""

    def notice_deaths(self) -> None:
        """End the calls that no worker is left for."""


class DeadWorkerError(MachineError):
    """The worker of a piece died, and so did the one that tried it again."""

    code = "environment"


@dataclass(frozen=True)
class Piece(Generic[A, T]):
    """One piece of work that has ended.

    Attributes:
        item: what it was about.
        outcome: what the function returned; None where it failed.
        error: why it failed; None where it did not.
    """

    item: A
    outcome: T | None
    error: WandbPlotError | None = None


def map_pieces(
    executor: Executor,
    function: Callable[[A], T],
    items: Iterable[A],
    *,
    ahead: int,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[Piece[A, T]]:
    """What `function` makes of each of `items`, in their order, whatever order they end in.

    Pieces whose worker died are tried again, each by itself and twice at most. A piece whose worker dies both times has
    failed; the others go on.

    Args:
        executor: runs the function; functions and items must be picklable where it has processes.
        function: may raise a `WandbPlotError`, which fails its piece.
        items: what to call it with.
        ahead: how many pieces may be under way, or done and not yet taken.
        meanwhile: what this process does once the first pieces are under way.

    Raises:
        Exception: whatever else `function` raised.
    """
    waiting = iter(items)
    under_way: deque[tuple[A, Future[T]]] = deque()
    while True:
        while len(under_way) < ahead and (item := next(waiting, _NONE)) is not _NONE:
            under_way.append((item, executor.submit(function, item)))  # type: ignore[arg-type]
        if not under_way:
            return
        if meanwhile is not None:
            meanwhile()
            meanwhile = None
        item, future = under_way.popleft()
        try:
            yield _result(executor, item, future)
        except BrokenExecutor:
            # Any of those under way may have been what killed the worker, so each is tried alone.
            lost = [item, *(other for other, _ in under_way)]
            under_way.clear()
            for one in lost:
                yield _alone(executor, function, one)


_NONE = object()


def _result(executor: Executor, item: A, future: Future[T]) -> Piece[A, T]:
    while wait([future], timeout=_LOOK_SECONDS).not_done:
        if isinstance(executor, Mortal):
            executor.notice_deaths()
    try:
        return Piece(item, future.result())
    except WandbPlotError as error:
        return Piece(item, None, error)


def _alone(executor: Executor, function: Callable[[A], T], item: A) -> Piece[A, T]:
    for _ in range(_TRIES):
        with suppress(BrokenExecutor):
            return _result(executor, item, executor.submit(function, item))
    message = f"the process that worked on {item} ended twice: it was killed, or ran out of memory"
    return Piece(item, None, DeadWorkerError(message, hint="try fewer at once with --workers N"))

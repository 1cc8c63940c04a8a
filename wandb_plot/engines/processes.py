"""Processes of this machine as an engine: they end with their parent, and are started anew where one dies."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, InvalidStateError, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import Any, ParamSpec, TypeVar

# Seconds that the end of killed processes may take.
_LONGEST_END = 5.0

P = ParamSpec("P")
T = TypeVar("T")


class Processes(Executor):
    """A pool of processes that survives the death of one of them.

    Calls that were under way when a process died end in `BrokenExecutor`; those submitted later run in a new pool.

    Args:
        workers: how many processes.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._under_way: set[Future[Any]] = set()

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run `function` in one of the processes; it and its arguments must be picklable."""
        self.notice_deaths()
        if self._pool is None:
            self._pool = self._new_pool()
        with _without_interrupts():
            try:
                future = self._pool.submit(function, *args, **kwargs)
            except (BrokenExecutor, OSError):
                # A pool that is just breaking may have closed its pipes before it says so.
                self._drop()
                self._pool = self._new_pool()
                future = self._pool.submit(function, *args, **kwargs)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def notice_deaths(self) -> None:
        """End the calls of a pool of which a process died: one that was just submitted it would leave pending."""
        if self._pool is not None and self._pool._broken:  # noqa: SLF001 -- there is no other way to know
            self._drop()

    def _drop(self) -> None:
        if self._pool is not None:
            _end(self._pool)
        self._pool = None
        for future in list(self._under_way):
            with suppress(InvalidStateError):
                future.set_exception(BrokenExecutor("a process of its pool died"))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; without `wait` also those that are at work."""
        pool, self._pool = self._pool, None
        if pool is not None and wait:
            pool.shutdown(cancel_futures=cancel_futures)
        elif pool is not None:
            _end(pool)

    def _new_pool(self) -> ProcessPoolExecutor:
        # A fork would copy the threads' locks of whatever libraries the parent has started.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=_prepare)


def processes(_address: str, workers: int | None) -> Executor:
    """The engine `processes`: as many as there are cores, where `workers` doesn't say."""
    return Processes(workers or available_cores())


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _end(pool: ProcessPoolExecutor) -> None:
    """Kill the processes of a pool, and let it see to its futures and free what it shared with them."""
    # Python 3.14 has kill_workers() for this.
    processes = list((pool._processes or {}).values())  # noqa: SLF001
    manager: Any = pool._executor_manager_thread  # noqa: SLF001
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    if manager is not None:
        manager.join(_LONGEST_END)


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Put off Ctrl-C, also for good in processes that are started meanwhile: it is the parent that ends them."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare() -> None:
    """Leave Ctrl-C to the parent, and end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent: Any = multiprocessing.parent_process()
    wait([parent.sentinel])
    os._exit(1)

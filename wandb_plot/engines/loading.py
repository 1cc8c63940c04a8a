"""Engines: found by name among the entry points that are installed, started, and ended after the work.

An engine is a function behind an entry point in the group `wandb_plot.engines`, called with the text behind the colon
of `NAME:ADDRESS` and the number of workers asked for, if one was; it returns an executor. Those that ship use that
same door.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, wait
from contextlib import contextmanager
from difflib import get_close_matches
from functools import partial
from importlib.metadata import entry_points
from typing import TypeVar

from wandb_plot.errors import MachineError, UsageError, WandbPlotError

ENTRY_POINTS = "wandb_plot.engines"

T = TypeVar("T")


@contextmanager
def open_engine(text: str, workers: int | None = None, *, timeout: float = 60.0) -> Iterator[Executor]:
    """The engine that `text` names, ended afterwards: at once where an error, or Ctrl-C, ends the work.

    Args:
        text: `NAME` or `NAME:ADDRESS`.
        workers: how many pieces to work on at once; None for as many as the engine thinks best.
        timeout: seconds that it may take to start, or to be reached.

    Raises:
        UsageError: no distribution offers an engine of that name.
        MachineError: it can't be loaded or reached.
    """
    name, _, address = text.partition(":")
    executor = _executor(name, address, workers, timeout)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def _executor(name: str, address: str, workers: int | None, timeout: float) -> Executor:
    offered = {entry.name: entry for entry in entry_points(group=ENTRY_POINTS)}
    if name not in offered:
        raise UsageError(
            f"no engine is called {name!r}; installed are: {', '.join(sorted(offered)) or 'none'}",
            hint="give --engine NAME or NAME:ADDRESS, such as processes or dask:ADDRESS",
            candidates=get_close_matches(name, offered) or sorted(offered),
        )
    try:
        executor = _started(partial(offered[name].load(), address, workers), timeout)
    except _SlowError:
        raise MachineError(
            f"engine {name!r} was not ready within {timeout:g} seconds" + (f": {address}" if address else ""),
            hint="check the address, or wait longer with --timeout SECONDS",
            code="environment",
        ) from None
    except WandbPlotError:
        raise
    except Exception as error:
        raise MachineError(
            f"engine {name!r} failed to start: {type(error).__name__}: {error}",
            hint="see the traceback with --debug, or leave --engine out",
            code="environment",
        ) from error
    if not isinstance(executor, Executor):
        raise MachineError(
            f"engine {name!r} gave a {type(executor).__name__}, not a concurrent.futures.Executor", code="environment"
        )
    return executor


class _SlowError(Exception):
    """An engine took too long to start."""


def _started(start: Callable[[], T], timeout: float) -> T:
    """What `start` returns or raises, in time; a thread that takes longer is left to itself."""
    ended: Future[T] = Future()

    def run() -> None:
        try:
            ended.set_result(start())
        except BaseException as error:  # noqa: BLE001 -- raised by whoever waits
            ended.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    if not wait([ended], timeout).done:
        raise _SlowError
    return ended.result()

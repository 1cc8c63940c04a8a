"""Work on many runs of a source: in threads of this process, or in other processes that open the same source again."""

import pickle
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from wandb_plot.engines.pieces import map_pieces
from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import MachineError, NotFoundError

if TYPE_CHECKING:
    from wandb_plot.model.run import Run
    from wandb_plot.sources.source import Source, Warn

T = TypeVar("T")

_THREADS = 8
# Pieces under way or waiting to be taken: enough to keep workers busy, and few enough to hold.
_AHEAD = 16


def map_runs(
    source: "Source", runs: "Sequence[Run]", work: "Callable[[Source, Run], T]", *, warn: "Warn"
) -> Iterator[T]:
    """What `work` makes of each of `runs`, in their order, whoever does it.

    Args:
        source: that the runs are from.
        runs: any number.
        work: reads one run and returns what is needed of it. Picklable: a function of a module, or a partial of one.
        warn: told what the source warns of, in whichever process.

    Raises:
        WandbPlotError: what `work` raised for the first run that failed, or that the process that did it died twice.
    """
    access = source.worker_access
    size = sum(map(access.size_of, runs)) if access else 0
    executor = access.pool.executor_for(len(runs), size) if access else None
    if access is None or executor is None:
        yield from map_concurrently(partial(work, source), runs, at_once=_THREADS)
        return
    in_worker = partial(_work_in_worker, pickle.dumps(access.open), work)
    for piece in map_pieces(executor, in_worker, runs, ahead=_AHEAD):
        if piece.error is not None or piece.outcome is None:
            raise piece.error or AssertionError
        outcome, warnings = piece.outcome
        for warning in warnings:
            warn(warning)
        yield outcome


def types_of(source: "Source", run: "Run") -> dict[str, str]:
    """The type of every metric of one run; for `map_runs`."""
    return source.metric_types(run)


def _work_in_worker(opener: bytes, work: "Callable[[Source, Run], T]", run: "Run") -> tuple[T, list[str]]:
    """What `work` makes of one run in this worker, and what the source warned of meanwhile."""
    source, warnings = _opened(opener)
    outcome = work(source, run)
    told = list(warnings)
    warnings.clear()
    return outcome, told


@lru_cache(maxsize=4)
def _opened(opener: bytes) -> "tuple[Source, list[str]]":
    warnings: list[str] = []
    try:
        return pickle.loads(opener)(warnings.append), warnings  # noqa: S301 -- the process that started this one wrote it
    except NotFoundError as error:
        raise MachineError(
            f"{socket.gethostname()}, where a worker runs, can't see the runs: {error.message}",
            hint="use a folder that all workers share",
            code="environment",
        ) from None

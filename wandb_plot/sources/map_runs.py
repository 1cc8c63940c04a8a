"""Work on many runs of a source: in this process, or in other processes that open the same source again."""

import pickle
import socket
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from wandb_plot.engines.map_pieces import DeadWorkerError, map_pieces
from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import MachineError, NotFoundError

if TYPE_CHECKING:
    from wandb_plot.model.run import Run
    from wandb_plot.sources.source_protocol import Source, Warn

T = TypeVar("T")

_THREADS = 8
# Pieces under way or waiting to be taken: enough to keep workers busy, and few enough to hold.
_FEWEST_AHEAD, _MOST_AHEAD = 8, 64
_BYTES_AHEAD = 1 << 26


def map_runs(
    source: "Source",
    runs: "Sequence[Run]",
    work: "Callable[[Source, Run], T]",
    *,
    warn: "Warn",
    meanwhile: Callable[[], None] | None = None,
) -> "Iterator[tuple[Run, T]]":
    """Each of `runs` with what `work` makes of it, in their order, whoever does it.

    A run whose worker died twice is left out, and noted in the `lost` of the engine.

    Args:
        source: that the runs are from.
        runs: any number.
        work: reads one run and returns what is needed of it. Picklable: a function of a module, or a partial of one.
        warn: told what the source warns of, in whichever process.
        meanwhile: what this process has to do anyway, done while others start; not called where there are none.

    Raises:
        WandbPlotError: what `work` raised for the first run that failed, or that the workers of all runs died.
    """
    access = source.worker_access
    size = sum(map(access.size_of, runs)) if access else 0
    executor = access.engine.executor_for(len(runs), size) if access else None
    if access is None or executor is None:
        here = partial(work, source)
        # A server is waited for, in threads. Logs on disk are work for Python, and threads would contend for its lock.
        yield from zip(runs, map(here, runs) if access else map_concurrently(here, runs, at_once=_THREADS), strict=True)
        return
    in_worker = partial(_work_in_worker, pickle.dumps(access.open), work)
    ahead = max(_FEWEST_AHEAD, min(_MOST_AHEAD, _BYTES_AHEAD * len(runs) // max(size, 1)))
    lost: list[DeadWorkerError] = []
    for piece in map_pieces(executor, in_worker, runs, ahead=ahead, meanwhile=meanwhile):
        if isinstance(piece.error, DeadWorkerError):
            lost.append(piece.error)
            continue
        if piece.error is not None or piece.outcome is None:
            raise piece.error or AssertionError
        outcome, warnings = piece.outcome
        for warning in warnings:
            warn(warning)
        yield piece.item, outcome
    if len(lost) == len(runs) > 0:
        raise lost[0]
    access.engine.lost += lost


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
        raise out_of_sight(f"the runs: {error.message}", hint="use a folder that all workers share") from None


def out_of_sight(what: str, *, hint: str) -> MachineError:
    """The error of a worker that can't see what the command can."""
    message = f"{socket.gethostname()}, where a worker runs, can't see {what}"
    return MachineError(message, hint=hint, code="environment")

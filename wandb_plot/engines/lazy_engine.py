"""Which engine does many pieces of work, and how many at once: as the user says, or as many as the work is worth."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from wandb_plot.errors import WandbPlotError

PROCESSES = "processes"

# What the work on a piece takes whatever its size, and how much is read in a second: a log of 50 kB takes 3 ms, and one
# of a gigabyte some 3 s.
_SECONDS_A_PIECE = 0.003
_BYTES_A_SECOND = 300e6
# Less than this is done sooner than processes have started, each of which takes 0.3 s of a processor to do so.
_WORTH_SECONDS = 1.5
_LEAST_SECONDS_EACH = 0.75


@dataclass(frozen=True)
class EngineOptions:
    """What the user says of the engine.

    Attributes:
        engine: `NAME` or `NAME:ADDRESS`; None where the user names none.
        workers: how many pieces at once; None for as many as the work is worth.
        timeout: seconds that the engine may take to start.
    """

    engine: str | None = None
    workers: int | None = None
    timeout: float = 60.0

    def engine_for(self, pieces: int, size: int) -> tuple[str, int | None] | None:
        """The engine for so many pieces of so many bytes in all, and its workers; None for its own choice of these.

        Returns:
            None where this process does them best itself.
        """
        if self.engine is not None:
            return self.engine, self.workers
        if self.workers is not None:
            return (PROCESSES, self.workers) if self.workers > 1 else None
        seconds = pieces * _SECONDS_A_PIECE + size / _BYTES_A_SECOND
        if pieces <= 1 or seconds < _WORTH_SECONDS:
            return None
        from wandb_plot.engines.processes import available_cores

        workers = min(available_cores(), pieces, int(seconds / _LEAST_SECONDS_EACH))
        return (PROCESSES, workers) if workers > 1 else None


class LazyEngine:
    """An engine, started when there is work that is worth it, and kept until it is closed.

    Attributes:
        lost: what was said of each piece of work whose workers died.
    """

    def __init__(self, options: EngineOptions) -> None:
        self.lost: list[WandbPlotError] = []
        self._options = options
        self._stack = ExitStack()
        self._executor: Executor | None = None

    def executor_for(self, pieces: int, size: int) -> "Executor | None":
        """What does so many pieces of so many bytes in all; None where this process does them best itself.

        Raises:
            UsageError: no distribution offers the engine.
            MachineError: it can't be loaded or reached.
        """
        found = self._options.engine_for(pieces, size)
        if found is not None and self._executor is None:
            from wandb_plot.engines.loading import open_engine

            self._executor = self._stack.enter_context(open_engine(*found, timeout=self._options.timeout))
        return None if found is None else self._executor

    def close(self, error: BaseException | None = None) -> None:
        """End the engine, at once where an error ended the work."""
        self._executor = None
        self._stack.__exit__(type(error) if error else None, error, None)

"""Which engine does many pieces of work, and how many at once: as the user says, or as many as the work is worth."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from wandb_plot.errors import WandbPlotError

PROCESSES = "processes"

# Less than this is read sooner than a process that reads it has started.
_WORTH_BYTES = 64 << 20


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

    def engine_for(self, pieces: int, size: int) -> str | None:
        """The engine for so many pieces of so many bytes in all; None where this process does them best itself."""
        if self.engine is not None:
            return self.engine
        if self.workers is not None:
            return PROCESSES if self.workers > 1 else None
        if pieces <= 1 or size < _WORTH_BYTES:
            return None
        from wandb_plot.engines.processes import available_cores

        return PROCESSES if available_cores() > 1 else None


class EnginePool:
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
        name = self._options.engine_for(pieces, size)
        if name is not None and self._executor is None:
            from wandb_plot.engines.opening import open_engine

            self._executor = self._stack.enter_context(
                open_engine(name, self._options.workers, timeout=self._options.timeout)
            )
        return None if name is None else self._executor

    def close(self, error: BaseException | None = None) -> None:
        """End the engine, at once where an error ended the work."""
        self._executor = None
        self._stack.__exit__(type(error) if error else None, error, None)

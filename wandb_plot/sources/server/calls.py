"""Calls of the W&B client, in its own process: what broke is asked for again, and what fails says why.

Nobody waits here: the process that asks has the time limit, and hears from here while calls get on.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, TypeVar

from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import WandbPlotError
from wandb_plot.sources.server.errors import BrokenAnswerError, explain, in_the_end

T = TypeVar("T")

# Attempts at what the client itself doesn't try again, such as a body that ended early.
ATTEMPTS = 5
_AT_ONCE = 4
_FIRST_PAUSE = 0.1
_LOOK_EVERY = 0.1


class ServerCalls:
    """Calls functions of the W&B client.

    Args:
        server: the address that messages name.
        heard: called whenever something useful came from the server.
        in_trouble: called with what went wrong, where the call is made again.
        abort: ends the process with an error, as nothing else stops what wandb-core has begun.
    """

    def __init__(
        self,
        server: str,
        *,
        heard: Callable[[], object],
        in_trouble: Callable[[WandbPlotError], object],
        abort: Callable[[WandbPlotError], NoReturn],
    ) -> None:
        self._server = server
        self._heard = heard
        self._in_trouble = in_trouble
        self.abort = abort

    def __call__(self, function: Callable[[], T], *, progress: Callable[[], object] | None = None) -> T:
        """What `function` returns, tried again where an answer ended early.

        Args:
            function: asks the server; may run several times.
            progress: something that changes while `function` gets on.

        Raises:
            AccessError: the server wants other credentials.
            ServerError: it or the network failed.
        """
        with self._watched(progress):
            for attempt in range(ATTEMPTS):
                try:
                    answer = function()
                except Exception as error:  # noqa: BLE001 -- explained, whatever it is
                    explained = explain(error, self._server)
                    if not isinstance(explained, BrokenAnswerError):
                        # The cause holds addresses that are signed, so it stays out of tracebacks.
                        raise explained from None
                    if attempt == ATTEMPTS - 1:
                        raise in_the_end(explained, self._server) from None
                    self._in_trouble(explained)
                    time.sleep(_FIRST_PAUSE * 2**attempt)
                else:
                    self._heard()
                    return answer
        raise AssertionError

    def each(self, functions: Iterable[Callable[[], T]]) -> list[T]:
        """What each of `functions` returns, several asked at once; the first failure ends all.

        Raises:
            AccessError: as above.
            ServerError: as above.
        """
        return list(map_concurrently(self, functions, at_once=_AT_ONCE))

    @contextmanager
    def _watched(self, progress: Callable[[], object] | None) -> Iterator[None]:
        """Say so whenever `progress` has changed."""
        is_done = threading.Event()

        def watch(progress: Callable[[], object]) -> None:
            seen = progress()
            while not is_done.wait(_LOOK_EVERY):
                if (now := progress()) != seen:
                    seen = now
                    self._heard()

        if progress:
            threading.Thread(target=watch, args=[progress], daemon=True).start()
        try:
            yield
        finally:
            is_done.set()


def bytes_below(folder: Path) -> int:
    """How much lies in `folder` by now; files may come and go meanwhile."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size

"""Calls of the W&B client, in its own process, and what is tried again: broken answers, and refusals by a rate limit.

What wandb-core itself tries again is in `../retry_limits.py`; a failure that stays says why.

There is no time limit here: the process that asks has one, and is told while calls make progress.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from itertools import count
from typing import NoReturn, TypeVar

from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import AccessError, WandbPlotError
from wandb_plot.sources.server.client.errors import (
    BrokenAnswerError,
    RateLimitedError,
    after_all_attempts,
    explain,
    not_logged_in,
)

T = TypeVar("T")

# Attempts at what the client itself doesn't try again, such as a body that ended early.
ATTEMPTS = 5
_AT_ONCE = 4
_FIRST_PAUSE = 0.1
_LOOK_EVERY = 0.1

# A server that limits the rate of requests says when to come back only to those who see its headers.
_LONGEST_PAUSE = 16
_SLOW_FOR = 60


class ServerCalls:
    """Calls functions of the W&B client.

    Args:
        server: the address that messages name.
        heard: called whenever something useful came from the server.
        in_trouble: called with what went wrong, where the call is made again.
        abort: ends the process with an error, as nothing else stops what wandb-core has begun.

    Attributes:
        is_anonymous: whether the client has no credentials.
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
        self.is_anonymous = False
        self._one_at_a_time = threading.Lock()
        self._slow_until = 0.0

    def __call__(self, function: Callable[[], T], *, progress: Callable[[], object] | None = None) -> T:
        """What `function` returns, tried again where an answer ended early, or the server wants fewer requests.

        Args:
            function: asks the server; may run several times.
            progress: a value that changes while `function` makes progress.

        Raises:
            AccessError: the server wants other credentials.
            ServerError: it or the network failed.
        """
        breaks, refusals = count(1), count()
        with self._watched(progress):
            while True:
                try:
                    answer = self._make(function)
                except RateLimitedError as error:
                    # Again and again: the process that asks gives up in its own time.
                    self._slow_until = time.monotonic() + _SLOW_FOR
                    self._in_trouble(error)
                    time.sleep(min(2 ** next(refusals), _LONGEST_PAUSE))
                except BrokenAnswerError as error:
                    attempt = next(breaks)
                    if attempt == ATTEMPTS:
                        raise after_all_attempts(error, self._server) from None
                    self._in_trouble(error)
                    time.sleep(_FIRST_PAUSE * 2 ** (attempt - 1))
                else:
                    self._heard()
                    return answer

    def _make(self, function: Callable[[], T]) -> T:
        """One attempt; no two at once while the server limits the rate."""
        is_limited = time.monotonic() < self._slow_until
        try:
            with self._one_at_a_time if is_limited else nullcontext():
                return function()
        except Exception as error:  # noqa: BLE001 -- explained, whatever it is
            explained = explain(error, self._server)
            if self.is_anonymous and isinstance(explained, AccessError):
                explained = not_logged_in(f"there is no API key for {self._server}, which asks for one")
            # The cause holds addresses that are signed, so it stays out of tracebacks.
            raise explained from None

    def each(self, functions: Iterable[Callable[[], T]]) -> list[T]:
        """What each of `functions` returns, several asked at once; the first failure ends all.

        Raises:
            AccessError: as above.
            ServerError: as above.
        """
        return list(map_concurrently(self, functions, at_once=_AT_ONCE))

    @contextmanager
    def _watched(self, progress: Callable[[], object] | None) -> Iterator[None]:
        """Say so whenever `progress` has changed; it is looked at no more once the call has ended."""
        is_done = threading.Event()
        watching: threading.Thread | None = None

        def watch(progress: Callable[[], object]) -> None:
            seen = progress()
            while not is_done.wait(_LOOK_EVERY):
                if (now := progress()) != seen:
                    seen = now
                    self._heard()

        if progress:
            watching = threading.Thread(target=watch, args=[progress], daemon=True)
            watching.start()
        try:
            yield
        finally:
            is_done.set()
            if watching:
                watching.join()

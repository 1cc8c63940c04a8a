"""Calls of the W&B client: each ends within the time that the user gives it, and fails with the cause."""

import math
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import ServerError
from wandb_plot.sources.server.errors import BrokenAnswerError, explain, in_the_end, too_slow

T = TypeVar("T")

# Attempts at what the client itself doesn't try again, such as a body that ended early.
ATTEMPTS = 5
_AT_ONCE = 4
_FIRST_PAUSE = 0.1
_LONGEST_WAIT = 4
_MOST_RETRIES = 4
_POLL_SECONDS = 0.05


class ServerCalls:
    """Calls functions of the W&B client.

    Args:
        server: the address that messages name.
        timeout: seconds without any progress after which a call is given up.
    """

    def __init__(self, server: str, timeout: float) -> None:
        self._server = server
        self._timeout = timeout
        self._silence = Deadline(timeout)
        self._given_up: ServerError | None = None

    def __call__(self, function: Callable[[], T], *, progress: Callable[[], object] | None = None) -> T:
        """What `function` returns, tried again where an answer ended early.

        Args:
            function: asks the server; may run several times, and on when it is given up.
            progress: something that changes while `function` gets on.

        Raises:
            AccessError: the server wants other credentials.
            ServerError: it or the network failed, or nothing came for too long, be it to calls before this one.
        """
        if self._given_up and not self._silence.remaining:
            raise self._given_up
        try:
            answer = self._try(function, progress)
        except ServerError as error:
            self._given_up = error
            raise
        self._hear()
        return answer

    def each(self, functions: Iterable[Callable[[], T]]) -> list[T]:
        """What each of `functions` returns, several asked at once; the first failure ends all.

        Raises:
            AccessError: as above.
            ServerError: as above.
        """
        return list(map_concurrently(self, functions, at_once=_AT_ONCE))

    def _try(self, function: Callable[[], T], progress: Callable[[], object] | None) -> T:
        deadline = Deadline(self._timeout)
        for attempt in range(ATTEMPTS):
            try:
                return self._wait(function, deadline, progress)
            except BrokenAnswerError as error:
                pause = _FIRST_PAUSE * 2**attempt
                if attempt == ATTEMPTS - 1 or deadline.passes_within(pause):
                    raise in_the_end(error, self._server) from None
                time.sleep(pause)
        raise AssertionError

    def _hear(self) -> None:
        self._silence.extend()
        self._given_up = None

    def _wait(self, function: Callable[[], T], deadline: "Deadline", progress: Callable[[], object] | None) -> T:
        """The client waits without limit for some answers, so it is waited for from outside."""
        outcome: Future[T] = Future()

        def run() -> None:
            try:
                outcome.set_result(function())
            except BaseException as error:  # noqa: BLE001 -- handed on to the thread that waits
                outcome.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        seen = progress() if progress else None
        while True:
            try:
                return outcome.result(deadline.remaining if progress is None else _POLL_SECONDS)
            except Exception as error:  # noqa: BLE001 -- explained, whatever it is
                if outcome.done():
                    # The cause holds addresses that are signed, so it stays out of tracebacks.
                    raise explain(error, self._server) from None
            if progress and progress() != seen:
                seen = progress()
                deadline.extend()
                self._hear()
            if deadline.remaining <= 0:
                raise too_slow(f"{self._server} gave nothing for {self._timeout:g} seconds")


class Deadline:
    """A moment that progress puts off."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.extend()

    def extend(self) -> None:
        """Start the wait anew."""
        self._end = time.monotonic() + self._seconds

    @property
    def remaining(self) -> float:
        """Seconds until the moment; not below 0."""
        return max(0.0, self._end - time.monotonic())

    def passes_within(self, seconds: float) -> bool:
        """Whether the moment comes in less than `seconds`."""
        return self.remaining < seconds


def retry_settings(timeout: float) -> dict[str, str]:
    """Environment variables that bound what wandb-core retries by itself, whose own limits are hours away.

    It waits whole seconds, doubled each time, or what `Retry-After` says.
    """
    retries = max(0, min(_MOST_RETRIES, int(math.log2(1 + timeout / 2))))
    return {"WANDB_HTTP_TIMEOUT": str(math.ceil(timeout))} | {
        f"WANDB_X_{kind}_RETRY_{limit}": str(value)
        for kind in ("GRAPHQL", "FILE_TRANSFER")
        for limit, value in (("MAX", retries), ("WAIT_MIN_SECONDS", 1), ("WAIT_MAX_SECONDS", _LONGEST_WAIT))
    }


def bytes_below(folder: Path) -> int:
    """How much lies in `folder` by now; files may come and go meanwhile."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size

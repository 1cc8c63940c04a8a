"""Calls of the W&B client: each ends within the time that the user gives it, and fails with the cause."""

import math
import re
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from wandb_plot.errors import AccessError, ServerError, WandbPlotError

T = TypeVar("T")

# Attempts at what the client itself doesn't try again, such as a body that ended early.
ATTEMPTS = 5
_AT_ONCE = 4
_FIRST_PAUSE = 0.1
_LONGEST_WAIT = 4
_MOST_RETRIES = 4
_POLL_SECONDS = 0.05

_SIGNATURE = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+")
_STATUS = re.compile(r"(?:HTTP(?: status)?|status:) (\d{3})\b")
_SLOW = re.compile(r"timeout|timed out|deadline exceeded|in time", re.IGNORECASE)
_BROKEN = re.compile(r"EOF|reset by peer|broken pipe|invalid character|unexpected end|malformed HTTP", re.IGNORECASE)
_UNREACHED = re.compile(r"dial |no such host|refused|unreachable|tls:|x509|proxyconnect", re.IGNORECASE)
_DENIED = re.compile(r"permission|denied|not authorized|unauthorized|forbidden", re.IGNORECASE)


class ServerCalls:
    """Calls functions of the W&B client.

    Args:
        server: the address that messages name.
        timeout: seconds without any progress after which a call is given up.
    """

    def __init__(self, server: str, timeout: float) -> None:
        self._server = server
        self._timeout = timeout

    def __call__(self, function: Callable[[], T], *, progress: Callable[[], object] | None = None) -> T:
        """What `function` returns, tried again where an answer ended early.

        Args:
            function: asks the server; may run several times, and on when it is given up.
            progress: something that changes while `function` gets on.

        Raises:
            AccessError: the server wants other credentials.
            ServerError: it or the network failed, or nothing came for too long.
        """
        deadline = Deadline(self._timeout)
        for attempt in range(ATTEMPTS):
            try:
                return self._wait(function, deadline, progress)
            except BrokenAnswerError:
                pause = _FIRST_PAUSE * 2**attempt
                if attempt == ATTEMPTS - 1 or deadline.passes_within(pause):
                    raise
                time.sleep(pause)
        raise AssertionError

    def each(self, functions: Iterable[Callable[[], T]]) -> list[T]:
        """What each of `functions` returns, several asked at once; the first failure ends all.

        Raises:
            AccessError: as above.
            ServerError: as above.
        """
        pool = ThreadPoolExecutor(_AT_ONCE)
        try:
            return list(pool.map(self, functions))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

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
            if deadline.remaining <= 0:
                raise _too_slow(f"{self._server} gave nothing for {self._timeout:g} seconds")


class BrokenAnswerError(ServerError):
    """An answer ended early or was no answer; asking again is likely to help."""

    code = "network"


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


def explain(error: BaseException, server: str) -> BaseException:
    """The error that tells what lies behind one of the client's, whose types don't say.

    Args:
        error: what the client raised.
        server: the address that the message names.

    Returns:
        `error` itself where it already tells, or has nothing to do with a server.
    """
    if isinstance(error, WandbPlotError) or not isinstance(error, Exception):
        return error
    if isinstance(error, OSError) and not isinstance(error, (ConnectionError, TimeoutError)):
        return error
    causes = _causes(error)
    detail = gist(str(causes[-1]) or type(error).__name__)
    status = http_status(error)
    if status is not None:
        return _refusal(status, server, detail)
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return _too_slow(f"{server} did not answer in time")
    return _failure(" ".join(map(str, causes)), server, detail)


def http_status(error: BaseException) -> int | None:
    """The HTTP status behind one of the client's errors, if it says that something failed."""
    for cause in _causes(error):
        said = _STATUS.search(str(cause))
        status = getattr(getattr(cause, "response", None), "http_status", 0) or (int(said[1]) if said else 0)
        if status >= HTTPStatus.BAD_REQUEST:
            return int(status)
    return None


def _refusal(status: int, server: str, detail: str) -> WandbPlotError:
    if status == HTTPStatus.UNAUTHORIZED:
        return not_logged_in(f"{server} doesn't accept the credentials: {detail}")
    if status == HTTPStatus.FORBIDDEN:
        return _denied(server, detail)
    if status == HTTPStatus.NOT_FOUND:
        return ServerError(f"{server} has no such address: {detail}", hint="check that WANDB_BASE_URL is a W&B server")
    return ServerError(f"{server} failed: {detail}", hint="try again later")


def _failure(text: str, server: str, detail: str) -> WandbPlotError:
    """What went wrong where no HTTP status tells, by the words for it."""
    if _UNREACHED.search(text):
        hint = "check the network, proxy settings and WANDB_BASE_URL"
        return ServerError(f"{server} can't be reached: {detail}", hint=hint, code="network")
    if _SLOW.search(text):
        return _too_slow(f"{server} did not answer in time: {detail}")
    if _BROKEN.search(text):
        return BrokenAnswerError(f"{server} broke off its answer: {detail}", hint="try again")
    if _DENIED.search(text):
        return _denied(server, detail)
    return ServerError(f"{server} failed: {detail}", hint="try again, or look closer with --debug")


def _too_slow(message: str) -> ServerError:
    return ServerError(message, hint="wait longer with --timeout SECONDS", code="timeout")


def _denied(server: str, detail: str) -> AccessError:
    return AccessError(
        f"{server} denies access: {detail}", hint="ask the owner of the project for it", code="forbidden"
    )


def not_logged_in(message: str) -> AccessError:
    """The error for missing or refused credentials."""
    return AccessError(message, hint="set WANDB_API_KEY, or log in once with: wandb login")


def gist(text: str) -> str:
    """What a message of the client comes down to in one line, without what signs the addresses in it."""
    longest = 200
    # Of a call that was tried again the last line says why it failed.
    line = next(reversed(_SIGNATURE.sub(r"\1", text).strip().splitlines()), "").removeprefix("while retrying: ")
    return line if len(line) <= longest else line[:longest] + "..."


def _causes(error: BaseException) -> list[BaseException]:
    """The error, and what led to each before."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    return chain

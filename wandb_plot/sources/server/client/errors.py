"""Errors of the W&B client as ours: the type is told by the cause, as the client's own types don't tell."""

import re
import traceback
from http import HTTPStatus

from wandb_plot.errors import AccessError, NotFoundError, ServerError, WandbPlotError

_SIGNATURE = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+")
_STATUS = re.compile(r"(?:HTTP(?: status)?|status:|returned error) (\d{3})\b")
_SLOW = re.compile(r"timeout|timed out|deadline exceeded|in time", re.IGNORECASE)
_BROKEN = re.compile(r"EOF|reset by peer|broken pipe|invalid character|unexpected end|malformed HTTP", re.IGNORECASE)
_UNREACHED = re.compile(r"dial |no such host|refused|unreachable|tls:|x509|proxyconnect", re.IGNORECASE)
_TOO_OLD = re.compile(r"Cannot query field|Unknown (?:argument|type|field)|is not defined by type", re.IGNORECASE)
_MISSING = re.compile(r"\b(project|entity|model|run)\b.{0,200}\bnot found", re.IGNORECASE)
_DENIED = re.compile(r"permission|denied|not authorized|unauthorized|forbidden", re.IGNORECASE)


class BrokenAnswerError(ServerError):
    """An answer ended early or was no answer; asking again is likely to help."""

    code = "network"


class RateLimitedError(ServerError):
    """The server wants fewer requests; asking again later is likely to help."""


class TooOldError(ServerError):
    """The server doesn't know what it was asked for, which newer ones do."""


def explain(error: BaseException, server: str) -> BaseException:
    """Our error for one of the client's, whose types don't tell errors apart: its cause does.

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
    if isinstance(error, (LookupError, TypeError, AttributeError, RecursionError)):
        return not_understood(error, server)
    causes = _causes(error)
    detail = last_line(str(causes[-1]) or type(error).__name__)
    status = http_status(error)
    if status is not None:
        return _refusal(status, server, detail)
    if any(isinstance(cause, TimeoutError) for cause in causes):
        return too_slow(f"{server} did not answer in time")
    return _failure(" ".join(map(str, causes)), server, detail)


def http_status(error: BaseException) -> int | None:
    """The HTTP status that caused one of the client's errors; None where no failed request did."""
    for cause in _causes(error):
        said = _STATUS.search(str(cause))
        status = getattr(getattr(cause, "response", None), "http_status", 0) or (int(said[1]) if said else 0)
        if status >= HTTPStatus.BAD_REQUEST:
            return int(status)
    return None


def after_all_attempts(error: BrokenAnswerError, server: str) -> WandbPlotError:
    """The error for an answer that broke off at every attempt; a refusal where its address may have expired."""
    status = http_status(error)
    refused = status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    return _refusal(status, server, error.message) if status and refused else error


def _refusal(status: int, server: str, detail: str) -> WandbPlotError:
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return not_logged_in(f"{server} doesn't accept the credentials: {detail}")
        case HTTPStatus.FORBIDDEN:
            return _denied(server, detail)
        case HTTPStatus.NOT_FOUND:
            return _not_found(server, detail)
        case HTTPStatus.TOO_MANY_REQUESTS:
            hint = "try again later, or wait longer with --timeout SECONDS"
            return RateLimitedError(f"rate limited: {server} wants fewer requests: {detail}", hint=hint)
        case HTTPStatus.BAD_REQUEST:
            return _not_answered(server, detail)
    return ServerError(f"{server} failed: {detail}", hint="try again later")


def _not_found(server: str, detail: str) -> WandbPlotError:
    """Some servers use this status for what they don't have, others for addresses only."""
    missing = _MISSING.search(detail)
    if not missing:
        return ServerError(f"{server} has no such address: {detail}", hint="check that WANDB_BASE_URL is a W&B server")
    noun = missing[1].lower()
    code = "run_not_found" if noun == "run" else "project_not_found"
    return NotFoundError(f"{server} has no such {noun}: {detail}", hint="check PROJECT and RUN", code=code)


def _not_answered(server: str, detail: str) -> ServerError:
    if _TOO_OLD.search(detail):
        return _too_old(server, detail)
    return ServerError(
        f"{server} does not understand: {detail}", hint="check the filter and the key to sort by, where given"
    )


def _too_old(server: str, detail: str) -> TooOldError:
    return TooOldError(f"{server} is too old for this: {detail}", hint="ask who runs it for a newer version")


def _failure(text: str, server: str, detail: str) -> WandbPlotError:
    """What went wrong where no HTTP status tells, by what its message says."""
    if _UNREACHED.search(text):
        hint = "check the network, proxy settings and WANDB_BASE_URL"
        return ServerError(f"{server} can't be reached: {detail}", hint=hint, code="network")
    if _SLOW.search(text):
        return too_slow(f"{server} did not answer in time: {detail}")
    if _BROKEN.search(text):
        return BrokenAnswerError(f"{server} broke off its answer: {detail}", hint="try again")
    if _DENIED.search(text):
        return _denied(server, detail)
    if _TOO_OLD.search(text):
        return _too_old(server, detail)
    return ServerError(f"{server} failed: {detail}", hint="try again, or look closer with --debug")


def not_understood(error: BaseException, server: str) -> ServerError:
    """The error for an answer of another form than was asked for; a traceback shows where that was noticed."""
    failure = ServerError(
        f"an answer of {server} can't be understood: {type(error).__name__}: {last_line(str(error))}",
        hint="look closer with --debug",
    )
    failure.add_note("".join(traceback.format_exception(error)))
    return failure


def too_slow(message: str) -> ServerError:
    """The error for an answer that did not come in time."""
    return ServerError(message, hint="wait longer with --timeout SECONDS", code="timeout")


def _denied(server: str, detail: str) -> AccessError:
    return AccessError(
        f"{server} denies access: {detail}", hint="ask the owner of the project for it", code="forbidden"
    )


def not_logged_in(message: str) -> AccessError:
    """The error for missing or refused credentials."""
    return AccessError(message, hint="set WANDB_API_KEY, or log in once with: wandb login")


def last_line(text: str) -> str:
    """The last line of a message of the client, shortened, and without the signatures of the addresses in it."""
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

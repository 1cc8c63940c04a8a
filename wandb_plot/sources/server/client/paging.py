"""Pages of the W&B client, read to their end; a server that repeats them without end is refused."""

from collections.abc import Callable
from typing import Any

from wandb_plot.errors import NotFoundError, ServerError
from wandb_plot.sources.server.client.errors import BrokenAnswerError
from wandb_plot.sources.server.client.retries import ServerCalls


def read_pages(
    paginator: Any, calls: ServerCalls, key: Callable[[Any], str], *, limit: int | None = None
) -> dict[str, Any]:
    """What the client's `paginator` gives, by `key`; of pages that shift meanwhile nothing comes twice.

    Args:
        paginator: a new one.
        calls: how the server is asked.
        key: tells one from another.
        limit: how many are enough; None for all.

    Raises:
        NotFoundError: what should hold them isn't there.
        ServerError: the server gives the same again and again.
    """
    found: dict[str, Any] = {}
    reached = 0
    page: Any = None
    is_stale = False

    def read() -> None:
        nonlocal reached, page, is_stale
        # An attempt after one that failed begins anew, but only what is missing is asked for.
        for number, item in enumerate(paginator):
            if number < reached:
                continue
            reached = number + 1
            if paginator.last_response is not page:
                if is_stale:
                    raise ServerError("the server repeats a page without end", hint="tell who runs the server")
                page, is_stale = paginator.last_response, True
            is_stale = is_stale and key(item) in found
            found.setdefault(key(item), item)
            if len(found) == limit:
                return

    calls(lambda: _read_or_missing(read, paginator), progress=lambda: len(paginator.objects))
    return found


def _read_or_missing(read: Callable[[], None], paginator: Any) -> None:
    """Read, and tell a missing project from an empty answer: the client raises a bare ValueError for both."""
    try:
        read()
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        if "find" in str(error) and paginator.last_response is None:
            raise BrokenAnswerError("the server answered nothing", hint="try again", code="server") from None
        raise NotFoundError(str(error), code="project_not_found") from None

"""Bytes that the client writes into a folder as they arrive: whether they get on, and whether they ever end."""

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from wandb_plot.errors import MachineError, ServerError
from wandb_plot.sources.server.client.calls import ServerCalls

# Fewer bytes than this within the time limit are as good as none: one a second would take for ever.
_USEFUL_BYTES = 1 << 14
# A file may grow between the listing and the download, and what stands in tables is packed one way or another.
_SLACK = 1 << 24
_KEPT_FREE = 1 << 29


def download_progress(folder: Path, calls: ServerCalls, *, announced: int | None) -> Callable[[], int]:
    """How far what arrives in `folder` has come, as the progress of a call.

    Nothing but its end stops what wandb-core has begun, so the process ends where it sends more than it said it would,
    or more than this machine can take.

    Args:
        folder: where the client writes to.
        calls: what ends the process.
        announced: how many bytes the server spoke of; None where it didn't.
    """

    def progress() -> int:
        size = _bytes_below(folder)
        if announced is not None and size > announced + _SLACK:
            calls.abort(
                ServerError(
                    f"the server sends more than the {announced} bytes that it announced", hint="try again later"
                )
            )
        if size > _SLACK and shutil.disk_usage(folder).free < _KEPT_FREE:
            calls.abort(MachineError(f"{folder}: hardly any space is left", hint="free some space"))
        return size // _USEFUL_BYTES

    return progress


def _bytes_below(folder: Path) -> int:
    """How much lies there by now; files may come and go meanwhile."""
    size = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size

"""Whether a download goes on, and whether it is no larger than was announced."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from wandb_plot.errors import MachineError, ServerError
from wandb_plot.sources.server.client.retries import ServerCalls

# Fewer bytes than this within the time limit are as good as none: one a second would take for ever.
_USEFUL_BYTES = 1 << 14
# A file may grow between listing and download, and an export be packed less well than was thought.
_SLACK = 1 << 24
_KEPT_FREE = 1 << 29


def download_progress(folder: Path, calls: ServerCalls, *, announced: int | None) -> Callable[[], int]:
    """A function that tells how much of a download has arrived in `folder`: the progress of a call.

    Nothing but the end of the process stops a download of wandb-core's. So the process ends where more arrives than was
    announced, or than this machine can take.

    Args:
        folder: where the client writes to.
        calls: what ends the process.
        announced: how many bytes the server announced; None where it didn't.
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
    """The size of all files there; files and folders may come and go meanwhile."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                size += Path(parent, name).stat().st_size
    return size

"""Calls of the client, watched while they go on."""

import threading
import time
from typing import NoReturn

from wandb_plot.errors import WandbPlotError
from wandb_plot.sources.server.client.retries import ServerCalls


def _abort(error: WandbPlotError) -> NoReturn:
    raise error


def test_progress_is_looked_at_during_the_call_alone() -> None:
    """What a call leaves, such as a folder of downloads, may be removed once it has returned."""
    looking = threading.Event()
    looks: list[str] = []

    def progress() -> int:
        looking.set()
        time.sleep(0.05)
        looks.append("done")
        return len(looks)

    calls = ServerCalls("server", heard=lambda: None, in_trouble=lambda _: None, abort=_abort)
    assert calls(looking.wait, progress=progress)
    assert looks == ["done"]

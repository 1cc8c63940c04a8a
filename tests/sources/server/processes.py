"""A source in this process, and what processes it leaves behind."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.running import private_environment
from tests.server import TestServer
from wandb_plot.sources.open_project import open_source
from wandb_plot.sources.source_protocol import Source, Warn


@contextmanager
def opened(
    server: TestServer, home: Path, *, timeout: float = 20, warn: Warn = pytest.fail, **more: str
) -> Iterator[Source]:
    """The source acme/vision in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (private_environment(home) | server.env | more).items():
            patch.setenv(name, value)
        patch.setattr("tempfile.tempdir", None)
        with open_source("acme/vision", warn=warn, timeout=timeout, cache=False) as source:
            yield source


def processes_of(home: Path) -> dict[int, str]:
    """The command lines, by number, of all processes but this one whose environment names `home`."""
    found = {}
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdecimal() and int(process.name) != os.getpid():
                environment = (process / "environ").read_bytes()
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if str(home).encode() in environment and command:
                    found[int(process.name)] = command
    return found


def eventually(holds: Callable[[], bool], within: float = 20) -> bool:
    """Whether something holds, now or soon."""
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True

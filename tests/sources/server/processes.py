"""What processes and folders a command leaves behind."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


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

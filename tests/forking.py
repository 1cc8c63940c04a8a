"""Client processes for tests, forked off one that has imported the W&B client: importing it takes most of a second.

What runs in them is what runs in a client process that is started anew.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import chdir
from multiprocessing.connection import Connection
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from subprocess import TimeoutExpired
from typing import BinaryIO

from tests.running import changed_environment, followed

_MODULES = [
    "wandb.apis.public",
    "pyarrow.parquet",
    "wandb_plot.sources.server.client.__main__",
    "wandb_plot.sources.server.client.project",
    "wandb_plot.sources.server.history_ipc",
]

_context = multiprocessing.get_context("forkserver")


class ForkedProcess:
    """What our code asks of a `Popen` with three pipes.

    Args:
        main: what the process does; a function of a module.
        environment: all of its environment.
        folder: its current folder.
    """

    def __init__(self, main: Callable[[], None], environment: Mapping[str, str], folder: Path) -> None:
        their_stdin, stdin = multiprocessing.Pipe(duplex=False)
        stdout, their_stdout = multiprocessing.Pipe(duplex=False)
        stderr, their_stderr = multiprocessing.Pipe(duplex=False)
        streams = [their_stdin, their_stdout, their_stderr]
        self._process = _context.Process(target=_become, args=(main, dict(environment), folder, streams), daemon=True)
        self._process.start()
        for stream in streams:
            stream.close()
        self.stdin: BinaryIO = _opened(stdin, "wb")
        self.stdout: BinaryIO = _opened(stdout, "rb")
        self.stderr: BinaryIO = _opened(stderr, "rb")

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once there is one."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise TimeoutExpired("the forked process", timeout or 0)
        return code

    def kill(self) -> None:
        """Kill it, unless it has ended."""
        self._process.kill()

    def close(self) -> None:
        """Close our ends of its pipes."""
        for stream in (self.stdin, self.stdout, self.stderr):
            stream.close()


def fork(main: Callable[[], None], environment: Mapping[str, str], folder: Path) -> ForkedProcess:
    """Run `main`, a function of a module, in a forked process."""
    # The path of its socket has to be short, which that of a test's own TMPDIR isn't.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "TMPDIR"))}
    with changed_environment(kept | followed), chdir(Path(__file__).parents[1]):
        _context.set_forkserver_preload(_MODULES)
        ensure_running()
    return ForkedProcess(main, environment, folder)


def fork_client(environment: Mapping[str, str], folder: Path) -> ForkedProcess:
    """Fork a client process."""
    return fork(_client, environment, folder)


def run_script(script: str) -> None:
    """What a forked process does that runs lines of Python."""
    exec(script, {})  # noqa: S102 -- from a test
    sys.stdout.flush()
    # The client's own end waits for wandb-core without limit, and hangs now and then.
    os._exit(0)


def _client() -> None:
    from wandb_plot.sources.server.client.__main__ import main

    main()


def _become(main: Callable[[], None], environment: Mapping[str, str], folder: Path, streams: list[Connection]) -> None:
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, closefd=False)  # noqa: SIM115 -- open until the process ends
        for number, mode in enumerate("rww")
    )
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    tempfile.tempdir = None  # it is looked up once a process
    main()


def _opened(connection: Connection, mode: str) -> BinaryIO:
    """The stream under a connection, as a file of bytes."""
    with connection:
        return os.fdopen(os.dup(connection.fileno()), mode)  # type: ignore[return-value]

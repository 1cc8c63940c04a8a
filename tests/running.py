"""Two ways to run a command: within this process, which costs next to nothing, and as the installed program."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from wandb_plot.__main__ import run


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit code and both streams."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> object:
        """The document on stdout."""
        return strict_json(self.stdout)

    def error(self) -> dict[str, object]:
        """The error object in the last line of stderr."""
        error: dict[str, object] = strict_json(self.stderr.splitlines()[-1])["error"]  # type: ignore[index, assignment]
        return error


def strict_json(text: str) -> object:
    """Parse JSON; unlike Python's own reader, refuse bare NaN and Infinity."""

    def refuse(token: str) -> NoReturn:
        raise ValueError(f"{token} is not JSON")

    return json.loads(text, parse_constant=refuse)


# What has coverage follow a process that tests start; `private_environment` hands it on, other environments don't:
# being followed costs a process half as much time again, and most repeat what tests run in their own process.
followed: dict[str, str] = {}


def private_environment(home: Path) -> dict[str, str]:
    """An environment that knows no W&B, no configuration of ours, and `home` for a home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "MPL", "XDG_"))}
    home.mkdir(parents=True, exist_ok=True)
    names = ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "TMPDIR")
    folders = {name: str(home / "sdk") for name in names}
    (home / "sdk").mkdir(exist_ok=True)
    return kept | followed | folders | {"HOME": str(home), "WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}


def run_here(*words: object, env: Mapping[str, str], cwd: Path) -> Finished:
    """Run a command in this process, with the environment, folder and streams that a process of its own would have.

    Its children write to the same streams. Modules that it imports stay imported.
    """
    with ExitStack() as stack:
        stack.enter_context(changed_environment(env))
        stack.enter_context(_current_folder(cwd))
        out = stack.enter_context(_redirected("stdout", 1))
        err = stack.enter_context(_redirected("stderr", 2))
        code = run([str(word) for word in words])
        sys.stdout.flush()
        sys.stderr.flush()
        return Finished(code, _content(out), _content(err))


def run_process(*words: object, env: Mapping[str, str], cwd: Path) -> Finished:
    """Run the installed command."""
    done = subprocess.run(
        [program(), *map(str, words)],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=100,
    )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


def program() -> str:
    """The path of the installed command."""
    path = shutil.which("wandb-plot", path=str(Path(sys.executable).parent))
    assert path
    return path


@contextmanager
def changed_environment(env: Mapping[str, str]) -> Iterator[None]:
    """Give this process another environment for a while."""
    kept, kept_folder = dict(os.environ), tempfile.tempdir
    try:
        _set_environment(env)
        tempfile.tempdir = None  # it is looked up once a process
        yield
    finally:
        _set_environment(kept)
        tempfile.tempdir = kept_folder


def _set_environment(env: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(env)
    time.tzset()


@contextmanager
def _current_folder(folder: Path) -> Iterator[None]:
    kept = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(kept)


@contextmanager
def _redirected(name: str, descriptor: int) -> Iterator[IO[bytes]]:
    """Send a standard stream, down to its file descriptor, into a file."""
    kept_stream, kept_descriptor = getattr(sys, name), os.dup(descriptor)
    kept_stream.flush()
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), descriptor)
        try:
            with open(descriptor, "w", encoding="utf-8", closefd=False) as stream:
                setattr(sys, name, stream)
                yield file
        finally:
            setattr(sys, name, kept_stream)
            os.dup2(kept_descriptor, descriptor)
            os.close(kept_descriptor)


def _content(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()

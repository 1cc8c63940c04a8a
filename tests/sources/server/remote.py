"""Questions to a server source, asked in a process of its own, where the real client may do as it likes."""

import importlib
import os
import pickle
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Self

from wandb_plot.sources.server.source import ServerSource

_ROOT = Path(__file__).parents[3]

Question = Callable[[ServerSource], Any]


class Remote:
    """A process that answers one question after the other; a context manager.

    Attributes:
        home: the home folder that the process sees, the user's cache within it.
    """

    def __init__(self, home: Path, env: Mapping[str, str] | None = None) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "XDG_"))}
        self._noise = tempfile.TemporaryFile()  # noqa: SIM115 -- closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.sources.server.remote"],
            cwd=_ROOT,
            env=kept | {"HOME": str(home), "TMPDIR": str(home), "WANDB_ERROR_REPORTING": "false"} | dict(env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._noise,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._noise.close()

    def __call__(
        self,
        env: Mapping[str, str],
        question: Question,
        *arguments: object,
        project: str | None = "acme/vision",
        timeout: float = 20,
        cache: bool = False,
        patience: float = 60,
    ) -> Any:
        """What `question(source, *arguments)` returns over there, for a new source; what it raises is raised here."""
        opened = {"project": project, "timeout": timeout, "cache": cache}
        # The module is named, not pickled: its name is another in each process.
        asked = (dict(env), question.__module__, question.__name__, arguments, opened)
        assert self._process.stdin
        assert self._process.stdout
        pickle.dump(asked, self._process.stdin)
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], patience)
        if not ready:
            self._process.kill()
            raise AssertionError(f"no answer within {patience} seconds")
        answer, error = pickle.load(self._process.stdout)  # noqa: S301 -- from our own process
        if error is not None:
            raise error
        return answer

    def said(self) -> str:
        """All that the process wrote to stdout and stderr so far."""
        self._noise.seek(0)
        return self._noise.read().decode()


def _answer(asked: IO[bytes]) -> tuple[Any, BaseException | None]:
    env, module, name, arguments, opened = pickle.load(asked)  # noqa: S301 -- from our own process
    for variable in [variable for variable in os.environ if variable.startswith("WANDB_") and variable not in env]:
        del os.environ[variable]
    os.environ.update(env)
    question = getattr(importlib.import_module(module), name)
    try:
        with ServerSource(**opened, warn=_warnings.append) as source:
            return question(source, *arguments), None
    except Exception as error:  # noqa: BLE001 -- handed on to the test
        return None, error


_warnings: list[str] = []


def warnings() -> list[str]:
    """What sources warned of in this process since this was asked last."""
    said, _warnings[:] = list(_warnings), []
    return said


def _serve() -> None:
    # What the client prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        while True:
            pickle.dump(_answer(sys.stdin.buffer), answers)
            answers.flush()
    except EOFError:
        os._exit(0)


if __name__ == "__main__":
    # Questions import this module under its name; there must not be a second one beside it.
    sys.modules["tests.sources.server.remote"] = sys.modules["__main__"]
    _serve()

"""Questions to a project of a server, asked in a process with the real client, which starts once for many tests."""

import importlib
import os
import pickle
import select
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, NoReturn, Self

from tests.forking import fork
from wandb_plot.errors import WandbPlotError
from wandb_plot.sources.server.client.connection import connect
from wandb_plot.sources.server.client.project import ServerProject
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.client_environment import client_environment, server_address
from wandb_plot.sources.server.project_address import ServerPath, parse_project

Question = Callable[[ServerProject], Any]


class Remote:
    """A process that answers one question after the other; a context manager.

    Attributes:
        home: the home folder that the process sees, the user's cache within it.
    """

    def __init__(self, home: Path, timeout: float = 20) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        self._private = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "XDG_"))}
        environment = client_environment(
            kept | {"HOME": str(home)}, Path(self._private.name), "http://127.0.0.1:9", timeout
        )
        self._noise = Path(self._private.name) / "noise"
        self._process = fork(partial(_serve, self._noise), environment, home)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()
        self._process.wait()
        self._process.close()
        self._private.cleanup()

    def __call__(
        self,
        env: Mapping[str, str],
        question: Question,
        *arguments: object,
        project: str | None = "acme/vision",
        cache: bool = False,
        patience: float = 60,
    ) -> Any:
        """What `question(project, *arguments)` returns over there; what it raises is raised here."""
        # The module is named, not pickled: its name is another in each process.
        known = {name: env[name] for name in ("WANDB_BASE_URL", "WANDB_API_KEY", "WANDB_ENTITY") if name in env}
        cache_folder = self.home / "cache" if cache else None
        asked = (known, question.__module__, question.__name__, arguments, project, cache_folder)
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
        return self._noise.read_text()


def _answer(asked: IO[bytes]) -> tuple[Any, BaseException | None]:
    env, module, name, arguments, project, cache_folder = pickle.load(asked)  # noqa: S301 -- from our own process
    for variable in ("WANDB_API_KEY", "WANDB_ENTITY"):
        os.environ.pop(variable, None)
    os.environ.update(env)
    question = getattr(importlib.import_module(module), name)
    try:
        return question(_opened(project, cache_folder), *arguments), None
    except Exception as error:  # noqa: BLE001 -- handed on to the test
        return None, error


def _opened(text: str | None, cache_folder: Path | None) -> ServerProject:
    server = server_address()
    path = parse_project(text, server=server) if text else ServerPath(None)
    calls = ServerCalls(server, heard=lambda: None, in_trouble=_troubles.append, abort=_abort)
    return ServerProject(
        lambda: connect(calls, server, 60, path.entity),
        calls=calls,
        server=server,
        entity=path.entity,
        project=path.project,
        cache_folder=cache_folder,
        warn=_warnings.append,
    )


def _abort(error: WandbPlotError) -> NoReturn:
    raise error


_warnings: list[str] = []
_troubles: list[WandbPlotError] = []


def warnings() -> list[str]:
    """What projects warned of in this process since this was asked last."""
    said, _warnings[:] = list(_warnings), []
    return said


def _serve(noise: Path) -> None:
    # What the client prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    for printed in (1, 2):
        os.dup2(os.open(noise, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), printed)
    try:
        while True:
            pickle.dump(_answer(sys.stdin.buffer), answers)
            answers.flush()
    except EOFError:
        os._exit(0)

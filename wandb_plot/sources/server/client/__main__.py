"""The process in which the W&B client runs: `python -P -m wandb_plot.sources.server.client`.

Questions come in on stdin, several at once, and answers leave on stdout. It ends with the process that asks.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from wandb_plot.errors import MachineError, WandbPlotError
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Run, RunFile
from wandb_plot.sources.server.client.connection import connect, start_core
from wandb_plot.sources.server.client.errors import RateLimitedError, not_understood
from wandb_plot.sources.server.client.memory_limit import limit_memory
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.messages import dataclass_from, error_fields, read, write

if TYPE_CHECKING:
    from wandb_plot.sources.server.client.project import ServerProject

_LOOK_FOR_PARENT_EVERY = 0.5


class QuestionServer:
    """Answers questions about one project.

    Args:
        opening: the first message that came in: what is to be read.
        answers: where answers are written to.
    """

    def __init__(self, opening: Mapping[str, Any], answers: BinaryIO) -> None:
        self._answers = answers
        self._sending = threading.Lock()
        self._is_limit_told = False
        self._server: str = opening["server"]
        entity: str | None = opening["entity"]
        calls = ServerCalls(
            self._server,
            heard=lambda: self._send({}),
            in_trouble=self._tell_trouble,
            abort=self._abort,
        )
        # Imported here, as wandb-core can start meanwhile.
        from wandb_plot.sources.server.client.project import ServerProject

        self._project = ServerProject(
            lambda: connect(calls, self._server, opening["timeout"], entity),
            calls=calls,
            server=self._server,
            entity=entity,
            project=opening["project"],
            cache_folder=Path(opening["cache_folder"]) if opening["cache_folder"] else None,
            warn=lambda text: self._send({"warning": text}),
        )

    def serve(self, questions: BinaryIO) -> None:
        """Answer each question in a thread, until no more can come."""
        self._send({})
        while question := read(questions):
            threading.Thread(target=self._answer, kwargs=question.fields, daemon=True).start()

    def _answer(self, number: int, method: str, arguments: Mapping[str, Any], size: int) -> None:  # noqa: ARG002 -- each message has a size
        try:
            answer = _METHODS[method](self._project, **arguments)
            is_content = isinstance(answer, memoryview)
            fields = {"number": number, "entity": self._project.entity, "answer": None if is_content else answer}
            self._send(fields, answer if is_content else b"")
        except WandbPlotError as error:
            self._send({"number": number, "error": error_fields(error)})
        except Exception as error:  # noqa: BLE001 -- handed on to the process that asks
            self._send({"number": number, "error": error_fields(self._explain(error))})

    def _explain(self, error: Exception) -> WandbPlotError:
        """The error that is sent: an unexpected exception means an answer that can't be handled."""
        if isinstance(error, MemoryError):
            return MachineError("out of memory", hint="ask for less at once", code="environment")
        if isinstance(error, OSError):
            return MachineError(f"{error.filename or 'the client'}: {error.strerror or error}")
        return not_understood(error, self._server)

    def _tell_trouble(self, error: WandbPlotError) -> None:
        self._send({"trouble": error_fields(error)})
        if isinstance(error, RateLimitedError) and not self._is_limit_told:
            self._is_limit_told = True
            self._send({"warning": f"{error.message}; waiting"})

    def _send(self, fields: Mapping[str, Any], content: bytes | memoryview = b"") -> None:
        with self._sending:
            write(self._answers, fields, content)

    def _abort(self, error: WandbPlotError) -> NoReturn:
        self._send({"fatal": error_fields(error)})
        os._exit(1)


def _metric_types(project: "ServerProject", run: Mapping[str, Any]) -> dict[str, str]:
    return project.metric_types(Run(**run))


def _history(project: "ServerProject", run: Mapping[str, Any], **wanted: Any) -> memoryview:
    from wandb_plot.sources.server.history_ipc import to_ipc

    return to_ipc(project.history(Run(**run), **wanted))


def _files(project: "ServerProject", run: Mapping[str, Any]) -> list[RunFile]:
    return project.files(Run(**run))


def _fetch(project: "ServerProject", run: Mapping[str, Any], file: Mapping[str, Any], folder: str) -> str:
    return str(project.fetch(Run(**run), RunFile(**file), Path(folder)))


_METHODS: dict[str, Callable[..., Any]] = {
    "projects": lambda project, limit: project.projects(limit),
    "runs": lambda project, query: project.runs(dataclass_from(RunQuery, query)),
    "find": lambda project, names: project.find(*names),
    "metric_types": _metric_types,
    "history": _history,
    "files": _files,
    "fetch": _fetch,
}


def end_with_parent() -> None:
    """End once the process that asks has, also in the middle of an import."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(_LOOK_FOR_PARENT_EVERY)
    os._exit(1)


def main() -> NoReturn:
    """Answer questions until there are none any more."""
    # wandb-core inherits what is open under these numbers, and prints. Copies of them are not inherited.
    questions = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    threading.Thread(target=end_with_parent, daemon=True).start()
    limit_memory()
    opening = read(questions)
    if opening:
        with suppress(MachineError):  # told to whoever asks something
            start_core()
        with suppress(BrokenPipeError):
            QuestionServer(opening.fields, answers).serve(questions)
    # The client's own end waits for wandb-core without limit, and hangs now and then.
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

"""A W&B server as a source. A child process asks it: the one in which the W&B client runs."""

import os
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Self

from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Project, Run, RunFile
from wandb_plot.sources.server.client_environment import client_environment, server_address
from wandb_plot.sources.server.client_process import ClientProcess
from wandb_plot.sources.server.messages import Message, dataclass_from
from wandb_plot.sources.server.private_folder import PrivateFolder, remove_abandoned
from wandb_plot.sources.server.project_address import ServerPath, parse_project
from wandb_plot.sources.source_protocol import Choose, LoggedMetrics, Warn, read_in_turn
from wandb_plot.sources.user_cache import user_cache_folder

if TYPE_CHECKING:
    from wandb_plot.model.history import History


class ServerSource:
    """The runs of one project on the configured server.

    This process never imports the client, and changes neither its environment nor its folder for it. The client process
    starts at once, as that takes a second; it asks the server nothing before it must.
    """

    def __init__(
        self, project: str | None, *, warn: Warn, timeout: float, cache: bool = True, entity: str | None = None
    ) -> None:
        """Understand PROJECT.

        Args:
            project: `entity/project`, `project`, `entity/project/run`, or the address of a W&B page; None for an
                entity, of which only the projects can be listed.
            warn: called with a line for the user whenever the server gave less than it should.
            timeout: give up when the server has given nothing for this many seconds.
            cache: keep histories, and use what was kept.
            entity: the entity where `project` is None; None for the account's default one.

        Raises:
            UsageError: PROJECT has no such form, or is a page of another server.
        """
        self.worker_access = None
        server = server_address()
        path = ServerPath(entity)
        if project is not None:
            path = parse_project(project, server=server, app_address=os.environ.get("WANDB_APP_URL"))
        self.entity = path.entity
        self.project = path.project
        self.named_run = path.run
        histories = user_cache_folder("histories") if cache else None
        opening = {
            "server": server,
            "entity": path.entity,
            "project": path.project,
            "timeout": timeout,
            "cache_folder": str(histories) if histories else None,
        }
        self._process, folder = _start_client(opening, timeout, warn)
        # Also where it is never closed; then when this process ends.
        self._closing = weakref.finalize(self, _close, self._process, folder)
        remove_abandoned()

    @classmethod
    def for_entity(cls, entity: str | None, *, warn: Warn, timeout: float) -> Self:
        """A source of which only the projects can be listed: those of `entity`, or of the account's default one."""
        return cls(None, entity=entity, warn=warn, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the client process, and remove what it wrote."""
        self._closing()

    def projects(self, limit: int) -> list[Project]:
        """The projects of `entity`, newest first."""
        return [dataclass_from(Project, fields) for fields in self._ask("projects", limit=limit)]

    def runs(self, query: RunQuery) -> list[Run]:
        """The runs that `query` selects, in its order; those without the key it sorts by come last."""
        return [dataclass_from(Run, fields) for fields in self._ask("runs", query=asdict(query))]

    def find(self, *names: str) -> list[Run]:
        """Of each of `names`, the run whose id it is, else every run with that display name."""
        return [dataclass_from(Run, fields) for fields in self._ask("find", names=names)]

    def metric_types(self, run: Run) -> dict[str, str]:
        """Every logged metric with its type, from what came with the run, or from its history where nothing did."""
        types: dict[str, str] = self._ask("metric_types", run=_identity(run))
        return types

    def read(self, run: Run, choose: Choose, *, samples: int | None = None, over: str | None = None) -> LoggedMetrics:
        """The metric types, and what is chosen by them, which is asked for by itself."""
        return read_in_turn(self, run, choose, samples=samples, over=over)

    def history(
        self, run: Run, metrics: Sequence[str] | None, *, samples: int | None = None, over: str | None = None
    ) -> "History":
        """The numbers of `metrics`, each on its own steps; a sample of them where the run has more rows than that."""
        from wandb_plot.sources.server.history_ipc import from_ipc

        metrics = None if metrics is None else list(metrics)
        return from_ipc(
            self._message("history", run=_identity(run), metrics=metrics, samples=samples, over=over).content
        )

    def files(self, run: Run) -> list[RunFile]:
        """The files that the run logged, sorted by name."""
        return [dataclass_from(RunFile, fields) for fields in self._ask("files", run=_identity(run))]

    def environment(self, run: Run) -> dict[str, Any]:  # noqa: ARG002
        """Nothing: a server keeps it as a file of the run."""
        return {}

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:
        """Write the bytes of `file` to `target`, checked against the size and the digest that the server names."""
        # Beside the target, so that what has arrived is renamed and not copied.
        with TemporaryDirectory(dir=target.parent, prefix=".fetch-", ignore_cleanup_errors=True) as folder:
            arrived = self._ask("fetch", run=_identity(run), file=asdict(file), folder=str(Path(folder).absolute()))
            Path(arrived).replace(target)

    def _ask(self, method: str, **arguments: Any) -> Any:
        return self._message(method, **arguments).fields["answer"]

    def _message(self, method: str, **arguments: Any) -> Message:
        message = self._process.ask(method, **arguments)
        self.entity = message.fields["entity"]
        return message


def _start_client(opening: Mapping[str, Any], timeout: float, warn: Warn) -> tuple[ClientProcess, PrivateFolder]:
    """Start a client process, and make the folder in which everything goes that it writes."""
    folder = PrivateFolder()
    try:
        environment = client_environment(os.environ, folder.path, opening["server"], timeout)
        current = folder.path / "current"
        current.mkdir()
        process = ClientProcess(opening, environment=environment, folder=current, timeout=timeout, warn=warn)
    except BaseException:
        folder.remove()
        raise
    return process, folder


def _close(process: ClientProcess, folder: PrivateFolder) -> None:
    try:
        _remove(process, folder)
    except BaseException:
        # Interrupted: what was begun is finished all the same.
        _remove(process, folder)
        raise


def _remove(process: ClientProcess, folder: PrivateFolder) -> None:
    process.close()
    folder.remove()
    if folder.path.exists():
        # wandb-core has just written something more.
        process.wait_for_core()
        folder.remove()


def _identity(run: Run) -> dict[str, str]:
    """What the client process needs to know of a run that it listed."""
    return {"id": run.id, "name": run.name, "entity": run.entity, "project": run.project}

"""A W&B server as a source, through the `wandb` client. No other module imports it, and this one as late as it can."""

import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import platformdirs

from wandb_plot.errors import MachineError, NotFoundError, UsageError
from wandb_plot.model.query import RunQuery
from wandb_plot.model.run import Project, Run, RunFile, runs_named
from wandb_plot.sources.server.calls import ServerCalls
from wandb_plot.sources.server.environment import prepare, private_folder, remove_private_folder, server_address
from wandb_plot.sources.server.errors import not_logged_in
from wandb_plot.sources.server.files import FileStore
from wandb_plot.sources.server.path import ServerPath, missing_entity, missing_project, parse_project
from wandb_plot.sources.server.query import Selection, selections
from wandb_plot.sources.server.run import ServerRun, parse_time
from wandb_plot.sources.source import Warn

if TYPE_CHECKING:
    from wandb_plot.model.history import History
    from wandb_plot.sources.server.history_cache import HistoryCache

_PAGE = 100


class ServerSource:
    """The runs of one project on the configured server.

    Nothing is asked of the server before it must be. Histories are kept in the user's cache folder, and read from there
    as long as the run is as it was.
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
        self._server = server_address()
        app_address = os.environ.get("WANDB_APP_URL")
        path = (
            parse_project(project, server=self._server, app_address=app_address)
            if project is not None
            else ServerPath(entity)
        )
        self.entity = path.entity
        self.project = path.project
        self.named_run = path.run
        self._warn = warn
        self._timeout = timeout
        self._keep = cache
        self._calls = ServerCalls(self._server, timeout)
        self._files = FileStore(self._calls)
        self._runs: dict[str, ServerRun] = {}
        self._connecting = Lock()
        self._api: Any = None

    @classmethod
    def for_entity(cls, entity: str | None, *, warn: Warn, timeout: float) -> Self:
        """A source of which only the projects can be listed: those of `entity`, or of the account's default one."""
        return cls(None, entity=entity, warn=warn, timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what the client wrote.

        Its service process ends with this one. Waiting for that may take for ever, so leave by `os._exit`.
        """
        remove_private_folder()

    def projects(self, limit: int) -> list[Project]:
        """The projects of `entity`, newest first."""
        entity = self._owner()
        client = self._client()

        def read() -> list[Project]:
            try:
                return [_project(handle) for handle in client.projects(entity)]
            except ValueError as error:
                if not _says_missing(error):
                    raise
                raise missing_entity(entity) from None

        found = {project.name: project for project in self._calls(read)}
        newest = sorted(found.values(), key=lambda project: project.created_at or _EPOCH, reverse=True)
        return newest[:limit]

    def runs(self, query: RunQuery) -> list[Run]:
        """The runs that `query` selects, in its order; those without the key it sorts by come last."""
        found: list[Run] = []
        for selection in selections(query):
            room = None if query.limit is None else query.limit - len(found)
            if room == 0:
                break
            found += self._select(selection, room)
        return found

    def find(self, *names: str) -> list[Run]:
        """Of each of `names`, the run whose id it is, else every run with that display name."""
        any_of = {"$in": list(names)}
        return runs_named(self._select(Selection({"$or": [{"name": any_of}, {"displayName": any_of}]}), None), *names)

    def metric_types(self, run: Run) -> dict[str, str]:
        """Every logged metric with its type, from what came with the run, or from its history where nothing did."""
        known = self._on_server(run)
        if known.value_counts or not known.version.line_count:
            return known.metric_types
        return {name: column.type for name, column in self.history(run, None).columns.items()}

    def history(
        self, run: Run, metrics: Sequence[str] | None, *, samples: int | None = None, over: str | None = None
    ) -> "History":
        """The numbers of `metrics`, each on its own steps; a sample of them where the run has more rows than that."""
        from wandb_plot.sources.server.history import HistoryReader

        reader = HistoryReader(
            self._on_server(run), calls=self._calls, cache=self._cache, folder=private_folder(), warn=self._warn
        )
        return reader.read(metrics, samples, over)

    def files(self, run: Run) -> list[RunFile]:
        """The files that the run logged, sorted by name."""
        return self._files.list(self._on_server(run))

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:
        """Write the bytes of `file` to `target`, checked against the size and the digest that the server names."""
        self._files.fetch(self._on_server(run), file, target)

    def _client(self) -> Any:
        with self._connecting:
            if self._api is None:
                self._api = _connect(self._calls, self._server, self._timeout, self.entity)
            return self._api

    def _owner(self) -> str:
        """The entity, which the account's default one stands in for."""
        if self.entity is None:
            client = self._client()
            self.entity = client.settings["entity"] or self._calls(lambda: client.default_entity)
        if not self.entity:
            raise UsageError("PROJECT names no entity, and the account has no default one", hint="say ENTITY/PROJECT")
        return self.entity

    def _select(self, selection: Selection, limit: int | None) -> list[Run]:
        path = f"{self._owner()}/{self.project}"
        found: dict[str, ServerRun] = {}
        per_page = _PAGE if limit is None else min(_PAGE, limit)
        paginator = self._client().runs(
            path, filters=selection.filter, order=selection.order, per_page=per_page, lazy=False
        )

        def read() -> bool:
            # Goes on at the page that failed: those before it are kept. Runs that shift to a later page come twice.
            try:
                for handle in paginator:
                    found.setdefault(handle.id, ServerRun(handle, self._server))
                    if len(found) == limit:
                        break
            except ValueError as error:
                if not _says_missing(error):
                    raise
                return True
            return False

        if self._calls(read, progress=lambda: len(paginator.objects)):
            names: list[str] = []
            with suppress(NotFoundError):
                names = [project.name for project in self.projects(_PAGE)]
            raise missing_project(self._owner(), self.project or "", names)
        self._runs |= found
        return [run.described for run in found.values()]

    def _on_server(self, run: Run) -> ServerRun:
        if run.id not in self._runs:
            self.find(run.id)
        if run.id not in self._runs:
            raise NotFoundError(f"run {run} is gone from the server", hint="list the runs again: wandb-plot runs")
        return self._runs[run.id]

    @cached_property
    def _cache(self) -> "HistoryCache | None":
        from wandb_plot.sources.server.history_cache import HistoryCache

        return HistoryCache(platformdirs.user_cache_path("wandb-plot") / "histories") if self._keep else None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _connect(calls: ServerCalls, server: str, timeout: float, entity: str | None) -> Any:
    """The client, logged in.

    Raises:
        AccessError: there are no credentials, or the server refuses them.
        ServerError: it can't be reached.
        MachineError: the client is missing.
    """
    prepare(server, timeout)
    try:
        import wandb
        from wandb.errors import AuthenticationError, WandbCoreNotAvailableError
        from wandb.sdk.lib import wbauth
        from wandb.util import get_core_path

        get_core_path()
    except ImportError as error:
        raise MachineError(
            f"the wandb package can't be imported: {error}", hint="pip install wandb", code="environment"
        ) from error
    except WandbCoreNotAvailableError as error:
        raise MachineError(f"the wandb package lacks its service process: {error}", code="environment") from error
    try:
        credentials = wbauth.authenticate_session(
            host=server, source="wandb-plot", no_offline=True, prompt=False, update_session=False
        )
    except (AuthenticationError, ValueError) as error:
        raise not_logged_in(str(error)) from None
    if credentials is None:
        # The client would prompt.
        raise not_logged_in(f"there is no API key for {server}")
    overrides = {"base_url": server} | ({"entity": entity} if entity else {})
    # The client's patience outlasts ours, so that ours is what ends a call, with its own words.
    patience = int(timeout) + 5
    return calls(lambda: wandb.Api(overrides=overrides, timeout=patience))


def _says_missing(error: ValueError) -> bool:
    """Whether the client means a project or entity that isn't there, for which a bare ValueError is its only word."""
    return type(error) is ValueError


def _project(handle: Any) -> Project:
    return Project(handle.name, handle.entity, parse_time(handle.created_at), handle.url.removesuffix("/workspace"))

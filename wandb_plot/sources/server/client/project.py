"""One project of a W&B server, asked through the client. It runs in the client process."""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from typing import TYPE_CHECKING, Any

from wandb_plot.errors import NotFoundError, UsageError, WandbPlotError
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import EPOCH, Project, Run, RunFile, runs_named
from wandb_plot.sources.server.client.answer_checks import OddAnswerError
from wandb_plot.sources.server.client.files import FileStore
from wandb_plot.sources.server.client.listing import list_runs, read_handles, server_runs
from wandb_plot.sources.server.client.paging import read_pages
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.client.run import ServerRun, parse_time
from wandb_plot.sources.server.client.server_query import ServerQuery
from wandb_plot.sources.server.project_address import missing_entity, missing_project
from wandb_plot.sources.source_protocol import Warn

if TYPE_CHECKING:
    from wandb_plot.model.history import History
    from wandb_plot.sources.server.client.history.cache import HistoryCache

_PAGE = 100


class ServerProject:
    """The runs of one project. The server is asked nothing before it is needed.

    Args:
        connect: makes the client, logged in; called once.
        calls: how the server is asked.
        server: its address.
        entity: owner of the project; None for the account's default one.
        project: its name; None where only the projects of `entity` are wanted.
        cache_folder: where histories are kept, and read from as long as the run is as it was; None for nowhere.
        warn: told whenever the server gave less than it should.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        *,
        calls: ServerCalls,
        server: str,
        entity: str | None,
        project: str | None,
        cache_folder: Path | None,
        warn: Warn,
    ) -> None:
        self.entity = entity
        self._project = project
        self._server = server
        self._connect = connect
        self._calls = calls
        self._cache_folder = cache_folder
        self._warn = cache(warn)  # each thing is said once
        self._files = FileStore(calls, warn)
        self._runs: dict[str, ServerRun] = {}
        self._unknown_fields: set[str] = set()
        self._connecting = Lock()
        self._api: Any = None

    def projects(self, limit: int) -> list[Project]:
        """Projects of `entity`, newest first: of all, or where there are many more than `limit`, of some."""
        handles, is_all = self._project_handles(limit)
        if not is_all:
            count = len(handles)
            self._warn(f"{self.entity} has more projects; these are the newest of {count} that the server named first")
        projects = []
        for name, handle in handles.items():
            try:
                projects.append(_project(handle))
            except OddAnswerError as error:
                self._warn(f"left out project {name}: {error.message}")
        newest = sorted(projects, key=lambda project: project.created_at or EPOCH, reverse=True)
        return newest[:limit]

    def runs(self, query: RunQuery) -> list[Run]:
        """The runs that `query` selects, in its order; those without the key it sorts by come last."""
        return list_runs(query, self._select, self._warn)

    def find(self, *names: str) -> list[Run]:
        """Of each of `names`, the run whose id it is, else every run with that display name."""
        any_of = {"$in": list(names)}
        return runs_named(self._select(ServerQuery({"$or": [{"name": any_of}, {"displayName": any_of}]}), None), *names)

    def metric_types(self, run: Run) -> dict[str, str]:
        """Every logged metric with its type, from what came with the run, or from its history where nothing did."""
        known = self._on_server(run)
        if known.value_counts or not known.version.row_count:
            return known.metric_types
        return {name: column.type for name, column in self.history(run, None).columns.items()}

    def history(
        self, run: Run, metrics: Sequence[str] | None, *, samples: int | None = None, over: str | None = None
    ) -> "History":
        """The numbers of `metrics`, each on its own steps; a sample of them where the run has more rows than that."""
        from wandb_plot.sources.server.client.history.reader import HistoryReader

        # What this process has for temporary files is private, and removed with it.
        folder = Path(gettempdir())
        reader = HistoryReader(
            self._on_server(run), calls=self._calls, cache=self._cache, folder=folder, warn=self._warn
        )
        return reader.read(metrics, samples, over)

    def files(self, run: Run) -> list[RunFile]:
        """The files that the run logged, sorted by name."""
        return self._files.list(self._on_server(run))

    def fetch(self, run: Run, file: RunFile, folder: Path) -> Path:
        """Bring `file` into `folder`, checked against the size and the digest that the server names."""
        return self._files.fetch(self._on_server(run), file, folder)

    def _client(self) -> Any:
        with self._connecting:
            if self._api is None:
                self._api = self._connect()
            return self._api

    def _owner(self) -> str:
        """The entity; the account's default one where none was named."""
        if self.entity is None:
            client = self._client()
            self.entity = client.settings["entity"] or self._calls(lambda: client.default_entity)
        if not self.entity:
            raise UsageError("PROJECT names no entity, and the account has no default one", hint="say ENTITY/PROJECT")
        return self.entity

    def _project_handles(self, limit: int) -> tuple[dict[str, Any], bool]:
        """Projects by name, as many whole pages as `limit` takes, and whether these are all."""
        entity = self._owner()
        paginator = self._client().projects(entity, per_page=_PAGE)
        whole_pages = math.ceil(limit / _PAGE) * _PAGE
        try:
            found = read_pages(paginator, self._calls, lambda project: str(project.name), limit=whole_pages)
        except NotFoundError:
            raise missing_entity(entity) from None
        return found, not paginator.more

    def _select(self, query: ServerQuery, limit: int | None) -> list[Run]:
        path = f"{self._owner()}/{self._project}"
        client = self._client()
        # The client would give the runs of an earlier answer again, in pages of their size.
        client.flush()
        size = _PAGE if limit is None else min(_PAGE, limit)
        paginator = client.runs(path, filters=query.filter, order=query.order, per_page=size, lazy=False)
        try:
            handles = read_handles(paginator, self._calls, self._unknown_fields, limit=limit)
        except NotFoundError:
            raise self._missing() from None
        found = server_runs(handles, self._server, self._warn)
        self._runs |= found
        return [run.described for run in found.values()]

    def _missing(self) -> NotFoundError:
        names: dict[str, Any] = {}
        with suppress(WandbPlotError):
            names, _ = self._project_handles(_PAGE)
        error = missing_project(self._owner(), self._project or "", list(names))
        if self._calls.is_anonymous:
            error.hint = "there is no API key, and without one only public projects are seen: wandb login"
        return error

    def _on_server(self, run: Run) -> ServerRun:
        if run.id not in self._runs:
            self.find(run.id)
        if run.id not in self._runs:
            raise NotFoundError(f"run {run} is gone from the server", hint="list the runs again: wandb-plot runs")
        return self._runs[run.id]

    @cached_property
    def _cache(self) -> "HistoryCache | None":
        from wandb_plot.sources.server.client.history.cache import HistoryCache

        return HistoryCache(self._cache_folder) if self._cache_folder else None


def _project(handle: Any) -> Project:
    return Project(handle.name, handle.entity, parse_time(handle.created_at), handle.url.removesuffix("/workspace"))

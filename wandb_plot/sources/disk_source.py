"""What sources on disk have in common: no server, no key, no network, and runs that workers can read as well."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Self

from wandb_plot.engines.lazy_engine import EngineOptions, LazyEngine
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.filters import check_patterns, matches
from wandb_plot.model.queries.regular_expressions import compile_pattern
from wandb_plot.model.queries.run_query import RunQuery, sort_runs
from wandb_plot.model.run import Project, Run
from wandb_plot.sources.source_protocol import Source, Warn, WorkerAccess


class DiskSource(ABC):
    """What of a `Source` does not depend on how runs lie on disk.

    Args:
        opener: opens the same source in a worker; picklable.
        engine: who reads many runs; None for as many processes as the work is worth.

    Attributes:
        entity: None: each run says its own.
        project: None, likewise.
    """

    entity: str | None = None
    project: str | None = None

    def __init__(self, opener: Callable[[Warn], Source], engine: EngineOptions | None) -> None:
        self._engine = LazyEngine(engine or EngineOptions())
        self.worker_access: WorkerAccess | None = WorkerAccess(opener, self._size_of, self._engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._engine.close(exc[1] if isinstance(exc[1], BaseException) else None)

    def projects(self, limit: int) -> list[Project]:  # noqa: ARG002
        """Refuse: folders don't know their projects."""
        raise UsageError("projects are listed from a server only", hint="list a folder's runs: wandb-plot runs PATH")

    def runs(self, query: RunQuery) -> list[Run]:
        """The runs that `query` selects, in its order."""
        check_patterns(query.filter, compile_pattern)
        runs = [run for run in self._candidates(query) if matches(query.filter, run)]
        return sort_runs(runs, query.sort, descending=query.descending)[: query.limit]

    @abstractmethod
    def _candidates(self, query: RunQuery) -> Iterable[Run]:
        """Runs that include all those that `query` selects."""

    @abstractmethod
    def _size_of(self, run: Run) -> int:
        """The bytes that the history of a run takes to read."""

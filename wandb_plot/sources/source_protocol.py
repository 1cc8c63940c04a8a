"""What every source of runs can be asked, be it a W&B server or run folders on disk."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from wandb_plot.engines.lazy_engine import LazyEngine
from wandb_plot.model.run import Project, Run, RunFile

if TYPE_CHECKING:
    from wandb_plot.model.history import History
    from wandb_plot.model.queries.run_query import RunQuery

# Takes a line that the user should read though the work goes on.
Warn = Callable[[str], None]

# The metrics to read of a run, given the type of each one that it logged.
Choose = Callable[[Mapping[str, str]], Sequence[str]]


@dataclass(frozen=True)
class WorkerAccess:
    """How worker processes read the runs of a source.

    Attributes:
        open: opens the source again, in a worker; picklable.
        size_of: the bytes that a run's history takes to read.
        engine: the workers.
    """

    open: Callable[[Warn], "Source"]
    size_of: Callable[[Run], int]
    engine: LazyEngine


@dataclass(frozen=True)
class PortablePath:
    """A path that processes in other folders find too.

    Attributes:
        path: as the user wrote it.
        base: the folder that it is relative to.
    """

    path: Path
    base: Path

    def here(self) -> Path:
        """The path in this process: as it was written, where that means the same."""
        return self.path if Path.cwd() == self.base else self.base / self.path


@dataclass(frozen=True, eq=False)
class LoggedMetrics:
    """What one reading of a run gives.

    Attributes:
        types: of every logged metric, by name, sorted.
        history: the numbers of those that were chosen.
    """

    types: Mapping[str, str]
    history: "History"


class Source(Protocol):
    """The runs of one project. A context manager: leaving it frees what it holds."""

    @property
    def entity(self) -> str | None:
        """Owner of the project; None where it isn't known, or not known yet."""
        ...

    @property
    def project(self) -> str | None:
        """Its name; None where it isn't known."""
        ...

    @property
    def named_run(self) -> str | None:
        """The run that PROJECT itself names (`entity/project/run`, one run folder), if it does."""
        ...

    @property
    def worker_access(self) -> WorkerAccess | None:
        """How workers read its runs; None where they would be no faster, as one server answers all."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def projects(self, limit: int) -> list[Project]:
        """The projects of `entity`, newest first."""
        ...

    def runs(self, query: "RunQuery") -> list[Run]:
        """The runs that `query` selects, in its order."""
        ...

    def find(self, *names: str) -> list[Run]:
        """Of each of `names`, the run whose id it is, else every run with that display name; may be none."""
        ...

    def metric_types(self, run: Run) -> dict[str, str]:
        """Every logged metric, axis columns and system stream included, with its type, at the least cost."""
        ...

    def read(self, run: Run, choose: Choose, *, samples: int | None = None, over: str | None = None) -> LoggedMetrics:
        """The metric types of a run, and the history of the metrics that are chosen by them, in one go where possible.

        Args:
            run: from this source.
            choose: which metrics to read. It is given the types of all, and may first be given single ones, as if the
                run had logged nothing else: to learn the types of a large log is to read it, so what will be chosen
                has to be guessed.
            samples: as `history` takes it.
            over: likewise.
        """
        ...

    def history(
        self, run: Run, metrics: Sequence[str] | None, *, samples: int | None = None, over: str | None = None
    ) -> "History":
        """The numbers of `metrics`, each on its own steps.

        Args:
            run: from this source.
            metrics: exact names; None for all there are, axis columns (`_*`) and system stream included.
            samples: read about this many points a metric where reading all would cost more.
            over: which of `metrics` the others are drawn over; a sample of them is of rows that hold it too.
        """
        ...

    def files(self, run: Run) -> list[RunFile]:
        """The files that the run logged, sorted by name."""
        ...

    def environment(self, run: Run) -> dict[str, Any]:
        """What the run's log notes of machine, program and commit; empty where there is no log, or nothing in it.

        The names are those of the file `wandb-metadata.json`, which SDKs write too where the run is online.
        """
        ...

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:
        """Write the bytes of `file` to `target`, which nobody else writes to."""
        ...


def read_in_turn(source: Source, run: Run, choose: Choose, *, samples: int | None, over: str | None) -> LoggedMetrics:
    """`Source.read` where types cost little: first these, then the history of what is chosen."""
    from wandb_plot.model.history import History

    types = source.metric_types(run)
    names = choose(types)
    return LoggedMetrics(types, source.history(run, names, samples=samples, over=over) if names else History({}, 0))

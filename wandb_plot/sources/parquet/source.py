"""A folder of Parquet files as a source: the runs of a project as they were when they were written."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from wandb_plot.engines.lazy_engine import EngineOptions
from wandb_plot.errors import MachineError, NotFoundError
from wandb_plot.model.history import History
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Run, RunFile, runs_named
from wandb_plot.sources.disk_source import DiskSource
from wandb_plot.sources.parquet.files import SUFFIX, StoredRun, read_stored_history, read_stored_run
from wandb_plot.sources.source_protocol import Choose, LoggedMetrics, PortablePath, Warn, read_in_turn


@dataclass(frozen=True)
class ParquetOpener:
    """Opens Parquet files in a worker."""

    path: PortablePath

    def __call__(self, warn: Warn) -> "ParquetSource":
        """The source of these files."""
        return ParquetSource(self.path.here(), warn=warn)


class ParquetSource(DiskSource):
    """The runs of a folder of Parquet files, or of one such file.

    Args:
        path: the folder, or the file.
        warn: told of files that can't be read.
        engine: who reads many runs.
    """

    def __init__(self, path: Path, *, warn: Warn, engine: EngineOptions | None = None) -> None:
        super().__init__(ParquetOpener(PortablePath(path, Path.cwd())), engine)
        self._path = path
        self._warn = warn

    @property
    def named_run(self) -> str | None:
        """The run of the one file that PROJECT is."""
        return next(iter(self._stored)) if self._path.is_file() else None

    def find(self, *names: str) -> list[Run]:
        """Of each of `names`, the run whose id it is, else every run with that display name."""
        return runs_named(self._runs, *names)

    def metric_types(self, run: Run) -> dict[str, str]:
        """Every metric with its type, from the head of its file."""
        facts = self._stored[run.id].facts
        return {name: one["type"] for name, one in sorted((facts["columns"] | facts["system_columns"]).items())}

    def read(self, run: Run, choose: Choose, *, samples: int | None = None, over: str | None = None) -> LoggedMetrics:
        """The metric types, from the head of the file, and the columns that are chosen by them."""
        return read_in_turn(self, run, choose, samples=samples, over=over)

    def history(
        self,
        run: Run,
        metrics: Sequence[str] | None,
        *,
        samples: int | None = None,  # noqa: ARG002
        over: str | None = None,  # noqa: ARG002
    ) -> History:
        """Every number of `metrics`; only their columns are read."""
        return read_stored_history(self._stored[run.id], metrics)

    def files(self, run: Run) -> list[RunFile]:  # noqa: ARG002
        """None: histories alone are kept."""
        return []

    def environment(self, run: Run) -> dict[str, Any]:  # noqa: ARG002
        """Nothing: histories alone were written."""
        return {}

    def fetch(self, run: Run, file: RunFile, target: Path) -> None:  # noqa: ARG002
        """Refuse: there are no files."""
        raise NotFoundError(f"{self._path} holds no file {file.name}", code="path_not_found")

    def _candidates(self, query: RunQuery) -> list[Run]:  # noqa: ARG002
        return self._runs

    def _size_of(self, run: Run) -> int:
        return self._stored[run.id].path.stat().st_size

    @cached_property
    def _stored(self) -> dict[str, StoredRun]:
        paths = [self._path] if self._path.is_file() else sorted(self._path.glob(f"*{SUFFIX}"))
        found: dict[str, StoredRun] = {}
        damaged: list[MachineError] = []
        for path in sorted(paths, key=lambda path: path.stat().st_mtime):
            try:
                stored = read_stored_run(path)
            except MachineError as error:
                damaged.append(error)
                continue
            if stored is None:
                self._warn(f"left out {path}: it holds no run that wandb-plot wrote")
                continue
            if older := found.pop(stored.run.id, None):
                self._warn(f"left out {older.path}: {path.name} is newer, and of the same run")
            found[stored.run.id] = stored
        if not found:
            raise damaged[0] if damaged else self._nothing()
        for one in damaged:
            self._warn(f"left out a run: {one.message}")
        return dict(sorted(found.items()))

    def _nothing(self) -> NotFoundError:
        return NotFoundError(
            f"no runs lie in {self._path}", hint="write some with: wandb-plot history", code="path_not_found"
        )

    @cached_property
    def _runs(self) -> list[Run]:
        return [stored.run for stored in self._stored.values()]


def holds_runs(path: Path) -> bool:
    """Whether a path is a Parquet file, or a folder that holds such files of wandb-plot, or only damaged ones."""
    if path.is_file():
        return path.suffix == SUFFIX
    is_damaged = False
    for file in path.glob(f"*{SUFFIX}"):
        try:
            if read_stored_run(file):
                return True
        except MachineError:
            is_damaged = True
    return is_damaged

"""What a notebook or a script does with runs: open a source, choose runs, read their histories as columns."""

import warnings
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wandb_plot.actions.metrics import read_metrics
from wandb_plot.engines.lazy_engine import EngineOptions
from wandb_plot.errors import WandbPlotWarning
from wandb_plot.model.queries.metric_selection import MetricSelection
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.model.run import Run
from wandb_plot.sources.derived_metrics import add_derived
from wandb_plot.sources.open_project import open_source as open_any_source
from wandb_plot.sources.run_cautions import warn_of_cut_logs
from wandb_plot.sources.selection.select_runs import find_runs, select_run
from wandb_plot.sources.source_protocol import Source

if TYPE_CHECKING:
    from wandb_plot.model.history import History
    from wandb_plot.numbers.statistics import MetricDocument


def open_source(project: str, *, timeout: float = 60.0, cache: bool = True) -> "OpenedSource":
    """Open the runs that PROJECT names, as the commands do.

    Args:
        project: `entity/project`, a W&B page address, or a local path that begins with `.`, `/` or `~`.
        timeout: give up when a server has given nothing for this many seconds.
        cache: keep a server's histories in the user's cache folder, and use what was kept.

    Returns:
        A context manager; leaving it ends what was started to ask a server. What was skipped or chosen on the way
        arrives as a `WandbPlotWarning`.

    Raises:
        WandbPlotError: nothing is there, or PROJECT has no such form.
    """
    # Other processes would run the user's script again, unless it says `if __name__ == "__main__"`.
    here = EngineOptions(workers=1)
    return OpenedSource(open_any_source(project, warn=_warn, timeout=timeout, cache=cache, engine=here))


class OpenedSource:
    """The runs of one project, on a server or on disk. Each method raises a `WandbPlotError` that says what to do."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __enter__(self) -> Self:
        self._source.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._source.__exit__(kind, error, traceback)

    def run(self, name: str | None = None) -> Run:
        """The one run of that id or display name, or the newest one for `latest`; without a name, the only one."""
        run = select_run(self._source, name)
        warn_of_cut_logs([run], _warn)
        return run

    def runs(
        self,
        names: str | None = None,
        *,
        filters: Sequence[str] = (),
        states: Sequence[str] = (),
        tags: Sequence[str] = (),
        group: str | None = None,
        sweep: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
    ) -> list[Run]:
        """The runs of those names that meet all conditions; of all runs where none is named. May be empty.

        Args:
            names: ids, display names, globs, `latest` or `all`, with commas between.
            filters: such as `config.lr=0.1`, `name~regex` or `val/loss:min<0.5`; all must hold.
            states: any of them, such as `finished`.
            tags: all of them.
            group: the group of the runs.
            sweep: the sweep of the runs.
            sort: a key of runs or `METRIC:REDUCTION`, descending with a leading `-`; None for the order named, or else
                newest first.
            limit: at most this many.

        Raises:
            NotFoundError: a name names no run, or no run has a key that was asked for.
        """
        sort = sort or (None if names else "-created_at")
        choice = RunChoice(
            names=names,
            filters=filters,
            states=states,
            tags=tags,
            group=group,
            sweep=sweep,
            sort=sort,
            limit=limit,
        )
        return find_runs(self._source, choice, warn=_warn)

    def history(
        self, run: Run | str, metrics: str | Sequence[str] | None = None, *, samples: int | None = None
    ) -> "History":
        """What `run` logged as numbers, each metric on its own steps, every logged point of it.

        Args:
            run: from `run` or `runs`, or the name of one.
            metrics: names, globs such as `train/*`, lists with commas between, or definitions such as
                `gap = val/loss - train/loss`; None for every numeric metric but `_*` and `system.*`.
            samples: read about this many points a metric from a server; None for all.

        Raises:
            NotFoundError: a name or glob means no metric of numbers.
            UsageError: a definition can't be understood, or nothing is named.
        """
        found = self.run(run) if isinstance(run, str) else run
        texts = [metrics] if isinstance(metrics, str) else list(metrics or ())
        named = add_derived(self._source, texts, self._source.metric_types(found), warn=_warn)
        selection = MetricSelection(named.types)
        names = selection.all() if metrics is None else selection.find_all(named.texts)
        return named.source.history(found, names, samples=samples)

    def metrics(
        self, run: Run | str, match: str | None = None, *, include_system: bool = False
    ) -> "dict[str, MetricDocument]":
        """Exact statistics of each metric of `run`, as `wandb-plot metrics --json` has them.

        Args:
            run: from `run` or `runs`, or the name of one.
            match: a glob that the names must match.
            include_system: also `_step`, `_runtime`, `_timestamp` and the system stream.
        """
        found = self.run(run) if isinstance(run, str) else run
        return read_metrics(self._source, found, glob=match, include_system=include_system)


def _warn(message: str) -> None:
    warnings.warn(message, WandbPlotWarning, stacklevel=2)

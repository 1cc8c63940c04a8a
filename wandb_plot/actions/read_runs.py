"""What a command reads of many runs: which metrics there are, and the numbers of those that are meant.

Both are read in one go, a piece of work a run: to look which metrics a log holds takes as long as to read it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from wandb_plot.figures.lines.run_series import Histories, with_findings
from wandb_plot.model.history import History, SharedSteps
from wandb_plot.model.metrics import STEP
from wandb_plot.model.queries.metric_selection import MetricSelection, merge_types
from wandb_plot.model.run import Run
from wandb_plot.numbers.expressions import split_definition
from wandb_plot.sources.map_runs import map_runs
from wandb_plot.sources.source_protocol import Source, Warn


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The metrics that a command is asked for, before it is known which there are.

    Attributes:
        texts: names, lists, globs or definitions, as given.
        all_metrics: every numeric metric but `_*` and `system.*` too.
        axis: what the metrics are drawn over.
        samples: about so many points a metric from a server; None for every logged one.
        findings: whether the findings of each metric are wanted too.
        most: of a run with more wanted metrics than this, the first pass learns the types only and reads no numbers;
            None for no such bound.
    """

    texts: Sequence[str]
    axis: str
    all_metrics: bool = False
    samples: int | None = None
    findings: bool = False
    most: int | None = None

    def names(self, types: Mapping[str, str]) -> list[str] | None:
        """The metrics of one run that the texts name; None if its history is not to be read yet.

        What the texts name of this run doesn't depend on the metrics of other runs, unless one is a definition: then
        nothing is read before all runs are known.
        """
        if any(text not in types and split_definition(text) for text in self.texts):
            return None
        selection = MetricSelection(types)
        found = {name for text in self.texts for name in selection.find(text)[0]}
        if self.all_metrics:
            found.update(selection.plain)
        return None if self.most is not None and len(found) > self.most else sorted(found)

    def choose(self, types: Mapping[str, str]) -> list[str]:
        """What to read of a run before all are known: the metrics that the texts name, and their axis."""
        names = self.names(types)
        return self._with_axis(names, types) if names else []

    def read(self, names: Sequence[str], types: Mapping[str, str], source: Source, run: Run) -> History:
        """The numbers of `names` of one run, and those of the axis."""
        history = source.history(run, self._with_axis(names, types), samples=self.samples, over=self.axis)
        return self.completed(history, names)

    def completed(self, history: History, names: Sequence[str]) -> History:
        """The history with the findings of `names`, where they are wanted."""
        return with_findings(history, names) if self.findings else history

    def _with_axis(self, names: Sequence[str], types: Mapping[str, str]) -> list[str]:
        # Every column has its steps with it, and the system stream its runtime.
        return sorted({*names, *({self.axis} & types.keys() - {STEP})})


class RunReader:
    """Reads the runs of a command, each of them once where that is possible.

    Args:
        source: that the runs are from.
        runs: at least one.
        wanted: what is asked of them.
        warn: told what the source says.
        meanwhile: what this process has to do anyway, see `map_runs`.

    Attributes:
        types: the type of every metric of the runs, by name.
    """

    def __init__(
        self,
        source: Source,
        runs: Sequence[Run],
        wanted: Wanted,
        *,
        warn: Warn,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        self._source, self._wanted, self._warn, self._meanwhile = source, wanted, warn, meanwhile
        self._steps = SharedSteps()
        self._runs: list[Run] = []
        self._read: dict[str, History] = {}
        self.types = merge_types(self._look(runs))

    def histories(self, source: Source, names: Sequence[str], types: Mapping[str, str]) -> Histories:
        """The numbers of `names` of each run that could be read.

        Args:
            source: the one that was given, or one that derives further metrics from it.
            names: what the texts of `wanted` mean among all metrics of the runs.
            types: the type of every metric of `source`, by name.
        """
        if source is not self._source:
            self._read.clear()
        missing = [run for run in self._runs if run.id not in self._read]
        for run, history in map_runs(source, missing, partial(self._wanted.read, names, types), warn=self._warn):
            self._read[run.id] = self._steps.shared(history)
        return [(run, self._read.pop(run.id)) for run in self._runs if run.id in self._read]

    def _look(self, runs: Sequence[Run]) -> Iterator[Mapping[str, str]]:
        look = partial(_look, self._wanted)
        looked = map_runs(self._source, runs, look, warn=self._warn, meanwhile=self._meanwhile)
        for run, (types, history) in looked:
            self._runs.append(run)
            if history is not None:
                self._read[run.id] = self._steps.shared(history)
            yield types


def _look(wanted: Wanted, source: Source, run: Run) -> tuple[Mapping[str, str], History | None]:
    """The type of every metric of one run, and the numbers of those that are meant, where that is known."""
    logged = source.read(run, wanted.choose, samples=wanted.samples, over=wanted.axis)
    names = wanted.names(logged.types)
    return logged.types, None if names is None else wanted.completed(logged.history, names)

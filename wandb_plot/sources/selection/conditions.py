"""The conditions of a choice of runs: those that a source answers, and those that take histories."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wandb_plot.errors import UsageError
from wandb_plot.model.queries.filters import Filter, filter_keys, operator_holds
from wandb_plot.model.queries.keys import ATTRIBUTES, split_key
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.model.queries.run_query import (
    RunQuery,
    parse_condition,
    parse_filters,
    parse_sort,
    sort_runs,
    split_sort,
)
from wandb_plot.model.run import Run
from wandb_plot.sources.source_protocol import Source, Warn

if TYPE_CHECKING:
    from wandb_plot.model.queries.run_query import Condition
    from wandb_plot.numbers.reductions import Reduced
    from wandb_plot.sources.reduced_runs import ReducedRuns


class RunConditions:
    """The conditions of a choice.

    Args:
        choice: of runs.

    Attributes:
        filter: those that a source answers.

    Raises:
        UsageError: a condition can't be understood, or runs can't be sorted so.
    """

    def __init__(self, choice: RunChoice) -> None:
        by_metric = [text for text in choice.filters if _is_of_metric(text)]
        others = [text for text in choice.filters if text not in by_metric]
        self.filter: Filter = parse_filters(
            others, states=choice.states, tags=choice.tags, group=choice.group, sweep=choice.sweep
        )
        self._comparisons = [_comparison(text) for text in by_metric]
        self._is_named = choice.names is not None
        self._limit = choice.limit
        self._sort, self._descending = split_sort(choice.sort or "")
        self._sorts_by_metric = bool(self._sort) and not _is_run_key(self._sort)
        if self._sort and not self._sorts_by_metric:
            parse_sort(choice.sort or "")

    @property
    def by_metric(self) -> bool:
        """Whether histories are read to choose."""
        return bool(self._comparisons) or self._sorts_by_metric

    @property
    def keys(self) -> list[str]:
        """The keys of runs that are asked for."""
        return [*filter_keys(self.filter), *([self._sort] if self._sort and not self._sorts_by_metric else [])]

    def query(self) -> RunQuery:
        """What the source is asked for where no run is named."""
        limit = None if self._comparisons or self._sorts_by_metric else self._limit
        if self._sort and not self._sorts_by_metric:
            return RunQuery(self.filter, self._sort, self._descending, limit)
        return RunQuery(self.filter, limit=limit)

    def keep(self, source: Source, runs: Sequence[Run], warn: Warn) -> list[Run]:
        """Those of `runs` whose numbers meet the conditions, in the order asked for."""
        kept = list(runs)
        texts = [comparison.key for comparison in self._comparisons] + [self._sort] * self._sorts_by_metric
        if texts and kept:
            from wandb_plot.sources.reduced_runs import reduce_runs
            from wandb_plot.sources.run_cautions import absence_words

            numbers = reduce_runs(source, kept, texts, warn=warn)
            for index, metric in enumerate(numbers.metrics):
                of_kept = {run.id: numbers.by_run[run.id][index] for run in kept}
                if words := absence_words(metric, of_kept):
                    warn(f"{words}: {'left out' if index < len(self._comparisons) else 'last in the order'}")
                kept = [run for run in kept if self._meets(index, of_kept[run.id])]
            if self._sorts_by_metric:
                return self._by_number(numbers, kept)
        if self._is_named and self._sort:
            return sort_runs(kept, self._sort, descending=self._descending)
        return kept

    def _meets(self, index: int, reduced: "Reduced") -> bool:
        if index == len(self._comparisons):
            return True
        comparison = self._comparisons[index]
        return reduced.value is not None and operator_holds(comparison.operator, reduced.value, comparison.value)

    def _by_number(self, numbers: "ReducedRuns", runs: Sequence[Run]) -> list[Run]:
        values = {run.id: numbers.by_run[run.id][-1].value for run in runs}
        having = [run for run in runs if values[run.id] is not None]
        having.sort(key=lambda run: values[run.id] or 0, reverse=self._descending)
        return [*having, *(run for run in runs if values[run.id] is None)]


def _is_run_key(key: str) -> bool:
    return key in ATTRIBUTES or bool(split_key(key)[0])


def _is_of_metric(text: str) -> bool:
    return not text.lstrip().startswith("{") and not _is_run_key(parse_condition(text).key)


def _comparison(text: str) -> "Condition":
    found = parse_condition(text)
    if isinstance(found.value, bool) or not isinstance(found.value, (int, float)):
        raise UsageError(
            f"filter {text!r}: {found.key} is no key of runs, and a metric is compared with a number",
            hint=f"keys of runs are {', '.join(ATTRIBUTES)}, config.KEY and summary.KEY; "
            "a metric's number is METRIC:REDUCTION, such as val/loss:min<0.5",
        )
    return found

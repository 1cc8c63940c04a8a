"""RUNS: from names and conditions to runs, the same way in every command."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.queries.filters import Filter, filter_keys, operator_holds
from wandb_plot.model.queries.keys import ATTRIBUTES, absent_keys, split_key
from wandb_plot.model.queries.run_query import (
    RunQuery,
    filter_key,
    joined_conditions,
    parse_condition,
    parse_filters,
    parse_sort,
    sort_runs,
    split_sort,
)
from wandb_plot.model.run import Run
from wandb_plot.sources.cautions import warn_of_cut_logs
from wandb_plot.sources.named_runs import name_runs
from wandb_plot.sources.source import Source, Warn

if TYPE_CHECKING:
    from wandb_plot.model.queries.run_query import Condition
    from wandb_plot.numbers.reductions import Reduced
    from wandb_plot.sources.reduced_runs import ReducedRuns

# Enough to learn from which keys runs have, and few enough to fetch in a page or two.
_LOOKED_AT = 200


@dataclass(frozen=True, kw_only=True)
class RunChoice:
    """What a user says of the runs that are wanted.

    Attributes:
        names: the RUNS argument: ids, display names, globs, `latest` or `all`, with commas between.
        filters: `KEY OP VALUE` or W&B JSON filters, all to hold; a key is one of a run, or `METRIC:REDUCTION`.
        states: any of them.
        tags: all of them.
        group: the run's group.
        sweep: the run's sweep.
        sort: a key of runs or `METRIC:REDUCTION`, with a leading `-` for descending; None for the order named, or else
            oldest first.
        limit: at most so many: the first in the order of `sort`; without one the first named, or else the newest.
    """

    names: str | None = None
    filters: Sequence[str] = ()
    states: Sequence[str] = ()
    tags: Sequence[str] = ()
    group: str | None = None
    sweep: str | None = None
    sort: str | None = None
    limit: int | None = None


def select_run(source: Source, name: str | None) -> Run:
    """The one run that `name` names, or the only one there is.

    Raises:
        NotFoundError: no run, or several, are called so.
        UsageError: no name is given where there are several, or it names several.
    """
    runs = name_runs(source, name)
    if len(runs) > 1:
        raise UsageError(f"{name!r} names {len(runs)} runs, and one is wanted", hint="name one by its id")
    return runs[0]


def select_runs(source: Source, choice: RunChoice, *, warn: Warn) -> list[Run]:
    """The runs of `choice`, none twice.

    Raises:
        NotFoundError: a name names none or several, or no run meets the conditions.
        UsageError: nothing is said of the runs where there are several, or a condition can't be understood.
    """
    if replace(choice, names=None) == RunChoice():
        runs = name_runs(source, choice.names)
        warn_of_cut_logs(runs, warn)
        return runs
    runs = find_runs(source, choice, warn=warn)
    if not runs:
        raise NotFoundError("no run meets all the conditions", hint="list the runs with: wandb-plot runs PROJECT")
    return runs


def find_runs(source: Source, choice: RunChoice, *, warn: Warn) -> list[Run]:
    """The runs of `choice`, or of all runs where neither it nor PROJECT names one; may be empty.

    Raises:
        NotFoundError: a name names none or several, or there are no runs as none has a key that was asked for.
        UsageError: a condition can't be understood.
    """
    return find_sides(source, [choice], warn=warn)[0]


def find_sides(source: Source, choices: Sequence[RunChoice], *, warn: Warn) -> list[list[Run]]:
    """The runs of each of several choices, as `find_runs` has them; what is odd about their logs is told once."""
    sides: list[list[Run]] = []
    considered: list[Run] = []
    for choice in choices:
        runs, candidates = _find(source, choice, warn)
        sides.append(runs)
        considered += candidates
    warn_of_cut_logs(list({run.id: run for run in considered}.values()), warn)
    return sides


def _find(source: Source, choice: RunChoice, warn: Warn) -> tuple[list[Run], Sequence[Run]]:
    """The runs of a choice, and those whose numbers were looked at to choose them."""
    choice = replace(choice, names=choice.names or source.named_run)
    conditions = _Conditions(choice)
    if choice.names is None:
        candidates = source.runs(conditions.query())
    else:
        candidates = _narrowed(source, name_runs(source, choice.names), conditions.filter)
    _check_keys(source, candidates, conditions, warn)
    found = conditions.keep(source, candidates, warn)
    for text in choice.filters if not found else ():
        if joined := joined_conditions(text):
            warn(f"{text!r} is one condition; repeat the option for each of several: {', then '.join(joined)}")
    found = found[: choice.limit]
    if choice.names is None and choice.sort is None:
        found = sort_runs(found, "created_at", descending=False)
    return found, candidates if conditions.by_metric else found


class _Conditions:
    """The conditions of a choice: those that a source answers, and those that take histories."""

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
            parse_sort(self._sort)

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
            from wandb_plot.sources.cautions import absence_words
            from wandb_plot.sources.reduced_runs import reduce_runs

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


def _narrowed(source: Source, runs: Sequence[Run], wanted: Filter) -> list[Run]:
    """Those of `runs` that meet the filter, as their source applies it."""
    if not wanted:
        return list(runs)
    ids = {"name": {"$in": [run.id for run in runs]}}
    meeting = {run.id for run in source.runs(RunQuery({"$and": [ids, wanted]}))}
    return [run for run in runs if run.id in meeting]


def _check_keys(source: Source, found: Sequence[Run], conditions: _Conditions, warn: Warn) -> None:
    """Tell of a key that no run has, with the nearest.

    Raises:
        NotFoundError: there is one, and no run was found.
    """
    if not absent_keys(conditions.keys, found):
        return
    runs = source.runs(RunQuery(limit=_LOOKED_AT))
    for key, nearest in absent_keys(conditions.keys, runs).items() if runs else ():
        if len(runs) == _LOOKED_AT and source.runs(RunQuery({filter_key(key): {"$exists": True}}, limit=1)):
            continue  # an older run has it
        words = absent_key_words(key, nearest)
        if not found:
            hint = "list the keys with: wandb-plot runs PROJECT --keys"
            raise NotFoundError(words, hint=hint, candidates=nearest)
        warn(words)


def absent_key_words(key: str, nearest: Sequence[str]) -> str:
    """That no run has a key, and what may be meant."""
    return f"no run has {key}" + (f"; did you mean {' or '.join(nearest)}?" if nearest else "")


def _is_run_key(key: str) -> bool:
    return key in ATTRIBUTES or bool(split_key(key)[0])


def _is_of_metric(text: str) -> bool:
    return not text.lstrip().startswith("{") and not _is_run_key(parse_condition(text).key)


def _comparison(text: str) -> "Condition":
    found = parse_condition(text)
    if isinstance(found.value, bool) or not isinstance(found.value, (int, float)):
        raise UsageError(
            f"--filter {text!r}: {found.key} is no key of runs, and a metric is compared with a number",
            hint=f"keys of runs are {', '.join(ATTRIBUTES)}, config.KEY and summary.KEY; "
            "a metric's number is METRIC:REDUCTION, such as val/loss:min<0.5",
        )
    return found

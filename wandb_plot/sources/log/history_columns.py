"""History and system rows of a log -> columns.

Records that were logged at the same step are one row, in which the last value of each name counts. A dict that says
its `_type` is one metric, whatever it holds: older SDKs write such dicts whole, later ones leaf by leaf.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np

from wandb_plot.model.history import Column, History
from wandb_plot.model.metrics import NUMERIC, STEP, media_type, type_of
from wandb_plot.sources.log.extent_values import LoggedRows, ValueReader
from wandb_plot.sources.log.format.transaction_log import EXTENT_BLOCKS, RecordKind, Records, read_log
from wandb_plot.sources.log.needed_names import (
    TYPE_SUFFIX,
    ancestors,
    first_keys,
    is_outer,
    is_wanted,
    says_type,
)
from wandb_plot.sources.log.records import read_starting_step
from wandb_plot.sources.log.values_by_step import LoggedValues, ValueCollector
from wandb_plot.sources.logged_values import TYPES, ValueKind

_NOTHING = LoggedValues(np.empty(0), None, np.empty(0))


def read_history(
    logs: Sequence[Path],
    names: Collection[str] | None,
    *,
    start_time: float | None,
    warn: Callable[[Path, str], None],
    extent_blocks: int = EXTENT_BLOCKS,
) -> History:
    """Every number that was logged, each metric on its own steps.

    Args:
        logs: the logs of one run, oldest first, whose steps go on from one to the next.
        names: metrics to read; those that weren't logged are left out. None for all, axes and system stream included.
        start_time: when the run began, seconds since the epoch; None for the first row of the system stream.
        warn: called with a log and a line on what was lost of it.
        extent_blocks: how many blocks of a log are read at once, at most.

    Raises:
        MachineError: a log can't be read.
        OSError: it can't be opened.
    """
    wanted = None if names is None else frozenset(names)
    is_kept = keep_all if wanted is None else wanted.__contains__
    return _read(logs, wanted, is_kept, start_time, warn, extent_blocks)[1]


def read_types(
    logs: Sequence[Path],
    is_kept: Callable[[str], bool],
    *,
    start_time: float | None,
    warn: Callable[[Path, str], None],
    extent_blocks: int = EXTENT_BLOCKS,
) -> tuple[dict[str, str], History]:
    """The type of every metric, sorted by name, and the numbers of some of them.

    Args:
        logs: as `read_history` takes them, like all that follows.
        is_kept: whether the numbers of a metric are wanted. Others take up half the memory, and less where they were
            logged in every row.
        start_time: when the run began.
        warn: told what was lost.
        extent_blocks: how many blocks of a log are read at once, at most.
    """
    return _read(logs, None, is_kept, start_time, warn, extent_blocks)


def keep_all(_: str) -> bool:
    """That the numbers of every metric are wanted."""
    return True


def collect_history(log: Path, reader: ValueReader, collector: ValueCollector) -> tuple[str, ...]:
    """Read the history of one log, and nothing else of it, into a collector.

    Returns:
        A line for the user on each kind of loss.
    """

    def decode(records: Records) -> tuple[LoggedRows, int | None]:
        return reader.read(records, RecordKind.HISTORY), read_starting_step(records)

    collector.start_log()
    return read_log(log, decode, lambda decoded: collector.add(*decoded))


def typed_dicts(logged: Mapping[str, LoggedValues]) -> dict[str, LoggedValues]:
    """The values that hold the `_type` of a dict, by the dict's name. Dicts within such a dict are left out."""
    found: dict[str, LoggedValues] = {}
    for name in sorted(filter(says_type, logged), key=len):
        prefix = name.removesuffix(TYPE_SUFFIX)
        texts = logged[name].select(logged[name].are(ValueKind.TEXT))
        texts = _outside(texts, [found[outer] for outer in ancestors(prefix) if outer in found])
        if len(texts.x):
            found[prefix] = texts
    return found


def _read(
    logs: Sequence[Path],
    names: frozenset[str] | None,
    is_kept: Callable[[str], bool],
    start_time: float | None,
    warn: Callable[[Path, str], None],
    extent_blocks: int,
) -> tuple[dict[str, str], History]:
    is_kept = cache(is_kept)
    history, system = _collect(logs, names, is_kept, warn, extent_blocks)
    steps, seconds = history.distinct_x(), system.distinct_x()
    start = seconds[:1].sum() if start_time is None else start_time
    types, columns = {}, {}
    for column in chain(_system_columns(system, start), _columns(history), [_axis(steps)]):
        types[column.name] = column.type
        if is_kept(column.name):
            columns[column.name] = column
    by_name = {name: columns[name] for name in sorted(columns)}
    return {name: types[name] for name in sorted(types)}, History(by_name, len(steps), len(seconds))


def _collect(
    logs: Sequence[Path],
    names: frozenset[str] | None,
    is_kept: Callable[[str], bool],
    warn: Callable[[Path, str], None],
    extent_blocks: int,
) -> tuple[ValueCollector, ValueCollector]:
    """The history and the system stream of the logs."""
    reader = ValueReader(
        wanted=is_wanted(names), outer=is_outer(names), decoded=says_type, first_keys=first_keys(names)
    )
    history, system = (ValueCollector(fill_steps=fill_steps, is_kept=is_kept) for fill_steps in (True, False))

    def decode(records: Records) -> tuple[LoggedRows, LoggedRows, int | None]:
        history_rows, system_rows = (reader.read(records, kind) for kind in (RecordKind.HISTORY, RecordKind.STATS))
        return history_rows, system_rows, read_starting_step(records)

    def collect(decoded: tuple[LoggedRows, LoggedRows, int | None]) -> None:
        history_rows, system_rows, starting_step = decoded
        history.add(history_rows, starting_step)
        system.add(system_rows)

    for log in logs:
        history.start_log()
        for problem in read_log(log, decode, collect, extent_blocks=extent_blocks):
            warn(log, problem)
    return history, system


def _columns(collector: ValueCollector) -> Iterator[Column]:
    logged = dict(collector.logged())
    typed = typed_dicts(logged)
    for name in {**logged, **typed}:
        own, said = logged.pop(name, _NOTHING), typed.get(name, _NOTHING)
        own = _outside(own, [typed[outer] for outer in (name, *ancestors(name)) if outer in typed])
        column = _column(name, own, set(map(media_type, () if said.decoded is None else said.decoded)))
        if column.type:
            yield replace(column, non_null=column.non_null + len(said.x)) if len(said.x) else column


def _system_columns(collector: ValueCollector, start: float) -> Iterator[Column]:
    for column in _columns(collector):
        yield replace(column, steps=column.steps - start, is_system=True)


def _column(name: str, logged: LoggedValues, types: set[str]) -> Column:
    """The column of what was logged under a name.

    Args:
        name: the metric.
        logged: all but dicts.
        types: of the dicts.
    """
    if logged.kind is None and len(logged.x) and not types:
        values = np.empty(0) if logged.value is None else logged.value
        return Column(name, NUMERIC, logged.x, values, len(values) - int(np.count_nonzero(np.isnan(values))))
    numbers = logged.are(ValueKind.NUMBER)
    if not numbers.all() and (numbers.any() or not logged.are(ValueKind.TEXT).any()):
        # Among real strings and no number, even "NaN" is a string.
        numbers |= logged.are(ValueKind.NON_FINITE_TEXT)
    if numbers.any():
        types = {*types, NUMERIC}
    others = np.empty(0, np.uint8) if logged.kind is None else logged.kind[~numbers]
    others = others[others != ValueKind.NULL]
    types = {*types, *(TYPES[ValueKind(kind)] for kind in np.unique(others))}
    steps = logged.x if numbers.all() else logged.x[numbers]
    values = np.empty(0)
    if logged.value is not None:
        values = logged.value if numbers.all() else logged.value[numbers]
    return Column(name, type_of(types), steps, values, int(np.count_nonzero(~np.isnan(values)) + len(others)))


def _outside(logged: LoggedValues, hidden: Sequence[LoggedValues]) -> LoggedValues:
    """The values at whose x none of `hidden` has one."""
    for others in hidden:
        logged = logged.select(~np.isin(logged.x, others.x))
    return logged


def _axis(steps: np.ndarray) -> Column:
    return Column(STEP, NUMERIC, steps, steps, len(steps))

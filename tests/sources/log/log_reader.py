"""Read `.wandb` files as the tests of the reader do."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from wandb_plot.model.history import Column, History
from wandb_plot.sources.log.format.transaction_log import EXTENT_BLOCKS, RecordKind, Records, read_log
from wandb_plot.sources.log.history_columns import read_history


@dataclass
class WholeLog:
    """All records of a log, and what is said of its losses."""

    records: list[tuple[RecordKind, bytes]] = field(default_factory=list)
    problems: tuple[str, ...] = ()

    def messages(self, kind: RecordKind) -> list[bytes]:
        """The messages of all records of a kind."""
        return [message for own, message in self.records if own == kind]


def read_whole(path: Path, extent_blocks: int = EXTENT_BLOCKS) -> WholeLog:
    """Every record of a log."""
    log = WholeLog()

    def decode(records: Records) -> list[tuple[RecordKind, bytes]]:
        return [(kind, message) for kind in RecordKind for message in records.messages(kind)]

    log.problems = read_log(path, decode, log.records.extend, extent_blocks=extent_blocks)
    return log


def read(path: Path, *names: str) -> History:
    """The history of a log: the metrics named, or all."""
    return read_with_problems(path, names or None)[0]


def read_with_problems(
    path: Path, names: Collection[str] | None = None, extent_blocks: int = EXTENT_BLOCKS
) -> tuple[History, tuple[str, ...]]:
    """The history of a log, and what is said of its losses."""
    problems: list[str] = []
    history = read_history(
        [path], names, start_time=None, warn=lambda _, problem: problems.append(problem), extent_blocks=extent_blocks
    )
    return history, tuple(problems)


def points(column: Column) -> list[tuple[float, float]]:
    """The numbers of a column, each with its step."""
    return list(zip(column.steps.tolist(), column.values.tolist(), strict=True))


def same(one: Column, other: Column) -> bool:
    """Whether two columns hold the same."""
    return (one.name, one.type, one.non_null) == (other.name, other.type, other.non_null) and all(
        np.array_equal(left, right, equal_nan=True)
        for left, right in ((one.steps, other.steps), (one.values, other.values))
    )

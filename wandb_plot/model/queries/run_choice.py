"""Which runs a user means, as the words of a command or a call of the library say it."""

from collections.abc import Sequence
from dataclasses import dataclass


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
        sort: a key of runs or `METRIC:REDUCTION`, with a leading `-` for descending. None keeps the order named; if
            nothing is named, oldest first.
        limit: keep at most this many: the first by `sort`; without a `sort`, the first named; if nothing is named, the
            newest.
    """

    names: str | None = None
    filters: Sequence[str] = ()
    states: Sequence[str] = ()
    tags: Sequence[str] = ()
    group: str | None = None
    sweep: str | None = None
    sort: str | None = None
    limit: int | None = None

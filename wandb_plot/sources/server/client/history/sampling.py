"""A sample of a run's history: one series a metric, whichever points the server chooses, and always the last."""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from wandb_plot.model.history import History
from wandb_plot.model.metrics import STEP
from wandb_plot.sources.rows_to_columns import columns_from_rows, join_all, select_columns
from wandb_plot.sources.server.client.answer_checks import Row, odd_answer
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.client.run import ServerRun

# A request for more would take long to answer, and one for each metric would take many.
_SERIES_A_REQUEST = 25

# Each round samples the rows after the last known point and leaves about half of them, so these exhaust any history.
_MOST_ROUNDS = 200

Rows = list[Row]


def sample_history(
    run: ServerRun, calls: ServerCalls, wanted: Sequence[str], samples: int, over: str | None = None
) -> History:
    """About `samples` points of each of `wanted`.

    Args:
        run: whose history it is.
        calls: asks the server.
        wanted: names of metrics. Axes among them (names that begin with `_`) come at the points of all the others.
        samples: how many rows the server is asked for; of a metric with fewer all come.
        over: a further axis. A metric that shares no row with it comes without.
    """
    counts = run.value_counts
    axes = [name for name in wanted if name in counts and (name.startswith("_") or name == over) and name != STEP]
    metrics = [name for name in wanted if not (name.startswith("_") or name in axes)] or axes or [STEP]
    # The server gives the rows that hold all keys of a series; so one metric each, which the axes always go with.
    keys = {name: list(dict.fromkeys([STEP, name, *axes])) for name in metrics}
    rows: dict[str, Rows] = {name: [] for name in metrics}
    starts = dict.fromkeys(metrics, 0)
    rounds = 0
    while starts:
        answers = _ask(run, calls, {name: (keys[name], start) for name, start in starts.items()}, samples)
        starts = {}
        for name, answer in answers.items():
            is_first = not rows[name]
            # Of the rows after the first answer only the last point is wanted.
            rows[name] += answer if is_first else answer[-1:]
            more = _lacks(answer, samples, counts.get(name)) if is_first else len(answer) >= samples
            if answer and more:
                starts[name] = int(answer[-1][STEP]) + 1
            elif is_first and not answer and over in axes and over in keys[name] and name != over:
                keys[name].remove(over)
                starts[name] = 0
        rounds += 1
        if rounds > _MOST_ROUNDS:
            raise odd_answer("the end of the history", f"none after {rounds} samples")
    columns = join_all([columns_from_rows(rows[name], wanted=keys[name], is_partial=True) for name in metrics])
    sampled = {name for name in metrics if _lacks(rows[name], samples, counts.get(name))}
    known = {name: counts[name] for name in sampled & columns.keys() if math.isfinite(counts.get(name, math.inf))}
    columns |= {name: replace(columns[name], non_null=int(count)) for name, count in known.items()}
    sampled |= {STEP, *axes} if sampled else set()
    history = History(columns, run.version.row_count, sampled=frozenset(sampled & columns.keys()))
    return select_columns(history, wanted)


def _ask(run: ServerRun, calls: ServerCalls, series: dict[str, tuple[list[str], int]], samples: int) -> dict[str, Rows]:
    """The rows of each series, which is its keys and the step to begin at."""
    specs = [{"keys": keys, "minStep": start, "samples": samples} for keys, start in series.values()]
    batches = [specs[at : at + _SERIES_A_REQUEST] for at in range(0, len(specs), _SERIES_A_REQUEST)]
    answers = calls.each(partial(run.sampled_history, batch) for batch in batches)
    return dict(zip(series, (rows for answer in answers for rows in answer), strict=True))


def _lacks(rows: Rows, samples: int, count: float | None) -> bool:
    """Whether there are more points than `rows` holds: as told, else where as many came as were asked for."""
    return len(rows) >= samples if count is None or math.isinf(count) else len(rows) < count

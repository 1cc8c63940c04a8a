"""What is odd about the numbers of a run: one finding for each kind of event in each metric. No cause is claimed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from wandb_plot.basics.formatting import count_text, number_text, plain_number
from wandb_plot.model.history import Column, History
from wandb_plot.model.metrics import RUNTIME, STEP, TIMESTAMP
from wandb_plot.numbers.findings.events import NonFinite, explosion, flat_end, non_finite, pauses
from wandb_plot.numbers.findings.spikes import spikes

# A pause, or a slow end, that takes fewer seconds is not worth telling.
_SHORTEST_PAUSE = 60.0
# The last tenth of the rows is compared with what came before; below half of it the pace has dropped.
_PACE_SHARE = 0.1
_PACE_FACTOR = 0.5
_FEWEST_ROWS = 50
_IDLE_PERCENT = 10.0
_FULL_PERCENT = 95.0

_LEARNING_RATE = re.compile(r"(?:^|[/._])(?:lr|learning_rate)(?:$|[/._-])", re.IGNORECASE)
_GPU = re.compile(r"system\.gpu\.(?:process\.)?(\d+)\.(gpu|memoryAllocated)")
_FILLING = re.compile(r"system\.(memory_percent|disk\..*\.usagePercent)")


@dataclass(frozen=True)
class Finding:
    """One thing that is odd.

    Attributes:
        kind: `nan`, `infinite`, `explosion`, `spike`, `flat`, `zero`, `pause`, `pace`, `idle`, `full`, `state`,
            `rule` or `stall`.
        text: what is odd, with places and values.
        metric: where; None for the run as a whole.
        start: the first step of it; seconds since the run began for the system stream.
        stop: the last one.
        value: the number that stands out.
        points: how many points it is about; of spikes, those of the largest.
        occurrences: how many spikes or pauses there are; None of other kinds.
    """

    kind: str
    text: str
    metric: str | None = None
    start: float | None = None
    stop: float | None = None
    value: float | None = None
    points: int | None = None
    occurrences: int | None = None


def find_odd(history: History) -> list[Finding]:
    """Every finding in the metrics of a history, axes and system stream included where it holds them."""
    found = [*_pauses(history), *_pace(history)]
    for column in history.columns.values():
        if is_checked(column):
            checks = _SYSTEM_CHECKS if column.is_system else _CHECKS
            found += [finding for check in checks for finding in check(column)]
    return found


def is_checked(column: Column) -> bool:
    """Whether `find_odd` checks the values: those of axes, and metrics without a number, are not."""
    return column.is_numeric and not column.name.startswith("_") and len(column.values) > 0


def _times(factor: float) -> str:
    return f"{factor:,.0f}" if factor >= 10 else f"{factor:.2g}"  # noqa: PLR2004 -- tenths matter below


def _x_text(x: float) -> str:
    return number_text(x, 6)


def _non_finite(column: Column) -> Iterator[Finding]:
    stretches = non_finite(column.steps, column.values)
    if not stretches:
        return
    first, last = stretches[0], stretches[-1]
    points = sum(stretch.points for stretch in stretches)
    kind = "infinite" if all(stretch.kind == "inf" for stretch in stretches) else "nan"
    what = {"nan": "NaN", "inf": "infinite", "both": "NaN or infinite"}[_kind(stretches)]
    if points == len(column.values):
        where = f"all {points:,} points" if points > 1 else f"its only point, step {_x_text(first.start)}"
        text, start = f"never finite: {what} at {where}", first.start
    elif last.to_end:
        text = f"{what} at its last point, step {_x_text(last.start)}"
        if last.points > 1:
            text = f"diverged: {what} from step {_x_text(last.start)} to the end ({count_text(last.points, 'point')})"
        if len(stretches) > 1:
            text += f", and {count_text(points - last.points, 'point')} before, first at {_x_text(first.start)}"
        start = last.start
    elif points == 1:
        text, start = f"{what} at step {_x_text(first.start)}", first.start
    else:
        text = f"{what} at {count_text(points, 'point')} between steps {_x_text(first.start)} and {_x_text(last.stop)}"
        start = first.start
    yield Finding(kind, text, column.name, start, last.stop, points=points)


def _kind(stretches: list[NonFinite]) -> str:
    kinds = {stretch.kind for stretch in stretches}
    return kinds.pop() if len(kinds) == 1 else "both"


def _explosion(column: Column) -> Iterator[Finding]:
    found = explosion(column.steps, column.values)
    if found:
        text = (
            f"from step {_x_text(found.x)} on more than 10 times further from zero than the median before "
            f"({number_text(found.before)}), at the end {number_text(found.value)}"
        )
        yield Finding("explosion", text, column.name, found.x, float(column.steps[-1]), found.value)


def _spikes(column: Column) -> Iterator[Finding]:
    found = spikes(column.steps, column.values)
    if not found:
        return
    largest = found[0]
    times = f", {_times(largest.factor)} times" if largest.factor else ", against"
    text = (
        f"spike at step {_x_text(largest.x)}: {number_text(largest.value)}{times} "
        f"the median around it ({number_text(largest.around)}), {count_text(largest.points, 'point')} long"
    )
    if len(found) > 1:
        others = ", ".join(_x_text(spike.x) for spike in found[1:4])
        text += f"; {len(found) - 1} more, at {others}{', ...' if len(found) > 4 else ''}"  # noqa: PLR2004 -- three are named
    yield Finding("spike", text, column.name, largest.x, largest.x, largest.value, largest.points, len(found))


def _flat_end(column: Column) -> Iterator[Finding]:
    found = flat_end(column.steps, column.values)
    if found:
        kind = "zero" if found.value == 0 and _LEARNING_RATE.search(column.name) else "flat"
        points = count_text(found.points, "point")
        text = f"stays at {number_text(found.value)} from step {_x_text(found.start)} ({points})"
        yield Finding(kind, text, column.name, found.start, found.stop, found.value, found.points)


def _idle(column: Column) -> Iterator[Finding]:
    gpu = _GPU.fullmatch(column.name)
    finite = column.values[np.isfinite(column.values)]
    if not gpu or gpu[2] != "gpu" or not len(finite) or finite.mean() >= _IDLE_PERCENT:
        return
    text = f"GPU {gpu[1]} is busy {number_text(float(finite.mean()), 2)} % of the time on average"
    yield Finding("idle", text, column.name, value=float(finite.mean()), points=len(finite))


def _full(column: Column) -> Iterator[Finding]:
    gpu = _GPU.fullmatch(column.name)
    if not (gpu and gpu[2] == "memoryAllocated") and not _FILLING.fullmatch(column.name):
        return
    finite = np.isfinite(column.values)
    if finite.any() and (most := float(column.values[finite].max())) >= _FULL_PERCENT:
        at = float(column.steps[finite][np.argmax(column.values[finite])])
        text = f"reaches {number_text(most, 3)} % at {number_text(at, 4)} s"
        yield Finding("full", text, column.name, at, at, most)


_CHECKS: tuple[Callable[[Column], Iterator[Finding]], ...] = (_non_finite, _explosion, _spikes, _flat_end)
_SYSTEM_CHECKS: tuple[Callable[[Column], Iterator[Finding]], ...] = (_idle, _full)


def _pauses(history: History) -> Iterator[Finding]:
    """Rows much further apart in time than usual."""
    clock = history.columns.get(TIMESTAMP) or history.columns.get(RUNTIME)
    if clock is None or not np.isfinite(clock.values).all():
        return
    # A clock that was set back, and perhaps forward again, is no pause.
    seconds_so_far = np.maximum.accumulate(clock.values)
    found = [pause for pause in pauses(seconds_so_far) if pause.stop - pause.start > _SHORTEST_PAUSE]
    if not found:
        return
    longest = found[0]
    at = int(np.searchsorted(seconds_so_far, longest.start, side="right")) - 1
    usual = float(np.median(np.diff(clock.values)))
    before, after = float(clock.steps[at]), float(clock.steps[min(at + 1, len(clock.steps) - 1)])
    seconds = longest.stop - longest.start
    text = (
        f"no row for {number_text(seconds, 3)} s between steps {_x_text(before)} and {_x_text(after)} "
        f"(usual: {number_text(usual, 2)} s)"
    )
    if len(found) > 1:
        text += f"; {count_text(len(found) - 1, 'more pause')}"
    yield Finding("pause", text, None, before, after, seconds, occurrences=len(found))


def _pace(history: History) -> Iterator[Finding]:
    """Steps a second in the last tenth of the rows, where that is less than half of what it was before."""
    runtime, steps = history.columns.get(RUNTIME), history.columns.get(STEP)
    if runtime is None or steps is None or len(runtime.steps) < _FEWEST_ROWS:
        return
    seconds = runtime.values
    split = len(seconds) - round(_PACE_SHARE * len(seconds))
    usual = float(np.median(np.diff(seconds[:split]) / np.diff(runtime.steps[:split])))
    late = float(np.median(np.diff(seconds[split:]) / np.diff(runtime.steps[split:])))
    if usual > 0 and late * _PACE_FACTOR > usual and seconds[-1] - seconds[split] > _SHORTEST_PAUSE:
        start = float(runtime.steps[split])
        before, now = number_text(1 / usual, 3), number_text(1 / late, 3)
        text = f"{now} steps a second from step {_x_text(start)} on, {before} before"
        yield Finding("pace", text, None, start, float(runtime.steps[-1]), plain_number(1 / late))

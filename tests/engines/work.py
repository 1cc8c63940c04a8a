"""Pieces of work that tests hand to engines; at module level, as processes find them by name."""

import os
import signal
from pathlib import Path

from wandb_plot.actions import read_runs
from wandb_plot.errors import MachineError
from wandb_plot.model.history import History
from wandb_plot.model.run import Run
from wandb_plot.sources import reduced_runs
from wandb_plot.sources.source_protocol import Source

_look, _reduce = read_runs._look, reduced_runs._look


def square(number: int) -> int:
    """Ordinary work."""
    return number * number


def refuse_three(number: int) -> int:
    """Work that fails for one of its pieces."""
    if number == 3:
        raise MachineError("three is odd", hint="choose another", code="environment")
    return number


def die_at_three(number: int) -> int:
    """Work that kills its worker, each time."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die_once(marker: Path) -> str:
    """Work that kills its worker the first time."""
    if marker.suffix == ".once" and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marker.name


def look_or_die(wanted: read_runs.Wanted, source: Source, run: Run) -> tuple[dict[str, str], History | None]:
    """What is read of a run for a figure, by a worker that dies of s02 each time and of s03 the first time."""
    _die_of(run)
    return _look(wanted, source, run)


def reduce_or_die(texts: list[str], lists: bool, source: Source, run: Run) -> object:
    """What is read of a run for a table, likewise."""
    _die_of(run)
    return _reduce(texts, lists, source, run)


def _die_of(run: Run) -> None:
    marker = Path(f"died-of-{run.id}")
    if run.id == "s02" or (run.id == "s03" and not marker.exists()):
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)

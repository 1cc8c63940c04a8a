"""Pieces of work that tests hand to engines; at module level, as processes find them by name."""

import os
import signal
from pathlib import Path

from wandb_plot.errors import MachineError


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

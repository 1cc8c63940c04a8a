"""What we take, as a part of what others take for the same. Both sides in one run, one after the other.

Bounds are for times by the clock, on a machine with nothing else to do; the last column is the ratio of CPU seconds,
which says more where others use the machine too.

    python benchmarks/bench.py            # every section
    python benchmarks/bench.py reading    # some of them

A section is a function that yields comparisons; a new one is added to `SECTIONS`.
"""

import gc
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from statistics import median
from typing import NamedTuple

from comparison import Comparison
from drawing import drawing, smoothing
from listing import listing
from many_runs import grouping
from reading import reading

SECTIONS: dict[str, Callable[[], Iterable[Comparison]]] = {
    "reading": reading,
    "listing": listing,
    "drawing": drawing,
    "smoothing": smoothing,
    "grouping": grouping,
}


class Cost(NamedTuple):
    """Seconds that something takes, by the clock and of processors."""

    elapsed: float
    cpu: float


def main() -> None:
    """Print a line for each comparison of the sections named on the command line, or of all."""
    print(machine())
    print(f"{'':50} {'ours':>10} {'anchor':>10} {'ratio':>7} {'bound':>7} {'of CPU':>7}")
    for name in sys.argv[1:] or SECTIONS:
        for comparison in SECTIONS[name]():
            ours, anchor = measure(comparison)
            missed = ours.elapsed > comparison.bound * anchor.elapsed
            print(
                f"{comparison.name:50} {1e3 * ours.elapsed:7.1f} ms {1e3 * anchor.elapsed:7.1f} ms"
                f" {ours.elapsed / anchor.elapsed:7.3f} {comparison.bound:7.2f} {ours.cpu / anchor.cpu:7.3f}"
                f"{'  MISSED' * missed}",
                flush=True,
            )


def machine() -> str:
    """What the numbers depend on, in one line."""
    versions = (f"{name} {version(name)}" for name in ("numpy", "pyarrow", "matplotlib", "wandb"))
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(versions)}"


def measure(comparison: Comparison) -> tuple[Cost, Cost]:
    """The median costs of both sides, taken in turns so that a busy machine slows down both."""
    comparison.ours(), comparison.anchor()
    costs = [(_cost(comparison.ours), _cost(comparison.anchor)) for _ in range(comparison.rounds)]
    ours, anchor = (Cost(*map(median, zip(*side, strict=True))) for side in zip(*costs, strict=True))
    return ours, anchor


def _cost(action: Callable[[], object]) -> Cost:
    gc.collect()
    begun, cpu = time.perf_counter(), _cpu()
    action()
    return Cost(time.perf_counter() - begun, _cpu() - cpu)


def _cpu() -> float:
    """Seconds of processors that this process and its children have taken."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()

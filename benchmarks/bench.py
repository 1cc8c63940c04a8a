"""What we take, as a part of what others take for the same. Both sides in one run, one after the other.

    python benchmarks/bench.py            # every section
    python benchmarks/bench.py reading    # some of them

A section is a function that yields comparisons; a new one is added to `SECTIONS`.
"""

import gc
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from statistics import median

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


def main() -> None:
    """Print a line for each comparison of the sections named on the command line, or of all."""
    print(machine())
    print(f"{'':50} {'ours':>10} {'anchor':>10} {'ratio':>7} {'bound':>7}")
    for name in sys.argv[1:] or SECTIONS:
        for comparison in SECTIONS[name]():
            ours, anchor = measure(comparison)
            print(
                f"{comparison.name:50} {1e3 * ours:7.1f} ms {1e3 * anchor:7.1f} ms"
                f" {ours / anchor:7.3f} {comparison.bound:7.2f}{'  MISSED' * (ours > comparison.bound * anchor)}",
                flush=True,
            )


def machine() -> str:
    """What the numbers depend on, in one line."""
    versions = (f"{name} {version(name)}" for name in ("numpy", "pyarrow", "matplotlib", "wandb"))
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(versions)}"


def measure(comparison: Comparison) -> tuple[float, float]:
    """The median times of both sides in seconds, taken in turns so that a busy machine slows down both."""
    comparison.ours(), comparison.anchor()
    times = [(_time(comparison.ours), _time(comparison.anchor)) for _ in range(comparison.rounds)]
    ours, anchor = zip(*times, strict=True)
    return median(ours), median(anchor)


def _time(action: Callable[[], object]) -> float:
    gc.collect()
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

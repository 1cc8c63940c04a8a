"""A log that is larger than what reading it may take up: time and memory.

    python benchmarks/large_log.py        # some minutes, 600 MB of disk

Not a section of bench.py, since the log alone takes half a minute to make.
"""

import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from bench import machine, measure
from comparison import Comparison
from reading import recorded_log

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.sources.log.log_copies import lengthened
from wandb_plot.sources.log.history_columns import read_history

TIMES = 30
METRIC = "train/metric_5"

# What a process of its own says: its peak over what it took up before, in MB, and the values it read.
_PEAK = """
import sys
from pathlib import Path
import pyarrow
from wandb_plot.sources.log.history_columns import read_history

def peak():
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024

idle = peak()
history = read_history([Path(sys.argv[1])], sys.argv[2:] or None, start_time=None, warn=print)
print(peak() - idle, sum(len(column.values) for column in history.columns.values()))
"""


def main() -> None:
    """Print the time that one metric takes against reading the file and its checksum, and what each way peaks at."""
    print(machine())
    log = _large_log()
    size = log.stat().st_size / 1e6
    comparison = Comparison("", lambda: _one_metric(log), lambda: _checksum(log), bound=0)
    ours, anchor = measure(comparison)
    print(f"one metric of {size:.0f} MB: {ours.elapsed:.2f} s, {ours.cpu:.2f} s of CPU")
    print(f"reading the file and its CRC-32: {anchor.elapsed:.2f} s, {anchor.cpu:.2f} s of CPU")
    print(
        f"the metric takes {ours.elapsed / anchor.elapsed:.1f} times as long, {ours.cpu / anchor.cpu:.1f} times the CPU"
    )
    for names in ([METRIC], []):
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, str(log), *names], cwd=ROOT, check=True, capture_output=True, text=True
        )
        peak, values = (int(number) / 1e6 for number in done.stdout.split())
        what, bound = "one metric" if names else "every metric", 200 + 16 * values
        print(
            f"peak of {what}, {values:.1f} million values: {peak:.0f} MB over the idle process"
            f" (bound: {bound:.0f} MB), {peak / size:.2f} of the log"
        )


def _one_metric(log: Path) -> None:
    read_history([log], [METRIC], start_time=None, warn=print)


def _checksum(log: Path) -> None:
    checksum = 0
    with log.open("rb") as file:
        while piece := file.read(2**20):
            checksum = zlib.crc32(piece, checksum)


def _large_log() -> Path:
    """The recorded log so many times over; kept for the next time."""
    recorded = recorded_log()
    target = Path(tempfile.gettempdir()) / f"wandb-plot-bench-{recorded.stem}-{TIMES}.wandb"
    return target if target.exists() else lengthened(recorded, target, TIMES)


if __name__ == "__main__":
    main()

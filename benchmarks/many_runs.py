"""A figure of the group that very many runs make: time, memory, and what more processes give.

    python benchmarks/many_runs.py             # 2,000 runs, some minutes
    python benchmarks/many_runs.py 200 2000    # other numbers; a tenth of each is measured too

The section `grouping` of bench.py measures fewer runs. The runs are copies of one log of 1,000 rows under other ids,
kept for the next time. A number is the median of three commands, in turns; times are those of whole processes, peaks
those of the largest one.
"""

import math
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from comparison import Comparison

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.sources.log.log_copies import renamed
from tests.sources.log.log_writer import field, row, write_log

ROWS = 1_000
ROUNDS = 3
RUNS = 500
# Users have their modules compiled once; each process would compile them anew otherwise.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
PROGRAM = Path(sysconfig.get_path("scripts")) / "wandb-plot"


def grouping() -> Iterator[Comparison]:
    """A figure of many runs: what a second process gives, and what ten times the runs cost."""
    many, few = many_runs(RUNS), many_runs(RUNS // 10)
    yield Comparison(
        f"a group of {RUNS} runs, by two processes and by one",
        lambda: _draw(many, 2),
        lambda: _draw(many, 1),
        0.6,
        ROUNDS,
    )
    yield Comparison("ten times the runs", lambda: _draw(many, 1), lambda: _draw(few, 1), 12, ROUNDS)


def main() -> None:
    """Print a line for each number of runs and workers, then what ten times the runs and a second process cost."""
    counts = [int(word) for word in sys.argv[1:]] or [2_000]
    print(f"{'runs':>7} {'workers':>8} {'seconds':>9} {'peak MB':>9} {'ms a run':>9}")
    for count in counts:
        cases = [(runs, workers) for runs in (count // 10, count) for workers in (1, 2)]
        roots = {runs: many_runs(runs) for runs, _ in cases}
        measured: dict[tuple[int, int], list[tuple[float, float]]] = {case: [] for case in cases}
        for _ in range(ROUNDS):
            for (runs, workers), found in measured.items():
                found.append(_draw(roots[runs], workers))
        seconds = {case: median(one for one, _ in found) for case, found in measured.items()}
        for (runs, workers), found in measured.items():
            peak, took = median(one for _, one in found), seconds[runs, workers]
            print(f"{runs:7,} {workers:8} {took:9.1f} {peak:9.0f} {1e3 * took / runs:9.1f}")
        print(f"ten times the runs: {seconds[count, 1] / seconds[count // 10, 1]:.1f} times the time (at most 12)")
        print(f"{count:,} runs, two processes against one: {seconds[count, 2] / seconds[count, 1]:.2f} of the time")


def many_runs(count: int) -> Path:
    """A folder of runs with 1,000 rows each, finished a day ago."""
    base = Path(tempfile.gettempdir()) / f"wandb-plot-bench-{os.getuid()}-{count}-runs-of-{ROWS}"
    root = base / "wandb"
    root.mkdir(parents=True, exist_ok=True)
    log = base / "run-r000000.wandb"
    if not log.exists():
        run = field(17, field(1, b"r000000") + field(2, b"acme") + field(3, b"many") + field(8, b"many"))
        rows = (row(step, loss=2 * math.exp(-step / 200) + math.sin(37 * step) / 100) for step in range(ROWS))
        write_log(log, [run, *rows, field(18, field(1, 0))])
    yesterday = time.time() - 86400
    for number in range(sum(1 for _ in root.glob("run-*")), count):
        hour, minute, second = number // 3600, number // 60 % 60, number % 60
        folder = root / f"run-20260101_{hour:02d}{minute:02d}{second:02d}-r{number:06d}"
        folder.mkdir(exist_ok=True)
        os.utime(renamed(log, folder / f"run-r{number:06d}.wandb", f"r{number:06d}"), (yesterday, yesterday))
    return root


def _draw(root: Path, workers: int) -> tuple[float, float]:
    """Seconds and peak MB of one command."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["generate", root, "all", "--metrics", "loss", "--group-by", "name", "--band", "std", "-q"]
        command = [PROGRAM, *words, "--workers", str(workers), "--output", f"{folder}/out"]
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, env=_ENVIRONMENT
        )
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{command} failed")
        return time.perf_counter() - begun, usage.ru_maxrss / 1e3


if __name__ == "__main__":
    main()

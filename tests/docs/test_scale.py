"""The page on scale: its engines are those that are installed, and its example of one is an engine."""

import math
import os
import re
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import Command
from tests.sources.log.log_copies import renamed
from tests.sources.log.log_writer import field, row, write_log

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")


def test_every_engine_is_told() -> None:
    """The table names what the distribution offers."""
    told = set(re.findall(r"^\| `(\w+)[:`]", PAGE, re.MULTILINE))
    assert told == {entry.name for entry in entry_points(group="wandb_plot.engines")}


def test_the_example_of_an_engine_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function of the page, with an executor of the standard library in MPI's place."""
    futures = ModuleType("mpi4py.futures")
    futures.MPIPoolExecutor = ThreadPoolExecutor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mpi4py", ModuleType("mpi4py"))
    monkeypatch.setitem(sys.modules, "mpi4py.futures", futures)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 -- the page's own lines
    engine = names["mpi"]
    assert callable(engine)
    with engine("", 2) as executor:
        assert isinstance(executor, Executor)
        assert executor.submit(sum, [1, 2]).result() == 3


@pytest.mark.long
def test_the_cluster_of_the_page_draws_the_same_bytes_though_a_worker_is_killed(
    wandb_plot: Command, wandb_plot_process: Command, here: Path
) -> None:
    """A figure of 2,000 runs, by two workers that were started as the page says, one of them killed half-way."""
    distributed = pytest.importorskip("distributed")
    many_runs(here / "wandb", 2_000)
    drawn = ("generate", "./wandb", "all", "--metrics", "loss", "--group-by", "name", "--band", "std", "--output")
    assert wandb_plot(*drawn, "one", "--workers", 1).code == 0
    started = [line.removeprefix("$ ").removesuffix(" &") for line in PAGE.splitlines() if line.startswith("$ dask ")]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    programs = Path(sys.executable).parent
    processes = [
        subprocess.Popen([programs / one.split()[0], *one.replace("8786", port).split()[1:]], stderr=subprocess.DEVNULL)
        for one in started
    ]
    address = f"tcp://127.0.0.1:{port}"
    try:
        with distributed.Client(address, timeout=60) as client, ThreadPoolExecutor(1) as thread:
            client.wait_for_workers(2, timeout=60)
            workers = client.run(os.getpid)
            drawing = thread.submit(wandb_plot_process, *drawn, "two", "--engine", f"dask:{address}")
            while not any(client.processing().values()):
                assert not drawing.done()
            time.sleep(1)
            assert not drawing.done()
            os.kill(next(iter(workers.values())), signal.SIGKILL)
            done = drawing.result(timeout=300)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
    assert done.code == 0
    one, two = ({path.name: path.read_bytes() for path in (here / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) == 2


def many_runs(root: Path, count: int) -> None:
    """Runs of 200 rows each, copies of one log."""
    record = field(17, field(1, b"r0") + field(2, b"acme") + field(3, b"many") + field(8, b"many"))
    rows = (row(step, loss=math.exp(-step / 50) + math.sin(37 * step) / 100) for step in range(200))
    log = write_log(root.parent / "run-r0.wandb", [record, *rows, field(18, field(1, 0))])
    for number in range(count):
        folder = root / f"run-20260101_{number // 3600:02d}{number // 60 % 60:02d}{number % 60:02d}-r{number}"
        folder.mkdir(parents=True)
        renamed(log, folder / f"run-r{number}.wandb", f"r{number}")

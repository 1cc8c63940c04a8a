"""Engines: the same pieces in the same order whoever does them, and nothing lost where a worker dies."""

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import Executor
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.engines.work import die_at_three, die_once, refuse_three, square
from wandb_plot.engines.loading import open_engine
from wandb_plot.engines.map_pieces import map_pieces
from wandb_plot.errors import MachineError, UsageError

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("workers", [1, 2])
def test_pieces_come_in_order(workers: int) -> None:
    """However many processes there are; a failed piece is among them and has its error."""
    with open_engine("processes", workers) as engine:
        assert [piece.outcome for piece in map_pieces(engine, square, range(20), ahead=4)] == [n * n for n in range(20)]
        begun: list[int] = []
        numbers = (begun.append(number) or number for number in range(5))  # type: ignore[func-returns-value]
        under_way: list[int] = []
        pieces = list(map_pieces(engine, refuse_three, numbers, ahead=4, meanwhile=lambda: under_way.extend(begun)))
    assert under_way == [0, 1, 2, 3], "done once, when the first pieces are under way"
    assert [piece.outcome for piece in pieces] == [0, 1, 2, None, 4]
    error = pieces[3].error
    assert isinstance(error, MachineError)
    assert (error.message, error.hint, error.code) == ("three is odd", "choose another", "environment")


def test_a_dead_worker_costs_its_own_piece_alone(tmp_path: Path) -> None:
    """A piece is tried again after its worker died; only the one that kills it each time is lost, and is named."""
    with open_engine("processes", 2) as engine:
        pieces = list(map_pieces(engine, die_at_three, range(8), ahead=4))
        assert [piece.outcome for piece in pieces] == [0, 1, 2, None, 4, 5, 6, 7]
        assert "worked on 3 ended twice" in str(pieces[3].error)
        markers = [tmp_path / name for name in ("a", "b.once", "c")]
        assert [piece.outcome for piece in map_pieces(engine, die_once, markers, ahead=3)] == ["a", "b.once", "c"]


def test_processes_end_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves none behind."""
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, sys, time\n"
        "from wandb_plot.engines.processes import Processes\n"
        "if __name__ == '__main__':\n"
        "    print(Processes(1).submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(100)\n"
    )
    parent = subprocess.Popen([sys.executable, script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{worker}").exists() and "State:\tZ" not in Path(f"/proc/{worker}/status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    parent.stdout.close()


_INTERRUPTED = """
import os, time
from wandb_plot.engines.loading import open_engine
from wandb_plot.engines.map_pieces import map_pieces

def begun():
    print("begun", flush=True)

if __name__ == "__main__":
    try:
        with open_engine("processes", 2) as engine:
            for number, _ in enumerate(map_pieces(engine, time.sleep, [0.01] * 10_000, ahead=8, meanwhile=begun)):
                print(number, flush=True)
    except KeyboardInterrupt:
        os._exit(130)
"""


@pytest.mark.parametrize("pieces", [0, 20], ids=["while processes start", "while they work"])
def test_an_interruption_ends_the_processes_without_a_word(tmp_path: Path, pieces: int) -> None:
    """Ctrl-C reaches all processes of a terminal: none of them complains, and none is left."""
    script = tmp_path / "parent.py"
    script.write_text(_INTERRUPTED)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    parent = subprocess.Popen([sys.executable, script], cwd=ROOT, **pipes)  # type: ignore[call-overload]
    for _ in range(1 + pieces):
        parent.stdout.readline()
    os.killpg(parent.pid, signal.SIGINT)
    _, said = parent.communicate(timeout=60)
    assert (parent.returncode, said) == (130, "")
    deadline = time.monotonic() + 30
    while _alive_in(parent.pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _alive_in(group: int) -> list[str]:
    """The processes of a group that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, of_group = path.read_text().rpartition(")")[2].split()[:3]
            found += [path.parent.name] if state != "Z" and int(of_group) == group else []
    return found


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("proceses", UsageError, "no engine is called 'proceses'"),
        ("dask:tcp://127.0.0.1:1", MachineError, "no Dask scheduler answers at tcp://127.0.0.1:1"),
    ],
)
def test_an_engine_that_cannot_be_had_says_why(
    monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception], message: str
) -> None:
    """An unknown name, and an address where nobody answers."""
    monkeypatch.setattr("wandb_plot.engines.cluster._CONNECT_SECONDS", 0.5)
    with pytest.raises(error, match=message), open_engine(text):
        pass


def test_an_engine_has_so_long_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a connection and says nothing is given up after the time limit, and named."""
    pytest.importorskip("distributed")
    monkeypatch.setattr("wandb_plot.engines.cluster._CONNECT_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with (
            pytest.raises(MachineError, match=f"'dask' was not ready within 0.2 seconds: {address}"),
            open_engine(f"dask:{address}", timeout=0.2),
        ):
            pass


@pytest.mark.parametrize(("there", "has"), [(None, "no wandb-plot"), ("0.0.1", "wandb-plot 0.0.1")])
def test_a_dask_worker_without_this_version_is_named(tmp_path: Path, there: str | None, has: str) -> None:
    """Which worker it is, what it has, and what to install there."""
    distributed = pytest.importorskip("distributed")
    paths = [tmp_path, Path(distributed.__file__).parents[1]]
    if there is not None:
        (tmp_path / "wandb_plot").mkdir()
        (tmp_path / "wandb_plot" / "__init__.py").touch()
        metadata = tmp_path / f"wandb_plot-{there}.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: wandb-plot\nVersion: {there}\n")
    quiet = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}
    with distributed.LocalCluster(n_workers=0, host="127.0.0.1", **quiet) as cluster:
        # Without its `site`, Python doesn't see what is installed in editable mode.
        words = ["-S", "-m", "distributed.cli.dask_worker", cluster.scheduler_address, "--no-nanny", "--no-dashboard"]
        environment = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PATH": os.environ["PATH"]}
        worker = subprocess.Popen([sys.executable, *words], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
        try:
            with distributed.Client(cluster) as client:
                client.wait_for_workers(1, timeout=60)
            named = f"the Dask worker tcp://.* has {has}, and this is {version('wandb-plot')}"
            with pytest.raises(MachineError, match=named), open_engine(f"dask:{cluster.scheduler_address}"):
                pass
        finally:
            worker.kill()
            worker.wait()


def test_an_engine_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an entry point gives has to be an executor."""
    monkeypatch.setattr("wandb_plot.engines.processes.Processes", dict)
    with pytest.raises(MachineError, match="failed to start"), open_engine("processes"):
        pass
    monkeypatch.setattr("wandb_plot.engines.processes.Processes", str)
    with pytest.raises(MachineError, match="gave a str"), open_engine("processes", 2):
        pass


def test_a_dask_cluster_does_the_same() -> None:
    """A local cluster of one worker: in order, with errors, and the piece that kills its worker is lost alone."""
    pytest.importorskip("distributed")
    with open_engine("dask:local", 1) as engine:
        assert isinstance(engine, Executor)
        assert [piece.outcome for piece in map_pieces(engine, square, range(9), ahead=4)] == [n * n for n in range(9)]
        assert [bool(piece.error) for piece in map_pieces(engine, refuse_three, range(5), ahead=2)][3]
    assert os.getpid()

"""The client lives in a process of its own: what the caller notices of it, how it ends, and what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from tests.running import private_environment, program
from tests.server import Contents, RunContents, TestServer
from tests.server.samples import sample_contents
from tests.sources.server.processes import eventually, opened, processes_of
from wandb_plot.errors import MachineError, ServerError
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.open_project import open_source

# Processes are found by their environment, which a forked one doesn't show.
fresh = pytest.mark.usefixtures("client_process")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home, with the folder for temporary files in it."""
    return tmp_path / "home"


def temporaries(home: Path) -> list[str]:
    """What lies in the folder for temporary files."""
    return [path.name for path in (home / "sdk").iterdir()]


_RECORD_AND_READ = """
import json, os, sys, warnings
import wandb
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.open_project import open_source

run = wandb.init(mode="offline", dir=sys.argv[1], project="mine")
run.log({"loss": 1.0})
before = dict(os.environ)
with open_source("acme/vision", warn=warnings.warn, timeout=20, cache=False) as source:
    (other,) = source.find("exported")
    history = source.history(other, ["train.loss"])
assert dict(os.environ) == before
assert wandb.run is run
run.log({"loss": 2.0})
run.finish()
print(json.dumps([len(history.columns["train.loss"].values), run.id]))
"""


def test_a_script_that_records_reads_another_run(home: Path, tmp_path: Path) -> None:
    """Its run, its environment and its exit are as if nothing had been read; and what is read is all there."""
    with TestServer(sample_contents()) as server:
        env = private_environment(home) | server.env
        done = subprocess.run(
            [sys.executable, "-c", _RECORD_AND_READ, tmp_path], env=env, capture_output=True, check=False, timeout=100
        )
    assert done.returncode == 0, done.stderr.decode()
    points, recorded = json.loads(done.stdout.splitlines()[-1])
    assert points == 4_000
    with open_source(str(tmp_path / "wandb"), warn=pytest.fail, timeout=20) as source:
        (run,) = source.runs(RunQuery())
        assert run.id == recorded
        assert source.history(run, ["loss"]).columns["loss"].values.tolist() == [1.0, 2.0]
    assert not [command for command in processes_of(home).values() if "wandb_plot" in command]


def test_this_process_never_imports_the_client(home: Path) -> None:
    """Nor does it leave anything behind: no process, no folder, no variable."""
    code = (
        "import os, sys; before = dict(os.environ);"
        "from wandb_plot.__main__ import run; code = run(['runs', 'acme/vision', '--fields', 'id']);"
        "assert not {'wandb', 'numpy', 'pyarrow'} & sys.modules.keys();"
        "assert dict(os.environ) == before; sys.exit(code)"
    )
    with TestServer(sample_contents()) as server:
        env = private_environment(home) | server.env
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    assert temporaries(home) == []
    assert eventually(lambda: processes_of(home) == {})


@fresh
def test_a_run_that_is_being_recorded_has_no_say(home: Path) -> None:
    """A command started from a training script has a service of its own, and none of the run's settings."""
    settings = {
        "WANDB_SERVICE": "3-1-unix-/nowhere/socket",
        "WANDB_MODE": "disabled",
        "WANDB_PROJECT": "other",
        "WANDB_RUN_ID": "mine",
        "WANDB_DIR": "/nowhere",
    }
    with TestServer(sample_contents()) as server, opened(server, home, **settings) as source:
        assert len(source.runs(RunQuery())) == 6


@fresh
def test_nothing_is_asked_of_the_server_before_it_must_be(home: Path) -> None:
    """Opening starts the client, and no more. What the client reports about itself isn't sent at all."""
    with TestServer(sample_contents()) as server, opened(server, home, WANDB_ERROR_REPORTING="true") as source:
        assert eventually(lambda: any("wandb_plot" in command for command in processes_of(home).values()))
        assert server.requests == []
        assert source.find("exported")
        assert [request.operation for request in server.requests] == ["Viewer", "Runs"]
        assert server.telemetry == []


def test_several_threads_ask_at_once(home: Path) -> None:
    """Each gets its own answer."""
    with TestServer(sample_contents()) as server, opened(server, home) as source:
        server.latency = 0.2
        names = ["exported", "growing", "sparse", "diverged"] * 2
        answers: dict[int, list[str]] = {}

        def ask(number: int, name: str) -> None:
            answers[number] = [run.id for run in source.find(name)]

        threads = [threading.Thread(target=ask, args=numbered) for numbered in enumerate(names)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == {number: [name] for number, name in enumerate(names)}


@fresh
def test_a_silent_server_is_waited_for_once(home: Path) -> None:
    """It is given up in time, the client with it, and what is asked later fails at once."""
    with TestServer(sample_contents()) as server, opened(server, home, timeout=1.5) as source:
        source.find("exported")
        server.hang(times=None)
        begun, asked = time.monotonic(), []
        for _ in range(2):
            with pytest.raises(ServerError, match=r"gave nothing for 1\.5 seconds") as caught:
                source.find("growing")
            assert caught.value.code == "timeout"
            assert time.monotonic() - begun >= 1.5
            asked.append(len(server.requests))
        assert asked[0] == asked[1]
        assert eventually(lambda: processes_of(home) == {})


def test_a_server_that_gets_on_is_not_silent(home: Path) -> None:
    """The time limit is for one answer to the next, however long all of them take."""
    with TestServer(sample_contents()) as server, opened(server, home, timeout=4) as source:
        source.find("exported")
        server.latency = 0.5
        begun = time.monotonic()
        while time.monotonic() - begun < 4.5:
            assert source.find("growing")


def test_a_limited_rate_is_waited_out(home: Path) -> None:
    """The client gives up after a few attempts; the time limit is what counts. Why it takes so long is said once."""
    said: list[str] = []
    with TestServer(sample_contents()) as server, opened(server, home, timeout=29, warn=said.append) as source:
        # With a longer limit, the client itself would try often enough.
        server.fail("Runs", status=429, times=4)
        assert source.find("exported")
        assert server.count("Runs") == 5
    assert [text.partition(":")[0] for text in said] == ["rate limited"]


def test_a_limited_rate_is_what_time_ran_out_for(home: Path) -> None:
    """A server that never lets up is given up in time, and the error says what it said."""
    said: list[str] = []
    with TestServer(sample_contents()) as server, opened(server, home, timeout=5, warn=said.append) as source:
        # The client itself tries again after a second, and only then is the refusal known here.
        server.fail("Runs", status=429, times=None)
        with pytest.raises(ServerError, match="rate limited") as caught:
            source.find("exported")
    assert "--timeout" in caught.value.hint


def test_each_source_has_a_folder_of_its_own(home: Path) -> None:
    """Nobody else can look into it, and none comes under a name that was there before."""
    names = set()
    with TestServer(sample_contents()) as server:
        for _ in range(2):
            with opened(server, home):
                (name,) = temporaries(home)
                assert (home / "sdk" / name).stat().st_mode & 0o777 == 0o700
                names.add(name)
    assert len(names) == 2


def test_an_answer_that_comes_at_the_last_moment_counts(home: Path) -> None:
    """Time is looked at after the answer: what is there is never called late."""
    with TestServer(sample_contents()) as server, opened(server, home) as source:
        assert source.find("exported")
        process = source._process  # type: ignore[attr-defined]
        process._timeout = 0
        answer: Future[str] = Future()
        answer.set_result("in time")
        assert process._wait_for(answer) == "in time"
        with pytest.raises(ServerError, match="gave nothing for 0 seconds"):
            process._wait_for(Future())


_NEVER_CLOSED = """
import warnings
from wandb_plot.sources.open_project import open_source

source = open_source("acme/vision", warn=warnings.warn, timeout=20, cache=False)
print(source.find("exported")[0].id)
"""


def test_a_source_that_is_never_closed_leaves_nothing(home: Path) -> None:
    """As in a notebook: when the process ends, so does the client, and its folder goes."""
    with TestServer(sample_contents()) as server:
        env = private_environment(home) | server.env
        done = subprocess.run(
            [sys.executable, "-c", _NEVER_CLOSED], env=env, capture_output=True, check=False, timeout=60
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"exported\n", b"")
    assert temporaries(home) == []
    assert eventually(lambda: processes_of(home) == {})


@fresh
def test_a_client_that_dies_is_an_error(home: Path) -> None:
    """It says how, and what it said last; nobody waits for it."""
    with TestServer(sample_contents()) as server, opened(server, home) as source:
        source.find("exported")
        server.hang(times=None)
        threading.Timer(0.3, kill_client, [home]).start()
        with pytest.raises(MachineError, match="killed by signal 9") as caught:
            source.find("growing")
    assert caught.value.code == "environment"


def kill_client(home: Path) -> None:
    """Kill the client process of a source."""
    (client,) = (number for number, command in processes_of(home).items() if "sources.server.client" in command)
    os.kill(client, signal.SIGKILL)


@pytest.mark.parametrize("after", [0.4, 0.9])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_while_the_client_is_imported(home: Path, after: float, number: signal.Signals, code: int) -> None:
    """It is no defect, and leaves neither process nor folder."""
    with TestServer(sample_contents()) as server:
        env = private_environment(home) | server.env
        running = subprocess.Popen([program(), "runs", "acme/vision"], env=env, stderr=subprocess.PIPE)
        assert eventually(lambda: any("sources.server.client" in command for command in processes_of(home).values()))
        time.sleep(after - 0.4)
        running.send_signal(number)
        _, said = running.communicate(timeout=20)
    assert running.returncode == code, said
    assert said.strip().count(b"\n") == 0, said
    assert temporaries(home) == []
    assert eventually(lambda: processes_of(home) == {})


@fresh
def test_what_a_killed_command_leaves_is_removed_by_the_next(home: Path) -> None:
    """Its client ends by itself; its folder goes with the next command, which leaves those of living ones alone."""
    with TestServer(Contents.of(RunContents("abc"))) as server:
        env = private_environment(home) | server.env
        server.hang("Runs")
        killed = subprocess.Popen([program(), "runs", "acme/vision"], env=env)
        assert eventually(lambda: server.count("Runs") == 1)
        killed.kill()
        killed.wait()
        assert eventually(lambda: processes_of(home) == {})
        assert len(temporaries(home)) == 1
        with opened(server, home), opened(server, home) as source:
            assert source.find("abc")
            assert len(temporaries(home)) == 2
    assert temporaries(home) == []

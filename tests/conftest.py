"""Runs recorded by the real SDK, and the command to try on them."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.forking import fork_client
from tests.running import Finished, followed, private_environment, run_here, run_process
from tests.study import write_study
from wandb_plot.engines.processes import available_cores

__all__ = ["Command", "Finished", "private_environment"]

# The same examples every time, so that no run fails for another's luck; `make test-long` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True, max_examples=25)
settings.register_profile("searching", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# A shell that starts the tests in the background has its children ignore Ctrl-C, and nohup the end of a terminal; and
# they theirs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

RECORDER = Path(__file__).with_name("record_runs.py")

Command = Callable[..., Finished]


def pytest_xdist_auto_num_workers() -> int:
    """One process of tests more than there are cores, as tests wait for servers; but each takes seconds to start."""
    return min(8, available_cores() + 1)


@pytest.fixture(scope="session", autouse=True)
def _follow_few_processes() -> None:
    """Keep coverage from following every process that a test starts."""
    if "COVERAGE_PROCESS_CONFIG" in os.environ:
        followed["COVERAGE_PROCESS_CONFIG"] = os.environ.pop("COVERAGE_PROCESS_CONFIG")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep what tests read out of the cache of whoever runs them."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _forked_clients(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have commands in this process fork their client processes, but where a test is about such a process."""
    if "client_process" not in request.fixturenames:
        monkeypatch.setattr("wandb_plot.sources.server.client_process.start_client", fork_client)


@pytest.fixture
def client_process() -> None:
    """Start client processes as users do, in a fresh interpreter: it takes most of a second more."""


@pytest.fixture(scope="session")
def recorded(pytestconfig: pytest.Config) -> Path:
    """The `wandb/` folder with the runs of record_runs.py; read only.

    Recorded once for all workers, and kept for the next time: recording takes ten seconds, and gives the same as long
    as script and SDK are the same.
    """
    key = hashlib.sha256(version("wandb").encode() + RECORDER.read_bytes()).hexdigest()[:16]
    kept = pytestconfig.cache.mkdir("recorded")
    folder = kept / key
    with FileLock(kept / "lock"):
        if not folder.exists():
            making = kept / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            environment = private_environment(kept / "home")
            subprocess.run([sys.executable, RECORDER, making], env=environment, check=True, timeout=100)
            making.rename(folder)
    return folder / "wandb"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The empty folder in which the commands of a test run."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def wandb_plot(tmp_path: Path, here: Path) -> Command:
    """Run a command in `here`, with a home of its own; in this process, so it costs little: use it where you can."""

    def command(*words: object, env: dict[str, str] | None = None, cwd: Path = here) -> Finished:
        return run_here(*words, env=private_environment(tmp_path / "home") | (env or {}), cwd=cwd)

    return command


@pytest.fixture
def wandb_plot_process(tmp_path: Path, here: Path) -> Command:
    """Run the installed command likewise, for what only a process of its own shows: start-up, signals, streams, ends.

    A tenth as fast as `wandb_plot`.
    """

    def command(*words: object, env: dict[str, str] | None = None, cwd: Path = here) -> Finished:
        return run_process(*words, env=private_environment(tmp_path / "home") | (env or {}), cwd=cwd)

    return command


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `wandb/` folder of the 18 runs of study.py; read only."""
    return write_study(tmp_path_factory.mktemp("study"))

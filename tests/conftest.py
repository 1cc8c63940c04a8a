"""Runs recorded by the real SDK, and the installed command."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from filelock import FileLock
from hypothesis import settings

# The same examples every time, so that no run fails for another's luck; `make test-long` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("searching", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# A shell that starts the tests in the background has its children ignore Ctrl-C, and they theirs.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

RECORDER = Path(__file__).with_name("record_runs.py")


@dataclass(frozen=True)
class Finished:
    """What a command left: its exit code and both streams."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> object:
        """The document on stdout."""
        return orjson.loads(self.stdout)

    def error(self) -> dict[str, object]:
        """The error object in the last line of stderr."""
        error: dict[str, object] = orjson.loads(self.stderr.splitlines()[-1])["error"]
        return error


Command = Callable[..., Finished]


def private_environment(home: Path) -> dict[str, str]:
    """An environment that knows no W&B, no configuration of ours, and `home` for a home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WANDB_", "MPL", "XDG_"))}
    home.mkdir(parents=True, exist_ok=True)
    names = ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "TMPDIR")
    folders = {name: str(home / "sdk") for name in names}
    (home / "sdk").mkdir(exist_ok=True)
    return kept | folders | {"HOME": str(home), "WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The `wandb/` folder with the runs of record_runs.py; read only. Recorded once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    folder = shared / "recorded"
    with FileLock(shared / "recorded.lock"):
        if not folder.exists():
            making = shared / "recording"
            making.mkdir()
            environment = private_environment(shared / "recorder-home")
            subprocess.run([sys.executable, RECORDER, making], env=environment, check=True, timeout=100)
            making.rename(folder)
    return folder / "wandb"


@pytest.fixture
def wandb_plot(tmp_path: Path) -> Command:
    """Run the installed command in an empty folder of its own, with a home of its own."""
    program = shutil.which("wandb-plot", path=str(Path(sys.executable).parent))
    assert program
    here = tmp_path / "here"
    here.mkdir()

    def run(*words: object, env: dict[str, str] | None = None, cwd: Path = here) -> Finished:
        done = subprocess.run(
            [program, *map(str, words)],
            cwd=cwd,
            env=private_environment(tmp_path / "home") | (env or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=100,
        )
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run

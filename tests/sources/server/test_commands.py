"""The installed command against a server: values, requests, exit codes, and an end."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Command, private_environment
from tests.server import Contents, RunContents, TestServer
from tests.server.samples import axes, sample_contents

HISTORY = ("RunParquetHistory", "HistoryPage", "RunSampledHistory", "RunEvents", "/storage")


def test_two_hundred_runs_cost_at_most_five_requests(wandb_plot: Command) -> None:
    """With summaries and configs in the document; the original skill takes more than 200."""
    runs = [RunContents(f"id{number}", summary={"loss": number}) for number in range(200)]
    with TestServer(Contents.of(*runs)) as server:
        done = wandb_plot("runs", "acme/vision", "--limit", 200, "--json", env=server.env)
        assert len(server.requests) <= 5
    listed = done.json()
    assert isinstance(listed, list)
    assert {run["summary_metrics"]["loss"] for run in listed} == set(range(200))


def test_metrics_are_exact(wandb_plot: Command) -> None:
    """The spike that a sample would most likely lose is the maximum."""
    contents = sample_contents()
    held = contents.find("acme", "vision", "exported")
    assert held
    losses = [row["train"]["loss"] for row in held.rows]
    with TestServer(contents) as server:
        server.latency = 0.05
        documents = wandb_plot("metrics", "acme/vision/exported", "--json", env=server.env).json()
        assert len(server.requests) <= 6
    assert isinstance(documents, dict)
    loss = documents["train.loss"]
    assert (loss["count"], loss["non_null_count"], loss["max"], loss["min"]) == (4_000, 4_000, max(losses), min(losses))
    assert (loss["first"], loss["last"], loss["max_step"]) == (losses[0], losses[-1], losses.index(max(losses)))


def test_a_second_generate_asks_for_no_history(wandb_plot: Command) -> None:
    """An unchanged run is read from the cache, its sample too, and the figure stays as it is."""
    words = ["generate", "acme/vision", "exported", "--metrics", "train.loss", "--json"]
    with TestServer(sample_contents()) as server:
        assert wandb_plot(*words, env=server.env).code == 0
        assert server.count("RunSampledHistory") == 2
        server.requests.clear()
        again = wandb_plot(*words, env=server.env)
        assert not any(server.count(operation) for operation in HISTORY)
    assert again.json()["files"][0]["action"] == "unchanged"  # type: ignore[index, call-overload]


def test_downloads_ride_out_broken_bodies(wandb_plot: Command, tmp_path: Path) -> None:
    """Every image is there in the end, under its name, with its own bytes."""
    contents = sample_contents()
    held = contents.find("acme", "vision", "exported")
    assert held
    with TestServer(contents) as server:
        server.cut("/files/*", times=3)
        server.garble("/files/*", times=3)
        done = wandb_plot("download", "acme/vision", "exported", "--output", tmp_path / "out", env=server.env)
    assert done.code == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").glob("*.png")}
    assert written == {Path(name).name: content for name, content in held.files.items() if name.endswith(".png")}


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        (["runs", "acme/visoin"], 3, "project_not_found"),
        (["metrics", "acme/vision", "exportd"], 3, "run_not_found"),
        (["metrics", "acme/vision", "baseline"], 3, "run_ambiguous"),
        (["generate", "acme/vision", "exported", "--metrics", "train.los"], 3, "metric_not_found"),
        (["runs", "https://wandb.ai/acme/vision"], 2, "usage"),
        (["runs", ""], 2, "usage"),
    ],
)
def test_what_is_not_there(wandb_plot: Command, words: list[str], code: int, name: str) -> None:
    """Each thing that is missing has its code, and the names that could have been meant."""
    with TestServer(sample_contents()) as server:
        done = wandb_plot(*words, "--json", env=server.env)
    assert (done.code, done.error()["code"], done.stdout) == (code, name, "")
    assert done.error()["candidates"] or code == 2


@pytest.mark.parametrize(
    ("fault", "code", "name"),
    [
        ("no key", 4, "not_logged_in"),
        ("forbidden", 4, "forbidden"),
        ("refused", 5, "network"),
        ("hang", 5, "timeout"),
    ],
)
def test_what_fails(wandb_plot: Command, fault: str, code: int, name: str) -> None:
    """Each failure has its code, and is said in one line and an object."""
    with TestServer(sample_contents()) as server:
        env = dict(server.env)
        match fault:
            case "no key":
                del env["WANDB_API_KEY"]
            case "refused":
                server.close()
            case "hang":
                server.hang(times=None)
            case _:
                server.fail(status=403, times=None)
        # What isn't answered at all is asked again within the limit, and said to be so before time runs out.
        limit = 13 if fault == "refused" else 2
        done = wandb_plot("runs", "acme/vision", "--json", "--timeout", limit, env=env)
    assert (done.code, done.error()["code"], done.stdout) == (code, name, ""), done.stderr
    assert server.env["WANDB_API_KEY"] not in done.stderr


@pytest.mark.parametrize(
    ("operation", "words", "number", "code"),
    [
        ("/files/*", ["download", "acme/vision", "exported"], signal.SIGINT, 130),
        (
            "RunParquetHistory",
            ["generate", "acme/vision", "exported,growing", "--metrics", "train.loss", "--full-res"],
            signal.SIGTERM,
            143,
        ),
    ],
)
def test_an_interrupted_command_ends_at_once(
    tmp_path: Path, operation: str, words: list[str], number: signal.Signals, code: int
) -> None:
    """It doesn't wait for answers, which may never come, and leaves no temporaries behind."""
    program = shutil.which("wandb-plot", path=str(Path(sys.executable).parent))
    assert program
    with TestServer(sample_contents()) as server:
        server.hang(operation, times=None)
        env = private_environment(tmp_path / "home") | server.env
        running = subprocess.Popen([program, *words, "--output", tmp_path / "out"], env=env, stderr=subprocess.PIPE)
        while not server.count(operation.removesuffix("*")):
            assert running.poll() is None
            time.sleep(0.05)
        running.send_signal(number)
        _, said = running.communicate(timeout=60)
    assert running.returncode == code
    assert b"what was done stays valid" in said
    assert {path.name for path in (tmp_path / "out").glob("*")} <= {".wandb-plot.lock"}


def test_several_runs_are_looked_up_at_once(wandb_plot: Command) -> None:
    """By ids and by names, in one request; a figure over another metric loses no point to sampling."""
    rows = [axes(step) | {"loss": 2_000 - step, "epoch": step / 10} for step in range(2_000)]
    runs = [RunContents(f"id{number}", f"name {number}", rows=rows) for number in range(5)]
    words = ["acme/vision", "id0,name 1,id2,name 3", "--metrics", "loss", "--x-axis", "epoch", "--json"]
    with TestServer(Contents.of(*runs)) as server:
        done = wandb_plot("generate", *words, env=server.env)
        assert server.count("Runs") == 1
    assert (done.code, done.stderr) == (0, "")
    assert done.json()["output"] == "wandb_plots/acme_vision/compare_id0_id1_id2_id3"  # type: ignore[index, call-overload]


@pytest.mark.parametrize("project", ["vision2", "acme/vision2"])
def test_a_folder_of_the_same_name_is_hinted_at_once(wandb_plot: Command, tmp_path: Path, project: str) -> None:
    """It is a project all the same; where there is none, the error says how to mean the folder."""
    (tmp_path / "here" / project).mkdir(parents=True)
    with TestServer(sample_contents()) as server:
        done = wandb_plot("runs", project, env=server.env)
    assert done.code == 3
    assert done.stderr.count(f"./{project}") == 1


def test_a_wrong_filter_costs_no_request(wandb_plot: Command) -> None:
    """What the command can know by itself it doesn't ask a server for."""
    with TestServer(sample_contents()) as server:
        done = wandb_plot("runs", "acme/vision", "--filter", "config.lr", "--json", env=server.env)
        assert server.requests == []
    assert (done.code, done.error()["code"]) == (2, "usage")


def test_many_figures_need_a_yes(wandb_plot: Command) -> None:
    """More than 200 are not drawn without it; a dry run, which draws none, lists them."""
    rows = [axes(0) | {f"metric{number}": number for number in range(201)}]
    words = ["generate", "acme/vision", "abc", "--all-metrics"]
    with TestServer(Contents.of(RunContents("abc", rows=rows))) as server:
        refused = wandb_plot(*words, "--json", env=server.env)
        planned = wandb_plot(*words, "--dry-run", env=server.env)
    assert (refused.code, refused.error()["code"]) == (2, "usage")
    assert "--yes" in str(refused.error()["hint"])
    assert (planned.code, len(planned.stdout.splitlines())) == (0, 201)


def test_what_files_fail_of_alike_is_said_once(wandb_plot: Command) -> None:
    """Eight images, one reason, one error."""
    with TestServer(sample_contents()) as server:
        server.fail("/files/*", times=None, status=403)
        done = wandb_plot("download", "acme/vision", "exported", env=server.env)
    assert done.code == 4
    assert len(done.stderr.splitlines()) == 2


def test_nobody_is_prompted(tmp_path: Path) -> None:
    """On a terminal, too, a missing key is an error at once."""
    program = shutil.which("wandb-plot", path=str(Path(sys.executable).parent))
    assert program
    terminal, other_end = pty.openpty()
    with TestServer(Contents.of()) as server:
        env = private_environment(tmp_path) | {"WANDB_BASE_URL": server.url}
        done = subprocess.run(
            [program, "runs", "acme/vision"],
            env=env,
            stdin=other_end,
            stdout=other_end,
            stderr=other_end,
            check=False,
            timeout=30,
        )
        assert server.keys == 0
    os.close(other_end)
    said = os.read(terminal, 10_000).decode()
    os.close(terminal)
    assert done.returncode == 4
    assert "no API key" in said


def test_no_secret_is_written_anywhere(wandb_plot: Command, tmp_path: Path) -> None:
    """Neither in output nor in any file, with tracebacks and through failures of signed addresses."""
    with TestServer(sample_contents()) as server:
        key = server.env["WANDB_API_KEY"].encode()
        fine = wandb_plot("metrics", "acme/vision", "exported", "--debug", env=server.env)
        server.fail("/storage/*", times=None, status=403)
        failed = wandb_plot("metrics", "acme/vision", "growing", "--debug", env=server.env)
        server.fail("/files/*", times=None, status=500)
        partial = wandb_plot("download", "acme/vision", "diverged", "--debug", "--timeout", 3, env=server.env)
    assert (fine.code, failed.code, partial.code) == (0, 4, 5)
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    said = [stream.encode() for done in (fine, failed, partial) for stream in (done.stdout, done.stderr)]
    for text in [*written, *said]:
        assert key not in text
        assert b"Signature" not in text


def test_an_unwritable_home_is_no_obstacle(wandb_plot: Command, tmp_path: Path) -> None:
    """Nothing can be kept there, and nothing is said about it."""
    (tmp_path / "nothing").write_text("not a folder")
    with TestServer(sample_contents()) as server:
        env = server.env | {"HOME": str(tmp_path / "nothing"), "XDG_CACHE_HOME": str(tmp_path / "nothing")}
        done = wandb_plot("metrics", "acme/vision", "sparse", "--json", env=env)
    assert (done.code, done.stderr) == (0, "")
    assert "train.loss" in json.loads(done.stdout)


_HOMELESS = """
import pwd, sys

def nobody(uid):
    raise KeyError(uid)

pwd.getpwuid = nobody
from wandb_plot.__main__ import run
for words in ("acme/vision", "sparse", "--metrics", "train.loss"), (sys.argv[1], "baseline", "--metrics", "epoch"):
    assert run(["generate", *words, "--output", "out", "-q"]) == 0
"""


def test_a_user_without_a_home(tmp_path: Path, recorded: Path) -> None:
    """As in containers, where a user may be a mere number: a key in the environment is all it takes."""
    env = {name: value for name, value in private_environment(tmp_path).items() if name != "HOME"}
    with TestServer(sample_contents()) as server:
        command = [sys.executable, "-c", _HOMELESS, recorded]
        done = subprocess.run(command, env=env | server.env, cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode, done.stderr, done.stdout) == (0, b"", b"out/train.loss.png\nout/epoch.png\n")
    assert not (tmp_path / "~").exists()


@pytest.mark.long
@pytest.mark.timeout(1_800)
def test_a_hundred_commands_all_end(wandb_plot_process: Command) -> None:
    """Half of them against a server that refuses: each ends, with the right code."""
    with TestServer(sample_contents()) as server:
        server.latency = 0.05
        refused = server.env | {"WANDB_BASE_URL": "http://127.0.0.1:9"}
        for number in range(100):
            env = server.env if number % 2 else refused
            done = wandb_plot_process("metrics", "acme/vision", "exported", "--timeout", 5, env=env)
            assert done.code == (0 if number % 2 else 5), done.stderr

"""Commands that write to one folder at once, and commands that end before their time."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.output.folders import Opener, a_run, bytes_of, document, draw, shown
from wandb_plot.basics.digests import sha256_of
from wandb_plot.errors import MachineError

SCRIPT = """
import resource, signal, sys, time
from pathlib import Path
from wandb_plot.output.folder import OutputFolder
from wandb_plot.errors import MachineError
from wandb_plot.model.run import Run

path, id_, mode, count = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
run = Run(id=id_, name=id_, entity="acme", project="vision")
with OutputFolder(path, entity="acme", project="vision", runs=[run], warn=print) as folder:
    wanted = {f"metric {number}": f"{number}.png" for number in range(count)}
    while True:
        names = folder.assign(wanted, "plot")
        print("claimed", flush=True)
        if mode == "wait":
            sys.stdin.readline()
        for metric, name in names.items():
            entry = {"kind": "plot", "metrics": [metric]}
            folder.store(name, lambda target: target.write_text(f"{id_} {name} {time.monotonic_ns()}\\n" * 2000), entry)
        if mode == "limit":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        folder.commit()
        if mode != "forever":
            break
"""


def start(out: Path, id_: str, mode: str, count: int) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, out, id_, mode, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def waiting(out: Path) -> Iterator[subprocess.Popen[str]]:
    """A command of the run `one` that has claimed the name of its file, and not made it yet."""
    process = start(out, "one", "wait", 1)
    assert process.stdout is not None
    assert process.stdout.readline() == "claimed\n"
    with process:
        yield process
        process.kill()


def test_a_name_that_a_living_command_claimed_is_taken(
    opened: Opener, out: Path, waiting: subprocess.Popen[str]
) -> None:
    """A second command that ends first gets another name, and neither replaces the other's file."""
    names = draw(opened(a_run("two")), "metric 0", text="two")
    assert names == {"metric 0": "metric_0.png"}
    with opened(a_run("two")) as folder:
        assert folder.assign({"metric 0": "0.png"}, "plot")["metric 0"] != "0.png"
    waiting.communicate("go\n")
    assert waiting.returncode == 0
    assert document(out)["files"]["0.png"]["runs"] == ["acme/vision/one"]


def test_what_a_killed_command_claimed_is_free(opened: Opener, out: Path, waiting: subprocess.Popen[str]) -> None:
    """Its dot-folder is harmless, and the next command removes it."""
    waiting.kill()
    waiting.wait()
    assert len(list(out.glob(".wandb-plot-*"))) == 1
    with opened(a_run("two")) as folder:
        assert folder.assign({"metric 0": "0.png"}, "plot") == {"metric 0": "0.png"}
        assert len(list(out.glob(".wandb-plot-*"))) == 1
    assert not list(out.glob(".wandb-plot-*"))


def test_a_disk_that_gets_full_leaves_the_old_metadata(opened: Opener, out: Path) -> None:
    """metadata.json is written whole or not at all; the error says why."""
    draw(opened(), "loss")
    before = (out / "metadata.json").read_bytes()
    _stdout, stderr = start(out, "two", "limit", 2).communicate()
    assert "MachineError: can't write to" in stderr
    assert (out / "metadata.json").read_bytes() == before
    assert not list(out.glob(".wandb-plot-*"))


def check(out: Path) -> None:
    """Assert that every file is whole, and that metadata.json is."""
    for name in shown(out):
        lines = (out / name).read_text().splitlines()
        assert len(lines) == 2000
        assert len(set(lines)) == 1
    if (out / "metadata.json").exists():
        assert set(document(out)["files"]) <= set(shown(out))


def test_commands_that_write_at_once_lose_nothing(out: Path) -> None:
    """Four commands for four runs want the same ten names: forty files, all listed, each as it lies there."""
    processes = [start(out, id_, "once", 10) for id_ in ("one", "two", "three", "four")]
    outputs = [process.communicate() for process in processes]
    assert [stderr for _stdout, stderr in outputs] == [""] * 4
    check(out)
    files = document(out)["files"]
    assert len(shown(out)) == len(files) == 40
    for name, entry in files.items():
        assert entry["sha256"] == sha256_of(out / name)
        assert (out / name).read_text().split()[0] == entry["runs"][0].rpartition("/")[2]


def kill_and_check(out: Path, kills: int, opened: Opener) -> None:
    """Kill one command after another, at any moment, and assert that nothing is ever half there."""
    moments = random.Random(0)  # noqa: S311 -- the same moments in every run of the test
    for number in range(kills):
        process = start(out, ["one", "two"][number % 2], "forever", 3)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.random() * 0.05)
        process.kill()
        process.communicate()
        check(out)
    assert draw(opened(a_run("one")), "metric 0") == {"metric 0": "metric_0.png"}
    assert not list(out.glob(".wandb-plot-*"))
    assert all(len(document(out)["files"][name]["sha256"]) == 64 for name in document(out)["files"])


def test_a_kill_leaves_a_valid_folder(opened: Opener, out: Path) -> None:
    """Whenever it comes, every file and metadata.json are whole, and the next command works and tidies up."""
    kill_and_check(out, 5, opened)


@pytest.mark.long
def test_many_kills_leave_a_valid_folder(opened: Opener, out: Path) -> None:
    """The same, some hundred times."""
    kill_and_check(out, 300, opened)


def test_files_can_be_stored_from_several_threads(opened: Opener, out: Path) -> None:
    """Each is its own."""
    with opened() as folder:
        names = folder.assign({str(number): f"{number}.png" for number in range(40)}, "plot").values()
        with ThreadPoolExecutor(8) as pool:
            actions = list(pool.map(lambda name: folder.store(name, bytes_of(name)), names))
    assert set(actions) == {"written"}
    assert {name: (out / name).read_text() for name in names} == {name: name for name in names}


def test_a_file_that_was_replaced_since_is_described_by_who_replaced_it(opened: Opener, out: Path) -> None:
    """Of two commands that draw the same metric at once, metadata.json speaks of the file that lies there."""
    first, second = opened(), opened()
    for folder, text in ((first, "first"), (second, "second")):
        assert folder.assign({"loss": "loss.png"}, "plot") == {"loss": "loss.png"}
        folder.store("loss.png", bytes_of(text), {"kind": "plot", "metrics": ["loss"], "alt": text})
    second.commit()
    first.commit()
    assert document(out)["files"]["loss.png"]["alt"] == (out / "loss.png").read_text() == "second"
    assert document(out)["files"]["loss.png"]["sha256"] == sha256_of(out / "loss.png")


def test_a_report_may_follow_the_metadata(opened: Opener, tmp_path: Path) -> None:
    """After commit a file may still be placed; after the end none may, and nothing is left of the temporaries."""
    folder = opened()
    with folder:
        (name,) = folder.assign({"loss": "loss.png"}, "plot").values()
        folder.store(name, bytes_of("loss"), {"kind": "plot", "metrics": ["loss"]})
        folder.commit()
        assert folder.store("index.html", bytes_of("page")) == "written"
    with pytest.raises(MachineError, match="no longer written to"):
        folder.store("late.png", bytes_of("late"))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "index.html",
        "loss.png",
        "metadata.json",
    }


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_whatever_ends_a_command_what_is_in_place_is_listed(
    opened: Opener, out: Path, end: type[BaseException]
) -> None:
    """Threads that still work when the command is left put nothing in place any more."""
    go_on, begun = threading.Event(), threading.Event()

    def slow(path: Path) -> None:
        path.write_text("late")
        begun.set()
        go_on.wait(20)

    def command(pool: ThreadPoolExecutor) -> None:
        with opened() as folder:
            names = folder.assign({"loss": "loss.png", "acc": "acc.png"}, "plot")
            folder.store(names["loss"], bytes_of("loss"), {"kind": "plot", "metrics": ["loss"]})
            late.append(pool.submit(folder.store, names["acc"], slow, {"kind": "plot", "metrics": ["acc"]}))
            assert begun.wait(20)
            raise end

    late: list[Future[str]] = []
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(end):
            command(pool)
        go_on.set()
        assert isinstance(late[0].exception(20), MachineError)
    assert list(document(out)["files"]) == shown(out) == ["loss.png"]


def test_an_interruption_between_a_file_and_its_entry(
    opened: Opener, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that has just moved in is listed, and one that hasn't is not."""
    move = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        if target.name == "loss.png":
            move(self, target)
        if target.name in ("loss.png", "acc.png"):
            raise KeyboardInterrupt
        return move(self, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    for metric in ("loss", "acc"):
        with pytest.raises(KeyboardInterrupt):
            draw(opened(), metric)
    assert list(document(out)["files"]) == shown(out) == ["loss.png"]

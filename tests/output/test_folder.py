"""The output folder: files in place, names, metadata.json, and what faults leave behind."""

import errno
import hashlib
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from wandb_plot.errors import MachineError
from wandb_plot.model.run import Run
from wandb_plot.output import workspace
from wandb_plot.output.folder import OutputFolder, full_name, md5_of, sha256_of

Opener = Callable[..., OutputFolder]


def a_run(id_: str = "abc", **changes: Any) -> Run:
    """A finished run of acme/vision."""
    known = {"name": f"run {id_}", "entity": "acme", "project": "vision", "state": "finished", "last_step": 9}
    return Run(id=id_, **known | changes)


def bytes_of(text: str) -> Callable[[Path], None]:
    """Something that makes a file of that text."""

    def produce(path: Path) -> None:
        path.write_bytes(text.encode(errors="replace"))

    return produce


def document(folder: Path) -> dict[str, Any]:
    """What metadata.json says."""
    return json.loads((folder / "metadata.json").read_bytes())


def shown(folder: Path) -> list[str]:
    """The files that a user sees, but for metadata.json."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in files if not name.startswith(".") and name != "metadata.json")


def draw(folder: OutputFolder, *metrics: str, text: str = "") -> dict[str, str]:
    """Do what a `generate` command does: assign, place, commit."""
    with folder:
        names = folder.assign({metric: f"{metric.replace('/', '_')}.png" for metric in metrics}, "plot")
        for metric, name in names.items():
            folder.place(name, bytes_of(f"figure of {metric} {text}"))
        folder.commit({name: {"kind": "plot", "metrics": [metric]} for metric, name in names.items()})
    return names


@pytest.fixture
def warnings() -> list[str]:
    """What was said to the user."""
    return []


@pytest.fixture
def opened(tmp_path: Path, warnings: list[str]) -> Opener:
    """Opens `out` for some runs of acme/vision."""

    def open_folder(*runs: Run, path: Path = tmp_path / "out", **project: Any) -> OutputFolder:
        known = {"entity": "acme", "project": "vision"} | project
        return OutputFolder(path, runs=runs or [a_run()], warn=warnings.append, **known)

    return open_folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder that `opened` opens."""
    return tmp_path / "out"


def test_a_figure_and_what_is_said_of_it(opened: Opener, out: Path) -> None:
    """metadata.json has the shape of the contract, with size and digest of the file as it lies there."""
    draw(opened(a_run(name="baseline", url="https://x/abc")), "train/loss")
    content = b"figure of train/loss "
    assert (out / "train_loss.png").read_bytes() == content
    assert document(out) == {
        "schema": 1,
        "entity": "acme",
        "project": "vision",
        "run_id": "abc",
        "run_name": "baseline",
        "runs": [{"id": "abc", "name": "baseline", "state": "finished", "last_step": 9, "url": "https://x/abc"}],
        "files": {
            "train_loss.png": {
                "kind": "plot",
                "metrics": ["train/loss"],
                "bytes": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
            }
        },
    }


def test_nothing_of_ours_is_left_but_one_lock(opened: Opener, out: Path) -> None:
    """Afterwards the folder holds the files, metadata.json and a lock that begins with a dot."""
    draw(opened(), "loss")
    assert sorted(path.name for path in out.iterdir()) == [".wandb-plot.lock", "loss.png", "metadata.json"]


def test_a_dry_run_writes_nothing(opened: Opener, out: Path) -> None:
    """Names can be asked for without a trace, and are those that a real run then uses."""
    planned = opened().assign({"a/b": "a_b.png", "a_b": "a_b.png"}, "plot", claim=False)
    assert not out.exists()
    assert draw(opened(), "a/b", "a_b") == planned


def test_the_same_bytes_are_left_untouched(opened: Opener, out: Path) -> None:
    """A second command that makes the same file says so, and changes neither it nor metadata.json."""
    draw(opened(), "loss")
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("[!.]*")}
    with opened() as folder:
        assert folder.place("loss.png", bytes_of("figure of loss ")) == "unchanged"
        assert folder.place("acc.png", bytes_of("new")) == "written"
        assert folder.place("acc.png", bytes_of("NEW")) == "written"
    draw(opened(), "loss")
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    assert (out / "acc.png").read_text() == "NEW"


def test_downloads_and_figures_share_the_folder(opened: Opener, out: Path) -> None:
    """An image that bears a figure's name is told apart; neither command erases what the other wrote."""
    draw(opened(), "loss")
    with opened() as folder:
        names = folder.assign({"media/loss.png": "loss.png"}, "download")
        folder.place(names["media/loss.png"], bytes_of("image"))
        folder.commit({names["media/loss.png"]: {"kind": "download", "source": "media/loss.png"}})
    draw(opened(), "acc")
    digest = hashlib.sha256(b"media/loss.png").hexdigest()[:8]
    assert names == {"media/loss.png": f"loss-{digest}.png"}
    assert shown(out) == sorted(document(out)["files"]) == ["acc.png", f"loss-{digest}.png", "loss.png"]


def test_another_run_does_not_take_a_file(opened: Opener, out: Path) -> None:
    """With one folder for several runs each keeps its file, whichever command comes again; metadata.json names all."""
    runs = [a_run("b"), a_run("a"), a_run("a", project="other")]
    names = [draw(opened(run, project=run.project), "loss", text=run.project + run.id) for run in runs]
    assert [draw(opened(run, project=run.project), "loss", text=run.project + run.id) for run in runs] == names
    assert len(shown(out)) == 3
    written = document(out)
    assert [written[key] for key in ("entity", "project", "run_id", "run_name")] == ["acme", None, None, None]
    assert [run["path"] for run in written["runs"]] == ["acme/other/a", "acme/vision/a", "acme/vision/b"]
    assert {name: entry["runs"] for name, entry in written["files"].items()} == {
        name["loss"]: [f"acme/{run.project}/{run.id}"] for name, run in zip(names, runs, strict=True)
    }


def test_the_order_of_commands_does_not_show(opened: Opener, tmp_path: Path) -> None:
    """The same commands give the same metadata.json in whatever order they ran."""
    commands = [("a", "loss"), ("b", "acc"), ("c", "time")]
    for name, order in (("one", commands), ("two", commands[::-1]), ("three", commands[1:] + commands[:2])):
        for id_, metric in order:
            draw(opened(a_run(id_), path=tmp_path / name), metric)
    contents = {(tmp_path / name / "metadata.json").read_bytes() for name in ("one", "two", "three")}
    assert len(contents) == 1


def test_a_comparison_is_another_figure_than_that_of_one_run(opened: Opener, out: Path) -> None:
    """Figures of two runs, and of one of them, have two files; those of the same two in other order have one."""
    both = draw(opened(a_run("a"), a_run("b")), "loss", text="both")
    assert "runs" not in document(out)["files"]["loss.png"]
    assert draw(opened(a_run("b"), a_run("a")), "loss", text="both") == both
    assert draw(opened(a_run("a")), "loss", text="a") != both
    assert len(shown(out)) == 2


def test_a_figure_of_several_metrics_is_not_that_of_one(opened: Opener) -> None:
    """A metric called `a,b` and the two metrics `a` and `b` in one figure are two things."""
    with opened() as folder:
        names = folder.assign({full_name(["a", "b"]): "a_b.png", "a,b": "a_b.png"}, "plot")
        for name in names.values():
            folder.place(name, bytes_of(name))
        folder.commit(
            {names["a\nb"]: {"kind": "plot", "metrics": ["a", "b"]}, names["a,b"]: {"kind": "plot", "metrics": ["a,b"]}}
        )
    again = opened().assign({full_name(["a", "b"]): "a_b.png", "a,b": "a_b.png"}, "plot", claim=False)
    assert again == names
    assert len(set(names.values())) == 2


def test_subfolders(opened: Opener, out: Path) -> None:
    """A name may have folders before it; metadata.json lists it with `/`."""
    with opened() as folder:
        names = folder.assign({"train/loss": "train/loss.png"}, "plot")
        folder.place(names["train/loss"], bytes_of("x"))
        folder.commit({"train/loss.png": {"kind": "plot", "metrics": ["train/loss"]}})
    assert shown(out) == list(document(out)["files"]) == ["train/loss.png"]


def test_a_file_that_was_right_already_is_listed_too(opened: Opener, out: Path) -> None:
    """What a command found in place can be committed without being made again; what is nowhere is left out."""
    out.mkdir()
    (out / "roc.png").write_text("image")
    with opened() as folder:
        folder.commit(
            {
                "roc.png": {"kind": "download", "source": "roc.png"},
                "gone.png": {"kind": "download", "source": "gone.png"},
            }
        )
    assert list(document(out)["files"]) == ["roc.png"]
    assert document(out)["files"]["roc.png"]["sha256"] == sha256_of(out / "roc.png")


def test_what_a_renderer_leaves_beside_goes_along(opened: Opener, out: Path) -> None:
    """Shared files and folders move beside the figure; what begins with a dot is dropped."""

    def produce(path: Path) -> None:
        (path.parent / "lib").mkdir()
        (path.parent / "lib" / "lines.js").write_text("js")
        (path.parent / ".cache").write_text("x")
        path.write_text("html")

    with opened() as folder:
        folder.place("train/loss.html", produce)
        folder.place("train/acc.html", produce)
    assert shown(out) == ["train/acc.html", "train/lib/lines.js", "train/loss.html"]


@pytest.mark.parametrize("name", ["metadata.json", "index.html", "acc.html", "ACC.html", "a b.js"])
def test_what_a_renderer_leaves_beside_takes_no_name_of_another(opened: Opener, out: Path, name: str) -> None:
    """A companion can replace neither metadata.json nor another figure; then the figure isn't moved either."""

    def produce(path: Path) -> None:
        path.write_text("html")
        path.with_name(name).write_text("js")

    with opened() as folder:
        names = folder.assign({"loss": "loss.html", "acc": "acc.html"}, "plot")
        folder.place(names["acc"], bytes_of("acc"))
        with pytest.raises(MachineError, match="can't have that name"):
            folder.place(names["loss"], produce)
    assert shown(out) == ["acc.html"]
    assert (out / "acc.html").read_text() == "acc"


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), ValueError("no"), OSError(errno.ECONNRESET, "reset")])
def test_a_failure_leaves_the_old_file(opened: Opener, out: Path, failure: BaseException) -> None:
    """Whatever ends the making of a file passes through; the file of before stays, and no temporaries do."""
    draw(opened(), "loss")

    def produce(path: Path) -> None:
        path.write_text("half")
        raise failure

    with opened() as folder:
        with pytest.raises(type(failure)) as caught:
            folder.place("loss.png", produce)
        assert not list(out.glob(".wandb-plot-*/*/"))
    assert caught.value is failure
    assert (out / "loss.png").read_text() == "figure of loss "
    assert not list(out.glob(".wandb-plot-*"))


def test_a_file_that_was_not_made_is_an_error(opened: Opener) -> None:
    """Nobody is told of a file that isn't there."""
    with opened() as folder, pytest.raises(MachineError, match=r"nothing was written for loss\.png"):
        folder.place("loss.png", lambda _path: None)


def test_a_folder_that_can_not_be_made(opened: Opener, tmp_path: Path) -> None:
    """A file in the place of the folder, or above it, is a filesystem error with a way out."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with opened(path=path) as folder, pytest.raises(MachineError) as caught:
            folder.assign({"loss": "loss.png"}, "plot")
        assert caught.value.code == "filesystem"
        assert "--output" in caught.value.hint
        assert str(path) in caught.value.message


def test_a_folder_in_the_place_of_a_file(opened: Opener, out: Path) -> None:
    """It is not removed."""
    (out / "loss.png" / "mine").mkdir(parents=True)
    with opened() as folder, pytest.raises(MachineError):
        folder.place("loss.png", bytes_of("x"))
    assert (out / "loss.png" / "mine").is_dir()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_named(opened: Opener) -> None:
    """Whoever was writing when the disk got full, the error speaks of the disk."""

    def produce(_path: Path) -> None:
        Path("/dev/full").write_text("x")

    with opened() as folder, pytest.raises(MachineError, match="No space left") as caught:
        folder.place("loss.png", produce)
    assert "free some space" in caught.value.hint


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
        for name in names.values():
            folder.place(name, lambda target: target.write_text(f"{id_} {name} {time.monotonic_ns()}\\n" * 2000))
        entries = {name: {"kind": "plot", "metrics": [metric]} for metric, name in names.items()}
        if mode == "limit":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        folder.commit(entries)
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


def test_files_can_be_placed_from_several_threads(opened: Opener, out: Path) -> None:
    """Each is its own."""
    with opened() as folder:
        names = folder.assign({str(number): f"{number}.png" for number in range(40)}, "plot").values()
        with ThreadPoolExecutor(8) as pool:
            actions = list(pool.map(lambda name: folder.place(name, bytes_of(name)), names))
    assert set(actions) == {"written"}
    assert {name: (out / name).read_text() for name in names} == {name: name for name in names}


def test_a_file_that_was_replaced_since_is_described_by_who_replaced_it(opened: Opener, out: Path) -> None:
    """Of two commands that draw the same metric at once, metadata.json speaks of the file that lies there."""
    first, second = opened(), opened()
    for folder, text in ((first, "first"), (second, "second")):
        assert folder.assign({"loss": "loss.png"}, "plot") == {"loss": "loss.png"}
        folder.place("loss.png", bytes_of(text))
    second.commit({"loss.png": {"kind": "plot", "metrics": ["loss"], "alt": "second"}})
    first.commit({"loss.png": {"kind": "plot", "metrics": ["loss"], "alt": "first"}})
    assert document(out)["files"]["loss.png"]["alt"] == (out / "loss.png").read_text() == "second"
    assert document(out)["files"]["loss.png"]["sha256"] == sha256_of(out / "loss.png")


def test_a_command_that_does_not_let_go(opened: Opener, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for another command has an end, with an error that says what to do."""
    monkeypatch.setattr(workspace, "LOCK_SECONDS", 0.1)
    out.mkdir()
    with FileLock(out / ".wandb-plot.lock"), opened() as folder, pytest.raises(MachineError, match="locked"):
        folder.assign({"loss": "loss.png"}, "plot")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b'{"mine": 1}',
        b'{"schema": 1, "runs": [], "files": {"a.png": 1}}',
        b'{"schema": 1, "runs": [{}], "files": {}}',
        b'{"schema": 1, "runs": [], "files": {"a.png": {"metrics": "loss"}}}',
        b'{"schema": 1, "runs": [], "files": {"a.png": {"kind": "plot", "series": [{"run_id": 5}]}}}',
        b'{"schema": 1, "entity": 5, "runs": [], "files": {}}',
        b'{"schema": 1, "runs": [{"id": "a", "name": 5}], "files": {}}',
        b'{"schema": 1, "runs": [{"id": "a", "last_step": true}], "files": {}}',
        b'{"schema": 1, "runs": [], "files": {"a.png": {"x": NaN}}}',
        b'{"schema": 1, "runs": [], "files": {"a.png": {"x": 1e999}}}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_metadata_is_kept_aside(opened: Opener, out: Path, warnings: list[str], content: bytes) -> None:
    """What can't be understood is neither erased nor a traceback: it gets a name with a dot, and the user is told."""
    out.mkdir()
    (out / "metadata.json").write_bytes(content)
    draw(opened(), "loss")
    draw(opened(), "acc")
    [backup] = out.glob(".metadata.json.damaged-*")
    assert backup.read_bytes() == content
    assert [backup.name in warning for warning in warnings] == [True]
    assert list(document(out)["files"]) == ["acc.png", "loss.png"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder", "huge"])
def test_a_metadata_that_is_no_file_of_bounded_size(
    opened: Opener, out: Path, warnings: list[str], kind: str, tmp_path: Path
) -> None:
    """A pipe, a link to a device, and a file beyond all measure are not read: they are kept aside, and told of."""
    out.mkdir()
    metadata = out / "metadata.json"
    if kind == "pipe":
        os.mkfifo(metadata)
    elif kind == "device":
        metadata.symlink_to("/dev/zero")
    elif kind == "link":
        (tmp_path / "elsewhere").write_text("mine")
        metadata.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        metadata.mkdir()
    else:
        with metadata.open("wb") as stream:
            stream.truncate(1 << 40)
    draw(opened(), "loss")
    [backup] = out.glob(".metadata.json.damaged-*")
    assert backup.is_symlink() == (kind in ("device", "link"))
    assert backup.name in warnings[0]
    assert list(document(out)["files"]) == ["loss.png"]
    assert kind != "link" or (tmp_path / "elsewhere").read_text() == "mine"


def test_a_later_version_may_know_of_other_kinds(opened: Opener, out: Path) -> None:
    """An entry of a kind that nobody knows here stays as it is, and so does its name."""
    out.mkdir()
    entry = {"kind": "table", "metrics": ["loss"], "cells": [[1]]}
    later = {"schema": 2, "entity": None, "project": None, "runs": [], "files": {"loss.png": entry}}
    (out / "metadata.json").write_text(json.dumps(later))
    draw(opened(), "loss")
    assert document(out)["files"]["loss.png"]["cells"] == [[1]]
    assert len(document(out)["files"]) == 2


def test_what_a_later_version_wrote_stays(opened: Opener, out: Path) -> None:
    """Keys that this version doesn't know outlive its commands, and the schema isn't lowered."""
    draw(opened(), "loss")
    later = document(out) | {"schema": 2, "theme": {"dark": True}}
    later["runs"][0]["cluster"] = "a"
    later["files"]["loss.png"]["palette"] = "viridis"
    (out / "metadata.json").write_text(json.dumps(later))
    draw(opened(), "acc")
    written = document(out)
    written["files"].pop("acc.png")
    assert written == later


def test_a_document_by_the_contract_alone_names_its_owners(opened: Opener, out: Path) -> None:
    """An entry without `runs` is of the document's run: another run leaves its file alone, the same takes it."""
    out.mkdir()
    entry = {"kind": "plot", "metrics": ["loss"], "bytes": 1, "sha256": "0"}
    run = {"id": "abc", "name": "baseline", "state": "finished", "last_step": 1, "url": None}
    minimal = {"schema": 1, "entity": "acme", "project": "vision", "runs": [run], "files": {"loss.png": entry}}
    (out / "metadata.json").write_text(json.dumps(minimal))
    wanted = {"loss": "loss.png"}
    assert opened(a_run("abc")).assign(wanted, "plot", claim=False) == wanted
    assert opened(a_run("xyz")).assign(wanted, "plot", claim=False) != wanted


def test_a_metric_that_is_no_valid_text(opened: Opener, out: Path) -> None:
    """Half a surrogate pair, which JSON allows in a name, is drawn, listed, and found again."""
    names = draw(opened(), "a\ud800", "λ")
    assert draw(opened(), "a\ud800", "λ") == names
    assert document(out)["files"][names["a\ud800"]]["metrics"] == ["a\ud800"]
    assert "λ" in (out / "metadata.json").read_text("utf-8")


def test_digests(tmp_path: Path) -> None:
    """SHA-256 in hex; MD5 in base64, as W&B has it."""
    (tmp_path / "abc").write_text("abc")
    assert sha256_of(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert md5_of(tmp_path / "abc") == "kAFQmDzST7DWlj99KOF/cg=="


def test_a_report_may_follow_the_metadata(opened: Opener, tmp_path: Path) -> None:
    """After commit a file may still be placed; after the end none may, and nothing is left of the temporaries."""
    folder = opened()
    with folder:
        (name,) = folder.assign({"loss": "loss.png"}, "plot").values()
        folder.place(name, bytes_of("loss"))
        folder.commit({name: {"kind": "plot", "metrics": ["loss"]}})
        assert folder.place("index.html", bytes_of("page")) == "written"
    with pytest.raises(MachineError, match="no longer written to"):
        folder.place("late.png", bytes_of("late"))
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        ".wandb-plot.lock",
        "index.html",
        "loss.png",
        "metadata.json",
    }

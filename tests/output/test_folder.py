"""The output folder: files in place, their names, and what faults leave behind."""

import errno
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.output.folders import Opener, a_run, bytes_of, document, draw, shown
from wandb_plot.basics.digests import sha256_of
from wandb_plot.errors import MachineError
from wandb_plot.output.file_names import full_name


def test_nothing_but_files_is_left(opened: Opener, out: Path) -> None:
    """Afterwards the folder holds the files and metadata.json, without locks or temporaries."""
    draw(opened(), "loss")
    assert sorted(path.name for path in out.iterdir()) == ["loss.png", "metadata.json"]


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
        assert folder.store("loss.png", bytes_of("figure of loss ")) == "unchanged"
        assert folder.store("acc.png", bytes_of("new")) == "written"
        assert folder.store("acc.png", bytes_of("NEW")) == "written"
    draw(opened(), "loss")
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before
    assert (out / "acc.png").read_text() == "NEW"


def test_downloads_and_figures_share_the_folder(opened: Opener, out: Path) -> None:
    """An image that bears a figure's name is told apart; neither command erases what the other wrote."""
    draw(opened(), "loss")
    with opened() as folder:
        names = folder.assign({"media/loss.png": "loss.png"}, "download")
        entry = {"kind": "download", "source": "media/loss.png"}
        folder.store(names["media/loss.png"], bytes_of("image"), entry)
    draw(opened(), "acc")
    digest = hashlib.sha256(b"media/loss.png").hexdigest()[:8]
    assert names == {"media/loss.png": f"loss-{digest}.png"}
    assert shown(out) == sorted(document(out)["files"]) == ["acc.png", f"loss-{digest}.png", "loss.png"]


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
        for name, metrics in ((names["a\nb"], ["a", "b"]), (names["a,b"], ["a,b"])):
            folder.store(name, bytes_of(name), {"kind": "plot", "metrics": metrics})
    again = opened().assign({full_name(["a", "b"]): "a_b.png", "a,b": "a_b.png"}, "plot", claim=False)
    assert again == names
    assert len(set(names.values())) == 2


def test_subfolders(opened: Opener, out: Path) -> None:
    """A name may have folders before it; metadata.json lists it with `/`."""
    with opened() as folder:
        names = folder.assign({"train/loss": "train/loss.png"}, "plot")
        folder.store(names["train/loss"], bytes_of("x"), {"kind": "plot", "metrics": ["train/loss"]})
    assert shown(out) == list(document(out)["files"]) == ["train/loss.png"]


def test_a_file_that_was_right_already_is_listed_too(opened: Opener, out: Path) -> None:
    """What a command found in place can be listed without being made again; what is nowhere can't."""
    out.mkdir()
    (out / "roc.png").write_text("image")
    with opened() as folder:
        folder.keep("roc.png", {"kind": "download", "source": "roc.png"})
        with pytest.raises(MachineError):
            folder.keep("gone.png", {"kind": "download", "source": "gone.png"})
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
        folder.store("train/loss.html", produce)
        folder.store("train/acc.html", produce)
    assert shown(out) == ["train/acc.html", "train/lib/lines.js", "train/loss.html"]


@pytest.mark.parametrize("name", ["metadata.json", "index.html", "acc.html", "ACC.html", "a b.js"])
def test_what_a_renderer_leaves_beside_takes_no_name_of_another(opened: Opener, out: Path, name: str) -> None:
    """A companion can replace neither metadata.json nor another figure; then the figure isn't moved either."""

    def produce(path: Path) -> None:
        path.write_text("html")
        path.with_name(name).write_text("js")

    with opened() as folder:
        names = folder.assign({"loss": "loss.html", "acc": "acc.html"}, "plot")
        folder.store(names["acc"], bytes_of("acc"))
        with pytest.raises(MachineError, match="can't have that name"):
            folder.store(names["loss"], produce)
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
            folder.store("loss.png", produce)
        assert not list(out.glob(".wandb-plot-*/*/"))
    assert caught.value is failure
    assert (out / "loss.png").read_text() == "figure of loss "
    assert not list(out.glob(".wandb-plot-*"))


def test_a_file_that_was_not_made_is_an_error(opened: Opener) -> None:
    """Nobody is told of a file that isn't there."""
    with opened() as folder, pytest.raises(MachineError, match=r"nothing was written for loss\.png"):
        folder.store("loss.png", lambda _path: None)


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
        folder.store("loss.png", bytes_of("x"))
    assert (out / "loss.png" / "mine").is_dir()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_named(opened: Opener) -> None:
    """Whoever was writing when the disk got full, the error speaks of the disk."""

    def produce(_path: Path) -> None:
        Path("/dev/full").write_text("x")

    with opened() as folder, pytest.raises(MachineError, match="No space left") as caught:
        folder.store("loss.png", produce)
    assert "free some space" in caught.value.hint


def page_with_script(text: str) -> Callable[[Path], None]:
    """What an interactive renderer does: it leaves a script beside its page."""

    def produce(path: Path) -> None:
        path.write_text(f"page {text}")
        path.with_name("lines-1.0.min.js").write_text("the script that is meant")

    return produce


def test_a_download_takes_no_name_that_pages_load(opened: Opener, out: Path) -> None:
    """A logged script never lies where a figure's page looks for its own, whichever of them came first."""
    source = "files/lines-1.0.min.js"
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]

    def download() -> None:
        with opened() as folder:
            (name,) = folder.assign({source: "lines-1.0.min.js"}, "download").values()
            folder.store(name, bytes_of("stranger"), {"kind": "download", "source": source})

    download()
    with opened() as folder:
        folder.assign({"loss": "loss.html"}, "plot")
        folder.store("loss.html", page_with_script("loss"), {"kind": "plot", "metrics": ["loss"]})
    download()
    assert shown(out) == [f"lines-1.0.min-{digest}.js", "lines-1.0.min.js", "loss.html"]
    assert (out / "lines-1.0.min.js").read_text() == "the script that is meant"
    assert document(out)["files"]["loss.html"]["companions"] == ["lines-1.0.min.js"]


def test_a_companion_keeps_its_name_like_a_figure(opened: Opener, out: Path) -> None:
    """Whatever its suffix, neither a figure nor a download takes it; figures of other runs share it."""

    def produce(path: Path) -> None:
        path.write_text("page")
        path.with_name("world.topo").write_text("borders")

    for run in (a_run("a"), a_run("b")):
        with opened(run) as folder:
            (name,) = folder.assign({"loss": "loss.html"}, "plot").values()
            folder.store(name, produce, {"kind": "plot", "metrics": ["loss"]})
    with opened() as folder:
        (downloaded,) = folder.assign({"media/World.topo": "World.topo"}, "download").values()
        (drawn,) = folder.assign({"world": "world.topo"}, "plot").values()
    assert not {"world.topo", "World.topo"} & {downloaded, drawn}
    assert (out / "world.topo").read_text() == "borders"


def test_a_command_with_nothing_to_put_leaves_nothing(opened: Opener, tmp_path: Path) -> None:
    """Neither a lock nor the folders it made; a folder that was there stays, with what is in it."""
    new, old = tmp_path / "a" / "b" / "c", tmp_path / "old"
    old.mkdir()
    (old / "notes.txt").write_text("mine")
    for path in (new, old):
        with opened(path=path) as folder:
            folder.assign({"loss": "loss.png"}, "plot")
            with pytest.raises(ZeroDivisionError):
                folder.store("loss.png", lambda _path: 1 / 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old"]
    assert [path.name for path in old.iterdir()] == ["notes.txt"]


def test_nothing_is_written_through_links(opened: Opener, out: Path, tmp_path: Path) -> None:
    """A folder below the output that is a link to elsewhere is refused; a file that is one is replaced."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "keep").write_text("mine")
    out.mkdir()
    (out / "train").symlink_to(elsewhere)
    (out / "loss.png").symlink_to(elsewhere / "keep")
    with opened() as folder:
        with pytest.raises(MachineError, match="is a link to elsewhere"):
            folder.store("train/loss.png", bytes_of("x"))
        folder.store("loss.png", bytes_of("mine"))
    assert [(path.name, path.read_text()) for path in elsewhere.iterdir()] == [("keep", "mine")]
    assert not (out / "loss.png").is_symlink()


@pytest.mark.parametrize("exists", [True, False])
def test_a_lock_that_is_a_link_is_refused(opened: Opener, out: Path, tmp_path: Path, exists: bool) -> None:
    """Before anything is written where it leads, also to nothing yet."""
    out.mkdir()
    elsewhere = tmp_path / "elsewhere"
    if exists:
        elsewhere.write_text("mine")
    (out / ".wandb-plot.lock").symlink_to(elsewhere)
    with opened() as folder, pytest.raises(MachineError, match=r"\.wandb-plot\.lock is a link"):
        folder.assign({"loss": "loss.png"}, "plot")
    assert elsewhere.exists() == exists
    assert not exists or elsewhere.read_text() == "mine"
    assert [path.name for path in out.iterdir()] == [".wandb-plot.lock"]


def test_a_link_in_the_place_of_a_commands_folder_is_left_alone(opened: Opener, out: Path, tmp_path: Path) -> None:
    """It is neither entered nor removed, and keeps no lock of ours."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "keep").write_text("mine")
    out.mkdir()
    (out / ".wandb-plot-0123abcd").symlink_to(elsewhere)
    draw(opened(), "loss")
    assert [path.name for path in elsewhere.iterdir()] == ["keep"]
    assert shown(out) == ["loss.png"]


def test_a_run_and_a_series_are_a_line_each(opened: Opener, out: Path) -> None:
    """A folder of many runs stays readable: by people, by agents that pay for bytes, and by grep."""
    series = [{"run_id": name, "metric": "loss", "points": 3} for name in "ab"]
    with opened(a_run("a"), a_run("b")) as folder:
        folder.assign({"loss": "loss.png"}, "plot")
        folder.store("loss.png", bytes_of("x"), {"kind": "plot", "metrics": ["loss"], "series": series})
    lines = (out / "metadata.json").read_text().splitlines()
    assert '    {"run_id":"b","metric":"loss","points":3}' in lines
    assert sum(line.strip().startswith('{"id":') for line in lines) == 2
    assert '   "metrics": ["loss"],' in lines

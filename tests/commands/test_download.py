"""`wandb-plot download` on runs that the real SDK recorded."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from PIL import Image

from tests.conftest import Command
from tests.running import private_environment, program

FOLDER = Path("wandb_plots/acme_vision/baseline_base0001")


def test_logged_images_are_taken_with_step_and_caption(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """Every image, once, readable, and nothing else of the run's files; a second time nothing changes."""
    first = wandb_plot("download", recorded, "baseline", "--json")
    assert first.code == 0, first.stderr
    files = first.json()["files"]  # type: ignore[index]
    assert {file["source"].rpartition("/")[2].partition("_")[0] for file in files} == {"roc", "grid"}
    for file in files:
        with Image.open(tmp_path / "here" / file["path"]) as image:
            assert image.size == (8, 8)
    document = json.loads((tmp_path / "here" / FOLDER / "metadata.json").read_text())
    captions = {entry.get("step"): entry.get("caption") for entry in document["files"].values()}
    assert captions[0] == "at 0"
    assert captions[299] == "at 299"
    assert {entry["kind"] for entry in document["files"].values()} == {"download"}
    again = wandb_plot("download", recorded, "baseline", "--json")
    assert {file["action"] for file in again.json()["files"]} == {"unchanged"}  # type: ignore[index]


def test_images_and_figures_share_a_folder(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """Neither command erases what the other wrote to metadata.json."""
    wandb_plot("generate", recorded, "baseline", "--metrics", "train/loss")
    wandb_plot("download", recorded, "baseline")
    wandb_plot("generate", recorded, "baseline", "--metrics", "val/loss")
    files = json.loads((tmp_path / "here" / FOLDER / "metadata.json").read_text())["files"]
    assert {entry["kind"] for entry in files.values()} == {"plot", "download"}
    assert {"train_loss.png", "val_loss.png"} < set(files)


def test_patterns_match_base_names_or_whole_paths(wandb_plot: Command, recorded: Path) -> None:
    """Without a slash the base name, with one the whole path; several are alternatives."""

    def count(*patterns: str) -> int:
        options = [word for pattern in patterns for word in ("--pattern", pattern)]
        done = wandb_plot("download", recorded, "baseline", "--dry-run", *options)
        assert done.code == 0
        return len(done.stdout.splitlines())

    everything = count()
    assert count("roc_*.png") == 2
    assert count("media/images/roc*") == 2
    assert count("images/roc*") == 0
    assert count("roc_*", "grid_*") == everything
    assert count("requirements.txt") == 1


def test_no_images_is_no_error(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """It says so, with the command to draw the metrics instead, and why wandb.plot charts aren't there."""
    done = wandb_plot("download", recorded, "wider")
    assert (done.code, done.stdout) == (0, "")
    assert "No plot files found" in done.stderr
    assert f"wandb-plot generate {recorded} other002 --all-metrics" in done.stderr
    assert "tables" in done.stderr
    assert not list((tmp_path / "here").iterdir())
    assert wandb_plot("download", recorded, "wider", "--json").json() == {
        "output": "wandb_plots/acme_vision/wider_other002",
        "files": [],
        "metadata": None,
    }


def test_the_command_to_try_next_can_be_pasted(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """Also where the path has a space in it."""
    (tmp_path / "here" / "my runs").symlink_to(recorded)
    done = wandb_plot("download", "./my runs", "wider")
    assert done.stderr.splitlines()[-1].endswith("wandb-plot generate './my runs' other002 --all-metrics")


def test_an_output_folder_that_cannot_be_made_is_named(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """Exit 6, and what to do."""
    (tmp_path / "file").touch()
    done = wandb_plot("download", recorded, "baseline", "--output", tmp_path / "file" / "below", "--json")
    assert (done.code, done.stdout) == (6, "")
    assert done.error()["code"] == "filesystem"


def test_links_out_of_the_run_are_taken_only_on_request(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """Without --follow-links they are left out with a word on it; with it they are copied."""
    folder = next(recorded.glob("*-other002"))
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    picture = next(recorded.glob("*-base0001/files/media/images/roc_0_*.png"))
    (copy / "files" / "linked.png").symlink_to(picture)
    kept = wandb_plot("download", copy, "--json")
    assert kept.json()["files"] == []  # type: ignore[index]
    assert "--follow-links" in kept.stderr
    taken = wandb_plot("download", copy, "--follow-links", "--json")
    (file,) = taken.json()["files"]  # type: ignore[index]
    assert (tmp_path / "here" / file["path"]).read_bytes() == picture.read_bytes()
    assert not (tmp_path / "here" / file["path"]).is_symlink()


def test_links_that_leave_the_run_are_followed_on_demand(
    wandb_plot: Command, recorded: Path, here: Path, tmp_path: Path
) -> None:
    """Otherwise what they show isn't taken, and that is said."""
    folder = tmp_path / "run"
    shutil.copytree(next(recorded.glob("offline-run-*base0001")), folder)
    Image.new("L", (1, 1)).save(tmp_path / "outside.png")
    (folder / "files" / "linked.png").symlink_to(tmp_path / "outside.png")
    words = ("download", folder, "--pattern", "linked.png", "--output", "out")
    plain = wandb_plot(*words)
    assert (plain.code, plain.stdout) == (0, "")
    assert "linked.png" in plain.stderr
    assert wandb_plot(*words, "--follow-links").stdout == "out/linked.png\n"
    assert (here / "out" / "linked.png").read_bytes() == (tmp_path / "outside.png").read_bytes()


def test_a_download_that_is_interrupted_lists_what_is_there(recorded: Path, tmp_path: Path) -> None:
    """Whenever Ctrl-C comes: the folder holds the files that metadata.json lists, and nothing else of ours."""
    folder, out = tmp_path / "run", tmp_path / "out"
    shutil.copytree(next(recorded.glob("offline-run-*base0001")), folder)
    for number in range(400):
        (folder / "files" / f"{number}.bin").write_bytes(os.urandom(50_000))
    command = [program(), "download", str(folder), "--pattern", "*.bin", "--output", str(out)]
    with subprocess.Popen(command, env=private_environment(tmp_path / "home"), stderr=subprocess.PIPE) as process:
        while process.poll() is None and not list(out.glob("*.bin")):
            time.sleep(0.001)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode in (130, 0)
    there = {path.name for path in out.iterdir()} - {"metadata.json"}
    assert there == set(json.loads((out / "metadata.json").read_bytes())["files"])


def test_several_runs_share_a_folder(wandb_plot: Command, recorded: Path, tmp_path: Path, here: Path) -> None:
    """Files of one name stay apart, as the dry run says, and metadata.json says whose each is."""
    for number, name in enumerate(("first", "second")):
        folder = tmp_path / "wandb" / f"offline-run-20260101_00000{number}-{name}"
        shutil.copytree(next(recorded.glob("*-base0001")), folder)
        next(folder.glob("*.wandb")).rename(folder / f"run-{name}.wandb")
    words = ("download", tmp_path / "wandb", "first,second", "--pattern", "roc_*", "--json")
    planned = wandb_plot(*words, "--dry-run").json()
    done = wandb_plot(*words)
    files = done.json()["files"]  # type: ignore[index]
    paths = [file["path"] for file in files]
    assert [file["path"] for file in planned["files"]] == paths  # type: ignore[index]
    assert len({path.casefold() for path in paths}) == len(paths) == 4
    assert all((here / path).is_file() for path in paths)
    assert done.json()["output"].endswith("compare_first_second")  # type: ignore[index]
    document = json.loads((here / done.json()["metadata"]).read_text())  # type: ignore[index]
    assert [run["id"] for run in document["runs"]] == ["first", "second"]
    assert len(document["files"]) == 4
    assert {file["action"] for file in wandb_plot(*words).json()["files"]} == {"unchanged"}  # type: ignore[index]

"""metadata.json: what it says, and what becomes of one that is damaged or of another version."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.output.folders import Opener, a_run, document, draw, shown


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

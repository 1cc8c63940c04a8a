"""Run folders that a stranger made: they cost themselves, not the time, the memory or the other runs of a user."""

import json
import os
from pathlib import Path

import pytest

from tests.sources.log.log_writer import field, history, item, row, varint, write_log
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.local.source import LocalSource
from wandb_plot.sources.log.value_kinds import LARGEST_DEPTH

IMAGE = {"_type": "image-file", "path": "media/images/a.png"}


def run_folder(root: Path, name: str, *records: bytes) -> Path:
    """A run folder with a log of these records."""
    folder = root / f"run-20260101_000000-{name}"
    (folder / "files").mkdir(parents=True)
    write_log(folder / f"run-{name}.wandb", [field(17, field(1, name)), *records])
    return folder


def listed(root: Path, **options: bool) -> tuple[dict[str, object], list[str]]:
    """The runs that a folder lists, each with its summary, and the warnings."""
    warnings: list[str] = []
    source = LocalSource(root, warn=warnings.append, **options)
    return {run.id: run.summary for run in source.runs(RunQuery())}, warnings


def nested(depth: int, opening: str = '{"a":', closing: str = "}") -> str:
    """A JSON text with containers within one another."""
    return opening * depth + "1" + closing * depth


LONG_TAG = b"\xff" * 9 + b"\x01"
ODD_RECORDS = {
    "a ten-byte tag": LONG_TAG + b"\x00",
    "a ten-byte tag within": field(2, LONG_TAG + b"\x00"),
    "a ten-byte tag in an item": field(2, field(1, LONG_TAG + b"\x00")),
    "a ten-byte length": b"\x12" + b"\xff" * 9 + b"\x7f",
    "a field numbered 0": b"\x02\x01a",
    "a run of odd fields": field(17, LONG_TAG + b"\x01"),
    "a start at the end of time": field(17, field(1, "odd") + field(17, field(1, 2**63))),
    "an exit of 70 bits": field(18, b"\x08" + b"\xff" * 9 + b"\x7f"),
    "a summary of odd fields": field(3, field(1, LONG_TAG + b"\x01")),
    "a step that is NaN": row(None, _step=float("nan")),
    "a step that is infinite": row(None, _step=float("inf")),
    "a step of 400 digits": row(None, _step=10**400),
    "a step of 5,000 digits": history(None, [item("_step", "1" * 5000)]),
    "500 dicts in one another": field(3, field(1, item("deep", nested(500)))),
    "500 lists in one another": history(0, [item("deep", nested(500, "[", "]"))]),
    "100,000 brackets": field(3, field(1, item("deep", "[" * 100_000))),
    "500 names in one another": field(3, field(1, item(["a"] * 500, "1"))),
    "a config of 500 dicts": field(17, field(1, "odd") + field(4, field(1, item("deep", nested(500))))),
    "a double of three bytes": history(0, [field(1, "m") + field(6, b"abc")]),
}


@pytest.mark.parametrize("name", ODD_RECORDS)
def test_an_odd_run_is_listed_or_left_out_alone(tmp_path: Path, name: str) -> None:
    """Whatever a record says, the other runs are listed, and the odd one's values can be read."""
    run_folder(tmp_path, "good", row(0, loss=1), field(3, field(1, item("loss", "1"))))
    folder = run_folder(tmp_path, "odd", ODD_RECORDS[name], row(7, loss=2), *[ODD_RECORDS[name]] * 40)
    found, warnings = listed(tmp_path)
    assert found["good"] == {"loss": 1}
    assert ("odd" in found) != any("left out run odd" in warning for warning in warnings)
    source = LocalSource(folder, warn=warnings.append)
    run = source.find("odd")[0]
    assert 2.0 in source.history(run, ["loss"]).columns["loss"].values
    assert source.metric_types(run)["loss"] == "numeric"
    json.dumps([run.config, run.summary])


@pytest.mark.parametrize("length", [3, 8, 40, 100])
def test_a_key_that_is_said_to_be_longer_than_its_item(tmp_path: Path, length: int) -> None:
    """What would lie after the end of the item, or of the file, is not looked at."""
    name = "k" * length
    odd = field(2, field(1, b"\x0a" + bytes([length]) + b"kk"))
    for records in ([odd] * 3, [odd] * 50):
        path = write_log(tmp_path / "run-a.wandb", [row(0, **{name: 5}), *records])
        source = LocalSource(path, warn=print)
        assert source.history(source.find("a")[0], [name]).columns[name].values.tolist() == [5]


def test_values_nested_too_deeply_are_left_out(tmp_path: Path) -> None:
    """What is within the limit is kept as it was logged."""
    run_folder(
        tmp_path,
        "a",
        field(3, field(1, item("kept", nested(LARGEST_DEPTH))) + field(1, item("deep", nested(LARGEST_DEPTH + 1)))),
    )
    found, _ = listed(tmp_path)
    assert found["a"] == {"kept": json.loads(nested(LARGEST_DEPTH)), "deep": None}


def test_a_run_that_breaks_our_own_code_costs_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should reading one run fail in a way that nobody foresaw, the others are listed, and it is said which is not."""
    from wandb_plot.sources.local import described_runs

    for name in ("good", "odd"):
        run_folder(tmp_path, name, row(0, loss=1))
    describe_log = described_runs.describe_log

    def failing(segment: described_runs.Segment, log: object) -> object:
        return 1 / 0 if segment.run_id == "odd" else describe_log(segment, log)  # type: ignore[arg-type]

    monkeypatch.setattr(described_runs, "describe_log", failing)
    found, warnings = listed(tmp_path)
    assert set(found) == {"good"}
    assert "left out run odd" in warnings[0]


def test_a_list_of_images_that_claims_a_billion(tmp_path: Path) -> None:
    """A count is believed no further than there are files."""
    claimed = {"_type": "images/separated", "count": 10**9, "format": "png", "captions": ["first", "second"]}
    folder = run_folder(tmp_path, "a", row(0, grid=claimed))
    (folder / "files" / "media" / "images").mkdir(parents=True)
    (folder / "files" / "media" / "images" / "grid_0_0.png").touch()
    source = LocalSource(folder, warn=print)
    assert [(file.name, file.caption) for file in source.files(source.find("a")[0])] == [
        ("media/images/grid_0_0.png", "first")
    ]


@pytest.mark.parametrize("kind", ["pipe", "device", "link", "brackets", "deep", "huge", "list"])
def test_a_summary_file_that_is_none(tmp_path: Path, kind: str) -> None:
    """A pipe nobody writes to, an endless device, a file elsewhere, nonsense: the summary is what the log says."""
    folder = run_folder(tmp_path, "a", *(row(step, loss=step, text="x" * 900) for step in range(2000)))
    summary = folder / "files" / "wandb-summary.json"
    (tmp_path / "elsewhere.json").write_text('{"secret": 1}')
    match kind:
        case "pipe":
            os.mkfifo(summary)
        case "device":
            summary.symlink_to("/dev/zero")
        case "link":
            summary.symlink_to(tmp_path / "elsewhere.json")
        case "huge":
            with summary.open("wb") as file:
                file.truncate(2**40)
        case _:
            summary.write_text({"brackets": "[" * 100_000, "deep": nested(500), "list": "[1]"}[kind])
    found, _ = listed(tmp_path)
    assert found["a"] == {"loss": 1999, "text": "x" * 900}


@pytest.mark.parametrize("follow_links", [False, True])
def test_links_that_leave_the_run(tmp_path: Path, follow_links: bool) -> None:
    """They are neither listed nor copied, and it is said so; who asks for it gets them."""
    (tmp_path / "secret.png").write_bytes(b"secret")
    folder = run_folder(tmp_path / "wandb", "a", row(0, roc=IMAGE))
    files = folder / "files"
    (files / "own.png").write_bytes(b"own")
    (files / "within.png").symlink_to("own.png")
    (files / "out.png").symlink_to(tmp_path / "secret.png")
    (files / "nowhere.png").symlink_to(tmp_path / "nothing.png")
    (files / "loop").symlink_to(files)
    warnings: list[str] = []
    source = LocalSource(folder, warn=warnings.append, follow_links=follow_links)
    run = source.find("a")[0]
    names = [file.name for file in source.files(run)]
    assert names == (["out.png", "own.png", "within.png"] if follow_links else ["own.png", "within.png"])
    assert [warning for warning in warnings if "out.png" in warning and "--follow-links" in warning] == (
        [] if follow_links else warnings
    )
    source.fetch(run, source.files(run)[-1], tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"own"


def test_a_link_put_there_after_the_listing_is_not_copied(tmp_path: Path) -> None:
    """Between listing and copying, a file may become a link."""
    from wandb_plot.errors import MachineError

    (tmp_path / "secret").write_bytes(b"secret")
    folder = run_folder(tmp_path / "wandb", "a")
    file = folder / "files" / "a.png"
    file.write_bytes(b"own")
    source = LocalSource(folder, warn=print)
    run = source.find("a")[0]
    (listed_file,) = source.files(run)
    file.unlink()
    file.symlink_to(tmp_path / "secret")
    with pytest.raises(MachineError, match="is gone"):
        source.fetch(run, listed_file, tmp_path / "copy")


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_log_that_is_no_regular_file(tmp_path: Path, kind: str) -> None:
    """It is not waited for."""
    run_folder(tmp_path, "good", row(0, loss=1))
    odd = tmp_path / "run-20260101_000001-odd"
    odd.mkdir()
    if kind == "pipe":
        os.mkfifo(odd / "run-odd.wandb")
    else:
        (odd / "run-odd.wandb").symlink_to("/dev/zero")
    assert set(listed(tmp_path)[0]) == {"good"}


def test_varints_of_every_length(tmp_path: Path) -> None:
    """Numbers of one to ten bytes are read for what they are; beyond 64 bits, for what is left of them in 64."""
    for value in [2**bits - 1 for bits in range(1, 64)]:
        assert len(varint(value)) <= 10
    folder = run_folder(tmp_path, "a", row(2**53 - 1, loss=1), row(2**62, loss=2))
    source = LocalSource(folder, warn=print)
    assert source.history(source.find("a")[0], ["loss"]).columns["loss"].steps.tolist() == [2**53 - 1, 2**62]

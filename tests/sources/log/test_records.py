"""What a log says of its run."""

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.logs.record import CONFIG
from tests.sources.log.log_writer import field, history, item, row, write_log
from wandb_plot.sources.log.format.transaction_log import LogEnds, read_ends
from wandb_plot.sources.log.records import ExitRecord, read_exit, read_run_record, read_summary

LOGS = Path(__file__).parents[2] / "logs"
ERAS = pytest.mark.parametrize("path", sorted(LOGS.glob("*.wandb")), ids=lambda path: path.stem)


def written(tmp_path: Path, *records: bytes) -> LogEnds:
    """A log of these records."""
    return read_ends(write_log(tmp_path / "run-a.wandb", records))


def update(number: int, *items: bytes, remove: bytes = b"") -> bytes:
    """A record of updates: of the summary (3) or of the config (5)."""
    return field(number, b"".join(field(1, encoded) for encoded in items) + remove)


@ERAS
def test_the_run_of_every_era(path: Path) -> None:
    """Name, config and all the rest come back as they were given, whoever wrote them."""
    run = read_run_record(read_ends(path))
    assert run is not None
    assert (run.id, run.project, run.display_name, run.group) == ("era", "eras", "small", "group")
    assert (run.job_type, run.notes, run.tags, run.entity) == ("train", "a note", ("one", "two"), "")
    assert run.config == {**CONFIG, "limit": math.inf, "later": "added"}
    assert run.start_time is not None
    assert run.start_time.tzinfo is UTC


@ERAS
def test_the_summary_of_every_era(path: Path) -> None:
    """The latest values, nested as logged, and what was put there by hand; nothing of wandb's own."""
    summary = read_summary(read_ends(path))
    assert summary["best"] == {"loss": 0.01}
    assert (summary["loss"], summary["count"], summary["_step"], summary["broken"]) == (8.0, 9, 106, -math.inf)
    assert summary["picture"]["_type"] == "image-file"
    assert "_wandb" not in summary
    if path.stem not in ("0.12.21", "0.16.6", "0.17.9"):  # their summaries left out nested dicts
        assert summary["nested"] == {"a": 99, "b": {"c": -99}}


@ERAS
def test_the_exit_of_every_era(path: Path) -> None:
    """That it ended well."""
    assert (ending := read_exit(read_ends(path)))
    assert ending.exit_code == 0


def test_the_last_exit_counts(tmp_path: Path) -> None:
    """A log may hold two, and records after them; codes may be negative."""
    log = written(tmp_path, field(18, field(1, 1)), row(1, loss=1), field(18, field(1, -9) + field(2, 70)), row(2))
    assert read_exit(log) == ExitRecord(exit_code=-9, runtime=70)


def test_a_log_without_run_or_exit(tmp_path: Path) -> None:
    """What no record speaks of is None."""
    log = written(tmp_path, row(0, loss=1))
    assert (read_run_record(log), read_exit(log)) == (None, None)


def test_later_records_change_the_config(tmp_path: Path) -> None:
    """Updates and removals are applied in order, whole keys and parts of them; the last run record names the run."""
    first = field(1, "id") + field(4, field(1, item("lr", "0.1")) + field(1, item("model", '{"depth": 2, "size": 3}')))
    log = written(
        tmp_path,
        field(17, first + field(8, "old name") + field(17, field(1, 1_700_000_000) + field(2, 5_000_000))),
        update(5, item(["model", "depth"], "4"), item("_wandb", "{}"), item("gone", "1")),
        update(5, remove=field(2, item("gone", None)) + field(2, item(["model", "size"], None))),
        field(17, field(1, "id") + field(8, "new name")),
    )
    run = read_run_record(log)
    assert run is not None
    assert run.config == {"lr": 0.1, "model": {"depth": 4}}
    assert run.display_name == "new name"
    assert run.start_time == datetime(2023, 11, 14, 22, 13, 20, 5000, UTC)


def test_the_summary_is_what_all_updates_leave(tmp_path: Path) -> None:
    """Dicts are replaced by dicts, leaves are set in them, removals remove, in the order they were written."""
    log = written(
        tmp_path,
        update(3, item("a", '{"old": 1}'), item(["b", "c"], "1"), item("gone", "1"), item("back", "1")),
        update(3, item(["a", "new"], "2"), remove=field(2, item("gone", None)) + field(2, item("back", None))),
        update(3, item("a", '{"x": NaN}'), item(["a", "y"], '"text"'), item("back", "2"), item("_wandb", "{}")),
    )
    summary = read_summary(log)
    assert math.isnan(summary["a"].pop("x"))
    assert summary == {"a": {"y": "text"}, "b": {"c": 1}, "back": 2}


def test_without_a_summary_the_latest_values_are_it(tmp_path: Path) -> None:
    """SDKs up to 0.17 wrote the summary at the end alone, and many a run was killed before."""
    log = written(
        tmp_path,
        row(0, loss=3.0, nested={"a": 1}),
        history(1, [item(["acc", "top"], None, field(6, 0.5)), item("n", None, field(5, 5))]),
        row(2, loss=2.0),
    )
    assert read_summary(log) == {"loss": 2.0, "nested": {"a": 1}, "acc": {"top": 0.5}, "n": -3}


def test_values_that_are_no_json_are_none(tmp_path: Path) -> None:
    """An SDK that writes nonsense stops nobody from reading the rest."""
    log = written(tmp_path, update(3, item("a", "{broken"), item("b", "[" * 5000), item("c", ""), item("d", "1")))
    assert read_summary(log) == {"a": None, "b": None, "c": None, "d": 1}


def test_the_ends_tell_the_same_of_a_run(tmp_path: Path) -> None:
    """Head and tail hold who the run is, how it ended and what its last values are."""
    rows = [row(step, text="x" * 900) for step in range(3000)]
    summaries = [update(3, item("loss", str(step))) for step in range(3000)]
    body = [record for pair in zip(rows, summaries, strict=True) for record in pair]
    run = field(17, field(1, "id") + field(8, "name"))
    log = read_ends(write_log(tmp_path / "run-a.wandb", [run, *body, field(18, field(1, 3))]))
    assert not log.complete
    assert (ending := read_exit(log))
    assert ending.exit_code == 3
    assert (found := read_run_record(log))
    assert found.display_name == "name"
    assert read_summary(log) == {"loss": 2999}

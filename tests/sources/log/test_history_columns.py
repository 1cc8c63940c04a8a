"""History and system rows as columns: every number that was logged, on its own steps."""

import math
from pathlib import Path
from typing import Any

import pytest

from tests.logs.record import ROWS
from tests.sources.log.log_reader import points, read
from tests.sources.log.log_writer import field, history, item, row, stats, write_log
from wandb_plot.model.history import History
from wandb_plot.sources.log.history_columns import read_history, read_types
from wandb_plot.sources.log.media import LoggedImage, read_media

LOGS = Path(__file__).parents[2] / "logs"
ERAS = pytest.mark.parametrize("path", sorted(LOGS.glob("*.wandb")), ids=lambda path: path.stem)


def written(tmp_path: Path, *records: bytes) -> History:
    """What comes back of records."""
    return read(write_log(tmp_path / "run-a.wandb", records))


def images(path: Path, most: int = 100) -> list[LoggedImage]:
    """The images that a log speaks of."""
    return read_media(path, most=most, warn=lambda *_: None)


@ERAS
def test_numbers_of_every_era(path: Path) -> None:
    """Every number comes back exactly, at the step it was logged at, whichever SDK wrote it."""
    columns = read(path).columns
    for name in ("loss", "tiny", "count", "train/every tenth", "broken", "big", "bigger"):
        logged = [(step, row[name]) for step, row in enumerate(ROWS) if name in row]
        logged += [(106, {"loss": 8.0, "count": 9}[name])] if name in ("loss", "count") else []
        assert str(points(columns[name])) == str([(float(step), float(value)) for step, value in logged])
    assert points(columns["nested.a"]) == [(step, step) for step in range(100)]
    assert points(columns["nested.b.c"]) == [(step, -step) for step in range(100)]


@ERAS
def test_types_of_every_era(path: Path) -> None:
    """What is no number is counted, and told apart by what it is; dicts with a type are one metric."""
    history = read(path)
    found = {name: (column.type, column.non_null) for name, column in history.columns.items()}
    numeric = {"loss": 102, "tiny": 100, "count": 101, "train/every tenth": 10, "nested.a": 100, "nested.b.c": 100}
    axes = {"_step": 107, "_timestamp": 107, "_runtime": 107}
    assert found == {name: ("numeric", count) for name, count in {**numeric, **axes}.items()} | {
        "broken": ("numeric", 2),
        "big": ("numeric", 1),
        "bigger": ("numeric", 1),
        "flag": ("boolean", 100),
        "word": ("string", 100),
        "list": ("list", 1),
        "picture": ("image", 1),
        "pictures": ("images", 1),
        "values": ("histogram", 1),
    }
    assert (history.rows, history.system_rows) == (107, 0)
    types, kept = read_types([path], lambda _: False, start_time=None, warn=lambda *_: None)
    assert types == {name: column.type for name, column in history.columns.items()}
    assert (kept.columns, kept.rows) == ({}, history.rows)


@ERAS
def test_images_of_every_era(path: Path) -> None:
    """Each image file with its key, step and caption; lists without file names have names that follow from those."""
    image, left, right = images(path)
    assert (image.key, image.step, image.caption) == ("picture", 104, "black")
    assert image.path.startswith("media/images/picture_104_")
    assert [(part.key, part.step, part.caption) for part in (left, right)] == [
        ("pictures", 105, "left"),
        ("pictures", 105, "right"),
    ]
    assert left.path.startswith("media/images/pictures_105_")
    if path.stem == "0.12.21":
        assert [left.path, right.path] == ["media/images/pictures_105_0.png", "media/images/pictures_105_1.png"]


def test_records_of_one_step_are_one_row(tmp_path: Path) -> None:
    """The last value of each leaf counts, whatever came before it; dicts merge."""
    columns = written(
        tmp_path,
        row(0, loss=1.0, nested={"a": 1, "b": 2}, changed=5),
        row(0, loss=2.0, nested={"b": 3}, changed="text"),
        row(1, loss=3.0),
    ).columns
    assert points(columns["loss"]) == [(0, 2), (1, 3)]
    assert (points(columns["nested.a"]), points(columns["nested.b"])) == ([(0, 1)], [(0, 3)])
    assert (columns["changed"].type, columns["changed"].non_null) == ("string", 1)
    assert points(columns["_step"]) == [(0, 0), (1, 1)]


def test_the_last_value_counts_however_it_was_written(tmp_path: Path) -> None:
    """Dicts logged whole and leaves of their own are told apart by when they were logged, not by how."""
    whole = [row(step, a={"b": step}) for step in range(100)]
    leaf = [history(step, [item(["a", "b"], str(-step))]) for step in range(100)]
    mixed = [record for step in range(100) for record in (whole[step], leaf[step])[:: 1 if step % 2 else -1]]
    columns = written(tmp_path, *mixed).columns
    assert points(columns["a.b"]) == [(step, -step if step % 2 else step) for step in range(100)]


def test_steps_that_run_backwards_are_sorted(tmp_path: Path) -> None:
    """Columns ascend even where the log doesn't, and of a step that comes twice the later record counts."""
    history = written(tmp_path, *(row(step, loss=value) for value, step in enumerate([5, 6, 2, 3, 5])))
    assert points(history.columns["loss"]) == [(2, 2), (3, 3), (5, 4), (6, 1)]
    assert history.rows == 4


def test_rows_may_follow_the_exit(tmp_path: Path) -> None:
    """What was logged after an exit record was logged."""
    columns = written(tmp_path, row(0, loss=1), field(18, field(1, 0)), row(1, loss=2)).columns
    assert points(columns["loss"]) == [(0, 1), (1, 2)]


def test_the_step_may_be_an_item_alone(tmp_path: Path) -> None:
    """A record without a step field stands at its `_step`; one without either is left out."""
    columns = written(
        tmp_path, row(None, loss=1, _step=7), row(8, loss=2, _step=8), row(None, loss=3), row(None, loss=4, _step=9.0)
    ).columns
    assert points(columns["loss"]) == [(7, 1), (8, 2), (9, 4)]


def test_huge_and_negative_steps(tmp_path: Path) -> None:
    """Steps are 64-bit numbers, with a sign."""
    columns = written(tmp_path, row(-5, a=1), row(2**40, a=2), row(2**62, a=3)).columns
    assert points(columns["a"]) == [(-5, 1), (2**40, 2), (2**62, 3)]


@pytest.mark.parametrize(
    ("values", "kind", "numbers", "non_null"),
    [
        ([1, 2.5], "numeric", [1, 2.5], 2),
        ([math.nan, math.inf, -math.inf, 1], "numeric", [math.nan, math.inf, -math.inf, 1], 3),
        (["NaN", "Infinity", "-Infinity", 1], "numeric", [math.nan, math.inf, -math.inf, 1], 3),
        (["NaN", "Infinity"], "numeric", [math.nan, math.inf], 1),
        (["NaN", "text"], "string", [], 2),
        (["NaN", "text", 1], "mixed", [math.nan, 1], 2),
        (["nan", "inf", "nope!", "-infinity!", "1"], "string", [], 5),
        ([2**70, -(2**63), 10**400], "numeric", [2.0**70, -(2.0**63), math.inf], 3),
        ([1e-5, 1e300, 5e-324, 0.1 + 0.2], "numeric", [1e-5, 1e300, 5e-324, 0.1 + 0.2], 4),
        ([True, False], "boolean", [], 2),
        ([True, 1], "numeric", [1], 2),
        ([[1, 2], []], "list", [], 2),
        ([1, None], "numeric", [1], 1),
        (["x" * 200_000, ""], "string", [], 2),
    ],
    ids=str,
)
def test_values(tmp_path: Path, values: list[Any], kind: str, numbers: list[float], non_null: int) -> None:
    """What each kind of value counts as, alone and among others."""
    column = written(tmp_path, *(row(step, m=value) for step, value in enumerate(values))).columns["m"]
    assert (column.type, str(column.values.tolist()), column.non_null) == (
        kind,
        str(list(map(float, numbers))),
        non_null,
    )


def test_nulls_make_no_metric(tmp_path: Path) -> None:
    """A name that was only ever logged as None has nothing to show."""
    assert set(written(tmp_path, row(0, nothing=None, loss=1)).columns) == {"_step", "loss"}


@pytest.mark.parametrize("text", ["-", "12abc", "Nope", "Infinit", "tru", "", " 5", '"open', "{", "+1", "\x00"])
def test_nonsense_among_numbers_is_skipped(tmp_path: Path, text: str) -> None:
    """A value that is no JSON takes no other value with it, nor does it become a number; white space is JSON."""
    column = written(tmp_path, row(0, m=1), history(1, [item("m", text)]), row(2, m=3)).columns["m"]
    assert points(column) == [(0, 1), *([(1, 5)] if text == " 5" else []), (2, 3)]


def test_typed_dicts_are_one_metric_in_the_rows_that_say_so(tmp_path: Path) -> None:
    """What such a dict holds is no metric of its own there, other dicts within it included; elsewhere it is."""
    image = {"_type": "image-file", "size": 5, "boxes": {"all": {"_type": "boxes2D", "size": 7}}}
    columns = written(
        tmp_path,
        row(0, a=image),
        history(1, [item(["a", "size"], "6"), item(["a", "_type"], '"table-file"')]),
        row(2, a={"size": 8}),
        row(3, a={"_type": 5}),
    ).columns
    assert set(columns) == {"_step", "a", "a._type", "a.size"}
    assert (columns["a"].type, columns["a"].non_null, len(columns["a"].values)) == ("table", 2, 0)
    assert points(columns["a.size"]) == [(2, 8)]
    assert points(columns["a._type"]) == [(3, 5)]


def test_only_what_was_asked_for_is_read(tmp_path: Path) -> None:
    """Exact names, of leaves or of dicts with a type; names that aren't there are left out, counts stay whole."""
    media = {"_type": "image-file", "size": 5}
    path = write_log(
        tmp_path / "run-a.wandb", [row(0, a=1, b={"c": 2, "d": 3}, m=media), row(1, a=2), stats(100, cpu=1, gpu=2)]
    )
    assert set(read(path, "b.c", "nope").columns) == {"b.c"}
    assert set(read(path, "_step", "m").columns) == {"_step", "m"}
    assert not read(path, "m.size").columns
    assert set(read(path, "system.gpu").columns) == {"system.gpu"}
    assert (read(path, "a").rows, read(path, "a").system_rows) == (2, 1)


def test_the_system_stream_runs_on_seconds(tmp_path: Path) -> None:
    """Its x counts from the start of the run, or from its own first row; nested readings are named with dots."""
    path = write_log(
        tmp_path / "run-a.wandb",
        [row(0, loss=1), stats(1010, cpu=1.5, network={"sent": 3}), stats(1012, **{"cpu": 2.5, "disk./.usage": 7})],
    )
    columns = read(path).columns
    assert points(columns["system.cpu"]) == [(0, 1.5), (2, 2.5)]
    assert points(columns["system.network.sent"]) == [(0, 3)]
    assert points(columns["system.disk./.usage"]) == [(2, 7)]
    since_start = read_history([path], ["system.cpu"], start_time=1000.0, warn=lambda *_: None).columns
    assert points(since_start["system.cpu"]) == [(10, 1.5), (12, 2.5)]


def test_a_logged_metric_may_be_called_as_the_system_stream_is(tmp_path: Path) -> None:
    """It is none of that stream's: it has steps, counts the rows of the history, and wins the name."""
    path = write_log(
        tmp_path / "run-a.wandb",
        [*(row(step, **{"system.own": step, "system": {"cpu": -step}}) for step in range(5)), stats(9, cpu=1, gpu=2)],
    )
    history = read(path)
    assert points(history.columns["system.own"]) == [(step, step) for step in range(5)]
    assert points(history.columns["system.cpu"]) == [(step, -step) for step in range(5)]
    assert {name for name, column in history.columns.items() if column.is_system} == {"system.gpu"}
    assert (history.rows_of("system.own"), history.rows_of("system.gpu")) == (5, 1)


def test_images_of_nested_and_awkward_keys(tmp_path: Path) -> None:
    """Images are found below dicts, in keys with slashes, and left alone where the dict is something else."""
    path = write_log(
        tmp_path / "run-a.wandb",
        [
            row(3, outer={"val/roc": {"_type": "image-file", "path": "media/images/a.png", "caption": ""}}),
            row(4, table={"_type": "table-file", "path": "media/table/t.json"}),
            row(5, **{"x/y": {"_type": "images/separated", "filenames": ["b.png", "c.png"], "captions": False}}),
        ],
    )
    assert images(path) == [
        LoggedImage("media/images/a.png", "outer.val/roc", 3, None),
        LoggedImage("b.png", "x/y", 5, None),
        LoggedImage("c.png", "x/y", 5, None),
    ]

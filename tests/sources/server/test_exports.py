"""Parquet exports become the columns that the rows in them would."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.exports import Style, parquet
from wandb_plot.errors import ServerError
from wandb_plot.model.history import Column
from wandb_plot.sources.rows_to_columns import columns_from_rows
from wandb_plot.sources.server.client.history.exports import columns_from_export

NUMBERS = st.floats() | st.integers(-(2**70), 2**70)
# Arrow has a type for no larger ones in a struct.
NESTED = st.floats() | st.integers(-(2**53), 2**53)
KINDS = {
    "number": st.none() | NUMBERS,
    "integer": st.none() | st.integers(-(2**40), 2**40),
    "flag": st.none() | st.booleans(),
    "word": st.none() | st.sampled_from(["a", "b c", "12", '{"x": 1}']),
    "bins": st.none() | st.lists(st.integers(0, 9), max_size=3),
    "picture": st.none() | st.fixed_dictionaries({"_type": st.just("image-file"), "path": st.just("p")}),
    "train": st.none()
    | st.fixed_dictionaries({"loss": NESTED}, optional={"deep": st.fixed_dictionaries({"a": NESTED})}),
    "mixed": st.none() | NUMBERS | st.sampled_from(["word", "NaN", "12"]) | st.lists(st.integers(), max_size=2),
    "any.thing": st.none() | st.booleans() | st.integers(0, 9) | st.fixed_dictionaries({"_type": st.just("histogram")}),
}


def assert_same(left: dict[str, Column], right: dict[str, Column]) -> None:
    """Both hold the same metrics, points and counts."""
    assert left.keys() == right.keys()
    for name, column in right.items():
        read = left[name]
        assert (read.name, read.type, read.non_null) == (column.name, column.type, column.non_null)
        np.testing.assert_array_equal(read.steps, column.steps)
        np.testing.assert_array_equal(read.values, column.values)


@given(
    rows=st.lists(st.fixed_dictionaries({}, optional=KINDS), min_size=1, max_size=8),
    style=st.sampled_from(["flat", "nested", "binary"]),
)
def test_an_export_is_its_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], style: Style
) -> None:
    """Numbers, words, pictures, dicts and mixtures of them, each on its own steps, however the file holds them."""
    rows = [{"_step": step} | row for step, row in enumerate(rows)]
    path = tmp_path_factory.mktemp("export") / "export.parquet"
    path.write_bytes(parquet(rows, style))
    assert_same(columns_from_export(path), columns_from_rows(rows, is_partial=True))


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    """A name is exact, also where another begins with it, and may lie within a dict."""
    path = tmp_path / "export.parquet"
    path.write_bytes(parquet([{"_step": 0, "a": {"b": 1.0, "c": 2.0}, "a.b.d": 3.0, "e": 4.0}], "nested"))
    assert list(columns_from_export(path, {"a.b"})) == ["a.b"]
    assert list(columns_from_export(path, {"a.b.d", "nothing", "_step"})) == ["_step", "a.b.d"]


def test_rows_of_an_export_may_be_in_any_order(tmp_path: Path) -> None:
    """Steps ascend in what is read."""
    path = tmp_path / "export.parquet"
    path.write_bytes(parquet([{"_step": 5, "a": 1.0}, {"_step": 2, "a": 2.0}]))
    column = columns_from_export(path)["a"]
    assert (column.steps.tolist(), column.values.tolist()) == ([2, 5], [2, 1])


@pytest.mark.parametrize("kind", [pa.float32(), pa.int8(), pa.uint64(), pa.decimal128(21, 2), pa.large_string()])
def test_types_that_other_exporters_may_choose(tmp_path: Path, kind: pa.DataType) -> None:
    """Narrow and wide numbers are numbers; long strings are strings."""
    path = tmp_path / "export.parquet"
    cells = ["1", "2"] if pa.types.is_large_string(kind) else [1, 2]
    pq.write_table(pa.table({"_step": [0, 1], "a": pa.array(cells).cast(kind)}), path)
    column = columns_from_export(path)["a"]
    assert (column.type, column.values.tolist()) == (("string", []) if cells[0] == "1" else ("numeric", [1, 2]))


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    """A damaged file is an error, never an empty history."""
    path = tmp_path / "export.parquet"
    path.write_bytes(parquet([{"_step": 0, "a": 1.0}])[:-20])
    with pytest.raises(pa.ArrowInvalid):
        columns_from_export(path)


def written(path: Path, columns: dict[str, Any], **options: Any) -> Path:
    """A parquet file of these columns."""
    pq.write_table(pa.table(columns), path, **options)
    return path


def test_a_column_of_several_types_is_one_metric(tmp_path: Path) -> None:
    """Each row has one of the types; text stays text, whatever it looks like, and a dict nests further metrics."""
    union = pa.array(
        [
            {"_type_float64": 1.5},
            {"_type_utf8": "12"},
            {"_type_bool": True},
            {"_type_struct": {"x": 2.0, "y": {"z": 3.0}}},
            {"_type_list": [1, 2]},
            {"_type_binary": b'{"_type": "histogram"}'},
            {"_type_binary": b"7"},
            None,
            {"_type_float64": math.nan},
        ],
        pa.struct(
            {
                "_type_float64": pa.float64(),
                "_type_utf8": pa.string(),
                "_type_bool": pa.bool_(),
                "_type_struct": pa.struct({"x": pa.float64(), "y": pa.struct({"z": pa.float64()})}),
                "_type_list": pa.list_(pa.int64()),
                "_type_binary": pa.binary(),
            }
        ),
    )
    path = written(tmp_path / "export.parquet", {"_step": [float(step) for step in range(9)], "a": union})
    columns = columns_from_export(path)
    a = columns["a"]
    assert list(columns) == ["_step", "a", "a.x", "a.y.z"]
    assert (a.type, a.steps.tolist(), a.non_null) == ("mixed", [0, 6, 8], 6)
    np.testing.assert_array_equal(a.values, [1.5, 7, math.nan])
    assert (columns["a.x"].steps.tolist(), columns["a.x"].values.tolist()) == ([3], [2])
    assert list(columns_from_export(path, {"a.y.z"})) == ["a.y.z"]


@pytest.mark.parametrize("cell", [b"{broken", b"\xff\xfe", b"[" * 5_000])
def test_bytes_that_are_no_json_are_text(tmp_path: Path, cell: bytes) -> None:
    """They are counted, and make no point."""
    path = written(tmp_path / "export.parquet", {"_step": [0.0, 1.0], "a": pa.array([cell, b"2"], pa.binary())})
    column = columns_from_export(path)["a"]
    assert (column.type, column.steps.tolist(), column.non_null) == ("mixed", [1], 2)


def test_a_row_without_a_step_is_no_row(tmp_path: Path) -> None:
    """Nor is one whose step is not finite; the others are all there."""
    steps = pa.array([0.0, None, 2.0, math.nan], pa.float64())
    columns = columns_from_export(written(tmp_path / "export.parquet", {"a": [1.0, 2.0, 3.0, 4.0], "_step": steps}))
    assert {name: column.values.tolist() for name, column in columns.items()} == {"_step": [0, 2], "a": [1, 3]}


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"_step": pa.array([], pa.float64()), "a": pa.array([], pa.float64())},
        {"a": [1.0]},
        {"_step": pa.array([None], pa.float64()), "a": [1.0]},
        {"_step": pa.array([None], pa.null()), "a": [1.0]},
    ],
)
def test_a_part_may_hold_nothing(tmp_path: Path, columns: dict[str, Any]) -> None:
    """No column, no row, no step: no column of ours, and no error."""
    assert columns_from_export(written(tmp_path / "export.parquet", columns)) == {}


def test_more_rows_than_announced_are_refused(tmp_path: Path) -> None:
    """Before they are all in memory."""
    path = written(tmp_path / "export.parquet", {"_step": np.arange(3_000.0)}, row_group_size=1_000)
    assert len(columns_from_export(path, most_rows=3_000)["_step"].steps) == 3_000
    with pytest.raises(ServerError, match="number of rows of an export is 3000"):
        columns_from_export(path, most_rows=2_999)


def test_steps_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    """Rows that can't be placed are an error, not an empty history."""
    with pytest.raises(ServerError, match="_step is 'string'"):
        columns_from_export(written(tmp_path / "export.parquet", {"_step": ["0"], "a": [1.0]}))


def test_wanted_columns_are_looked_up(tmp_path: Path) -> None:
    """Thousands of metrics are not compared each with each: names are hashed, so as not to be compared."""

    class Name(str):
        __slots__ = ()
        compared = 0

        def startswith(self, *_: Any) -> bool:
            raise AssertionError("a name was searched for, not looked up")

        def __eq__(self, other: object) -> bool:
            Name.compared += 1
            return str(self) == other

        __hash__ = str.__hash__

    names = [f"metric.{number}" for number in range(1_000)]
    path = written(tmp_path / "export.parquet", {"_step": [0.0]} | {name: [1.0] for name in names})
    assert len(columns_from_export(path, set(map(Name, names)))) == 1_000
    assert Name.compared < 10_000


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "_type_x"])
def test_a_metric_may_be_called_anything(tmp_path: Path, name: str) -> None:
    """Also by nothing at all."""
    path = tmp_path / "export.parquet"
    path.write_bytes(parquet([{"_step": 0, name: 1.5, "b": 2.0}]))
    assert list(columns_from_export(path, {name})) == [name]
    assert columns_from_export(path)[name].values.tolist() == [1.5]

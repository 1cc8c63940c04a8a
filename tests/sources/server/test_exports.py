"""Parquet exports become the columns that the rows in them would."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.exports import parquet
from wandb_plot.model.history import Column
from wandb_plot.sources.rows import columns_from_rows
from wandb_plot.sources.server.exports import columns_from_export

NUMBERS = st.floats() | st.integers(-(2**70), 2**70)
# Arrow has a type for no larger ones in a struct, and text has no other word for NaN than "NaN".
NESTED = st.floats() | st.integers(-(2**53), 2**53)
SPELT = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)
KINDS = {
    "number": st.none() | NUMBERS,
    "integer": st.none() | st.integers(-(2**40), 2**40),
    "flag": st.none() | st.booleans(),
    "word": st.none() | st.sampled_from(["a", "b c", "12", '{"x": 1}']),
    "bins": st.none() | st.lists(st.integers(0, 9), max_size=3),
    "picture": st.none() | st.fixed_dictionaries({"_type": st.just("image-file"), "path": st.just("p")}),
    "train": st.none()
    | st.fixed_dictionaries({"loss": NESTED}, optional={"deep": st.fixed_dictionaries({"a": NESTED})}),
    "mixed": st.none() | SPELT | st.sampled_from(["word", "NaN"]) | st.lists(st.integers(), max_size=2),
}


def assert_same(left: dict[str, Column], right: dict[str, Column]) -> None:
    """Both hold the same metrics, points and counts."""
    assert left.keys() == right.keys()
    for name, column in right.items():
        read = left[name]
        assert (read.name, read.type, read.non_null) == (column.name, column.type, column.non_null)
        np.testing.assert_array_equal(read.steps, column.steps)
        np.testing.assert_array_equal(read.values, column.values)


@given(rows=st.lists(st.fixed_dictionaries({}, optional=KINDS), min_size=1, max_size=8))
def test_an_export_is_its_rows(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]) -> None:
    """Numbers, words, pictures, dicts and mixtures of them, each on its own steps."""
    rows = [{"_step": step} | row for step, row in enumerate(rows)]
    path = tmp_path_factory.mktemp("export") / "part.parquet"
    path.write_bytes(parquet(rows))
    assert_same(columns_from_export(path, encoded={"mixed"}), columns_from_rows(rows))


def test_only_what_is_wanted_is_read(tmp_path: Path) -> None:
    """A name is exact, also where another begins with it, and may lie within a dict."""
    path = tmp_path / "part.parquet"
    path.write_bytes(parquet([{"_step": 0, "a": {"b": 1.0, "c": 2.0}, "a.b.d": 3.0, "e": 4.0}]))
    assert list(columns_from_export(path, {"a.b"})) == ["a.b"]
    assert list(columns_from_export(path, {"a.b.d", "nothing", "_step"})) == ["_step", "a.b.d"]


def test_rows_of_an_export_may_be_in_any_order(tmp_path: Path) -> None:
    """Steps ascend in what is read."""
    path = tmp_path / "part.parquet"
    path.write_bytes(parquet([{"_step": 5, "a": 1.0}, {"_step": 2, "a": 2.0}]))
    column = columns_from_export(path)["a"]
    assert (column.steps.tolist(), column.values.tolist()) == ([2, 5], [2, 1])


@pytest.mark.parametrize("kind", [pa.float32(), pa.int8(), pa.uint64(), pa.decimal128(21, 2), pa.large_string()])
def test_types_that_other_exporters_may_choose(tmp_path: Path, kind: pa.DataType) -> None:
    """Narrow and wide numbers are numbers; long strings are strings."""
    path = tmp_path / "part.parquet"
    cells = ["1", "2"] if pa.types.is_large_string(kind) else [1, 2]
    pq.write_table(pa.table({"_step": [0, 1], "a": pa.array(cells).cast(kind)}), path)
    column = columns_from_export(path)["a"]
    assert (column.type, column.values.tolist()) == (("string", []) if cells[0] == "1" else ("numeric", [1, 2]))


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    """A damaged file is an error, never an empty history."""
    path = tmp_path / "part.parquet"
    path.write_bytes(parquet([{"_step": 0, "a": 1.0}])[:-20])
    with pytest.raises(pa.ArrowInvalid):
        columns_from_export(path)

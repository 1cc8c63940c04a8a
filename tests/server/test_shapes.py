"""The shapes that W&B's servers give histories, as the test server has them."""

import io
import json
import math
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.server import RunContents, TestServer
from tests.server.asking import post
from tests.server.exports import parquet

ROWS: list[dict[str, Any]] = [
    {"_step": 0, "score": 0.5, "train": {"loss": 1.0, "note": "a"}, "done": False},
    {"_step": 1, "score": "n/a", "train": {"loss": math.nan}, "picture": {"_type": "image-file", "path": "p"}},
    {"_step": 2, "score": None},
]
EVENTS: list[dict[str, Any]] = [{"_runtime": 1.0, "system.gpu.0.powerWatts": 50.0}, {"_runtime": 2.0}]


def ask(server: TestServer, fields: str) -> Any:
    """What the run `a` has in these fields."""
    status, answer = post(
        server, f'{{ project(name: "vision", entityName: "acme") {{ run(name: "a") {{ {fields} }} }} }}'
    )
    assert status == 200, answer
    return answer["data"]["project"]["run"]


def table(content: bytes) -> Any:
    """The parquet file of this content."""
    return pq.read_table(io.BytesIO(content))


def test_keys_of_the_system_stream_stand_among_the_runs_own(serve: Callable[..., TestServer]) -> None:
    """Under names of their own, with types and counts; a boolean is a `bool`, a null counts as `nil`."""
    keys = ask(serve(RunContents("a", rows=ROWS, events=EVENTS)), "historyKeys")["historyKeys"]["keys"]
    assert keys["system/gpu.0.powerWatts"]["typeCounts"] == [{"type": "number", "count": 1}]
    assert keys["done"]["typeCounts"] == [{"type": "bool", "count": 1}]
    assert [told["type"] for told in keys["score"]["typeCounts"]] == ["number", "string", "nil"]


def test_dicts_may_be_maps_whose_entries_are_not_counted(serve: Callable[..., TestServer]) -> None:
    """In place of dotted keys; the last step may be another than it is."""
    said = ask(serve(RunContents("a", rows=ROWS, nested_keys=True, last_step_said=7.5)), "historyKeys")["historyKeys"]
    (train,) = said["keys"]["train"]["typeCounts"]
    assert train == {
        "type": "map",
        "count": 2,
        "keys": {"loss": [{"type": "number"}, {"type": "string"}], "note": [{"type": "string"}]},
    }
    assert said["lastStep"] == 7.5


def test_live_rows_are_flat_and_their_numbers_floats(serve: Callable[..., TestServer]) -> None:
    """Media are whole, and NaN is a word."""
    server = serve(RunContents("a", rows=ROWS))
    keys = json.dumps(["_step", "train.loss", "picture"])
    (first, second, third) = ask(server, f"parquetHistory(liveKeys: {keys}) {{ liveData }}")["parquetHistory"][
        "liveData"
    ]
    assert json.dumps(first) == '{"_step": 0.0, "train.loss": 1.0}'
    assert second == {"_step": 1, "train.loss": "NaN", "picture": {"_type": "image-file", "path": "p"}}
    assert third == {"_step": 2}


def test_exports_are_flat_and_several_types_are_a_struct() -> None:
    """Each row has one of its fields; steps are floats that may be null."""
    flat = table(parquet(ROWS))
    assert flat.schema.names == ["_step", "score", "train.loss", "train.note", "done", "picture"]
    assert str(flat.schema.field("_step").type) == "double"
    assert flat["score"].to_pylist() == [
        {"_type_float64": 0.5, "_type_utf8": None},
        {"_type_float64": None, "_type_utf8": "n/a"},
        None,
    ]


def test_exports_may_have_structs_or_bytes() -> None:
    """A dict is a column then, or every cell is JSON."""
    assert table(parquet(ROWS, "nested"))["train"].to_pylist()[0] == {"loss": 1.0, "note": "a"}
    assert table(parquet(ROWS, "binary"))["score"].to_pylist() == [b"0.5", b'"n/a"', None]


def test_a_part_without_rows_has_no_column() -> None:
    """As compaction leaves them."""
    empty = table(parquet([]))
    assert (empty.num_columns, empty.schema.metadata[b"wandb-compacted"]) == (0, b"true")


@pytest.mark.parametrize("field", ["historyKeys", "parquetHistory(liveKeys: []) { liveData }"])
def test_a_server_may_be_too_old_for_a_field(serve: Callable[..., TestServer], field: str) -> None:
    """It refuses the whole query, and names the field."""
    server = serve(RunContents("a", rows=ROWS))
    server.contents.missing_fields = frozenset({"Run.historyKeys", "Run.parquetHistory"})
    status, answer = post(
        server, f'{{ project(name: "vision", entityName: "acme") {{ run(name: "a") {{ {field} }} }} }}'
    )
    assert status == 400
    assert answer["errors"][0]["message"].startswith(f"Cannot query field '{field.partition('(')[0]}' on type 'Run'")


def test_an_answer_may_be_altered(serve: Callable[..., TestServer]) -> None:
    """Only that of the operations named."""
    server = serve(RunContents("a", rows=ROWS))
    server.alter("Odd*", lambda data: {"project": data["project"] and 5})
    query = 'query {} {{ project(name: "vision") {{ name }} }}'
    assert post(server, query.format("OddOne"))[1] == {"data": {"project": 5}}
    assert post(server, query.format("Other"))[1] == {"data": {"project": {"name": "vision"}}}

"""Histories in the shapes that W&B's own servers give them: nothing is lost, whatever the shape."""

import io
import math
from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.server import Contents, RunContents, TestServer
from tests.server.samples import axes, system_stream
from tests.sources.server.remote import Remote, warnings
from wandb_plot.errors import ServerError
from wandb_plot.model.history import History
from wandb_plot.sources.server.source import ServerSource


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process with the real client for all tests of this module."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


def history(source: ServerSource, metrics: list[str] | None, samples: int | None = None) -> tuple[History, list[str]]:
    """The history of the only run, and what was warned of."""
    (run,) = source.find("abc")
    return source.history(run, metrics, samples=samples), warnings()


def types(source: ServerSource) -> dict[str, str]:
    """The types of the only run's metrics, as known without its history."""
    (run,) = source.find("abc")
    return source.metric_types(run)


def serve(rows: list[dict[str, Any]], **options: Any) -> TestServer:
    """A server with one run of these rows."""
    return TestServer(Contents.of(RunContents("abc", rows=rows, **options)))


def numbered(count: int) -> list[dict[str, Any]]:
    """Rows whose loss is their step."""
    return [axes(step) | {"loss": float(step)} for step in range(count)]


def export(**columns: Any) -> bytes:
    """An export of these columns."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


MANY_TYPES: list[dict[str, Any]] = [
    axes(0) | {"score": 0.5, "train": {"loss": 1.0, "note": "warm-up"}},
    axes(1) | {"score": "n/a", "picture": {"_type": "image-file", "path": "a.png"}},
    axes(2) | {"score": True, "train": {"loss": math.nan}},
    axes(3) | {"score": [1, 2], "done": False},
    axes(4) | {"score": {"deep": 4.0}, "done": 1},
    axes(5) | {"score": {"_type": "histogram"}, "train": {"loss": 3.0, "note": "12"}},
]


@pytest.mark.parametrize("style", ["flat", "nested", "binary"])
def test_metrics_of_several_types_are_whole(remote: Remote, style: Literal["flat", "nested", "binary"]) -> None:
    """Whatever form the export has, it gives what the rows give, and the types that are known beforehand."""
    with serve(MANY_TYPES) as server:
        live, _ = remote(server.env, history, None)
        known = remote(server.env, types)
    with serve(MANY_TYPES, exports=[(0, 3), (3, 6)], export_style=style) as server:
        exported, said = remote(server.env, history, None)
    described = [
        [(name, column.type, column.steps.tolist(), column.non_null) for name, column in read.columns.items()]
        for read in (live, exported)
    ]
    assert described[0] == described[1]
    assert {name: column.type for name, column in exported.columns.items()} == known
    assert known["score"] == "mixed"
    assert exported.columns["train.note"].type == "string"
    np.testing.assert_array_equal(exported.columns["train.loss"].values, [1.0, math.nan, 3.0])
    assert said == []


def test_parts_may_be_empty_and_differ(remote: Remote) -> None:
    """No column, no row, no step, null steps, another type for the same metric: what has a step is read."""
    exports = [
        export(),
        export(_step=pa.array([], pa.float64()), loss=pa.array([], pa.float64())),
        export(loss=[1.0]),
        export(_step=pa.array([None, 12.0]), loss=pa.array([b"99", b"12"], pa.binary())),
        export(loss=pa.array(["eleven"]), _step=[11.0]),
    ]
    with serve(
        [*numbered(10), {"_step": 11, "loss": "eleven"}, {"_step": 12, "loss": 12}],
        exports=[(0, 10)],
        extra_exports=exports,
    ) as server:
        read, said = remote(server.env, history, ["loss"])
    assert said == []
    assert (read.columns["loss"].type, read.rows) == ("mixed", 12)
    assert read.columns["loss"].steps.tolist() == [*range(10), 12]


@pytest.mark.parametrize("exports", [[(0, 60)], [(40, 100)], [(0, 30), (60, 100)], [(20, 30), (50, 60)], []])
def test_rows_in_no_export_are_paged_though_none_is_said_to_be_live(
    remote: Remote, exports: list[tuple[int, int]]
) -> None:
    """Before the exports, between and after them."""
    with serve(numbered(100), exports=exports, reports_live=False) as server:
        read, said = remote(server.env, history, ["loss"])
    assert read.columns["loss"].values.tolist() == list(range(100))
    assert said == []


def test_the_system_stream_is_not_the_users(remote: Remote) -> None:
    """Its keys stand among the user's, under names of their own; either name finds it."""
    with serve(numbered(30), events=system_stream(5)) as server:
        known = remote(server.env, types)
        assert sorted(name for name in known if name.startswith("system")) == ["system.cpu", "system.memory"]
        for name in ("system.cpu", "system/cpu"):
            read, _ = remote(server.env, history, [name, "loss"], 10)
            assert list(read.columns) == ["loss", "system.cpu"]
            assert len(read.columns["system.cpu"].steps) == 5


def test_what_the_user_logs_as_system_is_the_users(remote: Remote) -> None:
    """It is in the summary, where the system stream never is."""
    with serve([axes(step) | {"system/own": step} for step in range(10)], events=system_stream(5)) as server:
        assert remote(server.env, types)["system/own"] == "numeric"
        read, _ = remote(server.env, history, ["system/own"])
    assert len(read.columns["system/own"].steps) == 10


def test_maps_without_counts(remote: Remote) -> None:
    """What is nested isn't counted by the server: its type is known, and a sample of it has its last point."""
    rows = [axes(step) | {"train": {"loss": float(step), "net": {"norm": 1.0}}} for step in range(200)]
    with serve(rows, nested_keys=True) as server:
        assert remote(server.env, types) == {
            "_runtime": "numeric",
            "_step": "numeric",
            "_timestamp": "numeric",
            "train.loss": "numeric",
            "train.net.norm": "numeric",
        }
        read, _ = remote(server.env, history, ["train.loss"], 50)
        assert (read.columns["train.loss"].steps[-1], read.sampled) == (199, {"train.loss"})
        read, _ = remote(server.env, history, ["train.loss"])
        assert len(read.columns["train.loss"].steps) == 200


@pytest.mark.parametrize("said", [199.0, 12.0, 150.5, -1.0, 0.0])
@pytest.mark.parametrize("exports", [[], [(0, 100)]])
def test_a_last_step_that_is_stale(remote: Remote, said: float, exports: list[tuple[int, int]]) -> None:
    """It may be a float, and out of date: every row is read all the same, and a sample has the last point."""
    with serve(numbered(200), last_step_said=said, exports=exports) as server:
        read, warned = remote(server.env, history, ["loss"])
        assert read.columns["loss"].values.tolist() == list(range(200))
        sampled, _ = remote(server.env, history, ["loss"], 50)
        assert sampled.columns["loss"].steps[-1] == 199
    assert warned == []


def test_a_last_page_holds_more_than_a_page(remote: Remote) -> None:
    """Rows that were logged since the run was looked up come page by page, none left to chance."""
    rows: list[dict[str, Any]] = [{"_step": step, "loss": float(step)} for step in range(10_200)]
    with serve(rows, last_step_said=5.0) as server:
        read, _ = remote(server.env, history, ["loss"])
        assert server.count("HistoryPage") == 3
    assert read.columns["loss"].values.tolist() == list(range(10_200))


@pytest.mark.parametrize("keys", [None, {"keys": {}, "lastStep": 190}])
def test_a_server_that_does_not_count_rows(remote: Remote, keys: Any) -> None:
    """All are read, and none is said to be missing."""

    def forget(data: Any) -> Any:
        for edge in data["project"]["runs"]["edges"]:
            edge["node"] |= {"historyLineCount": None, "historyKeys": keys}
        return data

    with serve([{"_step": step * 10, "loss": float(step)} for step in range(20)], exports=[(0, 10)]) as server:
        server.alter("Runs", forget)
        read, said = remote(server.env, history, ["loss"])
    assert read.columns["loss"].values.tolist() == list(range(20))
    assert said == []


@pytest.mark.parametrize("missing", ["Run.parquetHistory", "Run.sampledHistory"])
def test_a_server_too_old_for_a_field_is_asked_otherwise(remote: Remote, missing: str) -> None:
    """Without exports rows are paged, and without samples all are read."""
    with serve(numbered(200), exports=[(0, 100)], events=system_stream(3)) as server:
        server.contents.missing_fields = frozenset({missing})
        exact, _ = remote(server.env, history, ["loss"])
        sampled, _ = remote(server.env, history, ["loss"], 50)
    assert exact.columns["loss"].values.tolist() == list(range(200))
    assert sampled.columns["loss"].steps[-1] == 199
    assert sampled.sampled == (set() if missing == "Run.sampledHistory" else {"loss"})


def test_a_server_too_old_for_the_system_stream(remote: Remote) -> None:
    """The rest is read, and it is said."""
    with serve(numbered(5), events=system_stream(3)) as server:
        server.contents.missing_fields = frozenset({"Run.eventsLineCount"})
        read, said = remote(server.env, history, None)
    assert read.columns["loss"].values.tolist() == list(range(5))
    assert said == ["the server is too old to give the system stream"]


@pytest.mark.parametrize("name", ["", ".", "a.", "system."])
def test_a_metric_may_be_called_anything(remote: Remote, name: str) -> None:
    """Live, exported and sampled."""
    rows = [axes(step) | {name: float(step)} for step in range(40)]
    for options in ({}, {"exports": [(0, 40)]}):
        with serve(rows, **options) as server:
            assert remote(server.env, types)[name] == "numeric"
            for samples in (None, 10):
                read, _ = remote(server.env, history, [name], samples)
                assert read.columns[name].steps[-1] == 39


def run_of(data: Any) -> Any:
    """The run within an answer."""
    return data["project"]["run"]


def announced(rows: int) -> Callable[[Any], Any]:
    """What has runs say that they have so many rows."""

    def change(data: Any) -> Any:
        for edge in data["project"]["runs"]["edges"]:
            edge["node"]["historyLineCount"] = rows
        return data

    return change


BROKEN: list[tuple[str, dict[str, Any] | None, str]] = [
    ("HistoryPage", None, "its data is None"),
    ("RunSampledHistory", None, "its data is None"),
    ("RunEvents", None, "its data is None"),
    ("HistoryPage", {"history": ["no JSON"]}, "a row of the history is 'no JSON'"),
    ("HistoryPage", {"history": ["[1]"]}, "a row of the history"),
    ("HistoryPage", {"history": [None]}, "a row of the history"),
    ("HistoryPage", {"history": ["[" * 5_000]}, "a row of the history"),
    ("HistoryPage", {"history": 5}, "history is 5"),
    ("RunSampledHistory", {"sampledHistory": None}, "number of samples"),
    ("RunSampledHistory", {"sampledHistory": [[], []]}, "number of samples"),
    ("RunSampledHistory", {"sampledHistory": [5]}, "a sample of the history is 5"),
    ("RunSampledHistory", {"sampledHistory": [[5]]}, "a row of a sample is 5"),
    ("RunEvents", {"events": ["no JSON"]}, "a row of the system stream"),
    ("RunEvents", {"eventsLineCount": "many"}, "number of rows of the system stream is 'many'"),
]


@pytest.mark.parametrize(("operation", "answer", "said"), BROKEN)
def test_a_broken_answer_is_named(remote: Remote, operation: str, answer: dict[str, Any] | None, said: str) -> None:
    """It is the server's fault, and the message says what was odd."""
    with serve(numbered(200), events=system_stream(3)) as server:
        server.alter(operation, lambda data: answer and {"project": {"run": run_of(data) | answer}})
        metrics = ["system.cpu"] if operation == "RunEvents" else ["loss"]
        with pytest.raises(ServerError, match=said) as caught:
            remote(server.env, history, metrics, 50 if operation == "RunSampledHistory" else None)
    assert len(caught.value.message) < 250


def test_a_number_of_thousands_of_digits_is_infinite(remote: Remote) -> None:
    """As it would be had it been logged with an exponent."""
    with serve(numbered(2)) as server:
        line = '{"_step": 0, "loss": ' + "9" * 5_000 + "}"
        server.alter("HistoryPage", lambda data: {"project": {"run": run_of(data) | {"history": [line]}}})
        read, _ = remote(server.env, history, ["loss"])
    assert read.columns["loss"].values.tolist() == [math.inf]


def test_a_step_beyond_all_bounds_is_none(remote: Remote) -> None:
    """A row that has such a step is left out, like one that has none."""
    with serve(numbered(2)) as server:
        lines = ['{"_step": 0, "loss": 1}', '{"_step": 1' + "0" * 400 + ', "loss": 2}', '{"_step": null, "loss": 3}']
        server.alter("HistoryPage", lambda data: {"project": {"run": run_of(data) | {"history": lines}}})
        read, said = remote(server.env, history, ["loss"])
    assert read.columns["loss"].values.tolist() == [1]
    assert said == ["the server has 2 rows of abc, but gave 1"]


@pytest.mark.parametrize("said", [None, *map(float, range(0, 300, 60))])
def test_a_sample_of_one_point_has_the_last(remote: Remote, said: float | None) -> None:
    """However many times that takes, and whichever step the server takes for the last."""
    with serve(numbered(300), last_step_said=said) as server:
        read, _ = remote(server.env, history, ["loss"], 1)
    assert read.columns["loss"].steps[-1] == 299


def test_a_page_that_is_always_the_same_ends_paging(remote: Remote) -> None:
    """Never the same rows over and over: the server's mistake is told."""
    with serve(numbered(2), last_step_said=25_000) as server:
        server.alter("Runs", announced(25_000))
        first = [f'{{"_step": {step}, "loss": 1}}' for step in range(100)]
        server.alter("HistoryPage", lambda data: {"project": {"run": run_of(data) | {"history": first}}})
        with pytest.raises(ServerError, match="the step of a row of the history from step"):
            remote(server.env, history, ["loss"])


def test_samples_that_stand_still_end_sampling(remote: Remote) -> None:
    """Rows that were given before bring nothing new."""
    with serve(numbered(200)) as server:
        sample = [[{"_step": step, "loss": 1.0} for step in range(50)]]
        server.alter("RunSampledHistory", lambda data: {"project": {"run": run_of(data) | {"sampledHistory": sample}}})
        with pytest.raises(ServerError, match="the step of a row of a sample from step 50 on is 0"):
            remote(server.env, history, ["loss"], 50)


@pytest.mark.parametrize("said", [None, 1e12])
def test_rows_without_end_are_announced(remote: Remote, said: float | None) -> None:
    """No more is asked for than there is, and what is missing is told."""
    with serve(numbered(100), last_step_said=said) as server:
        server.alter("Runs", announced(10**12))
        read, warned = remote(server.env, history, ["loss"])
        assert server.count("HistoryPage") < 40
    assert read.columns["loss"].values.tolist() == list(range(100))
    assert warned == ["the server has 1000000000000 rows of abc, but gave 100"]


def test_an_export_of_far_more_rows_than_announced_is_refused(remote: Remote) -> None:
    """A small file may stand for billions of rows."""
    many = export(_step=pa.array(np.zeros(300_000)))
    refused = pytest.raises(ServerError, match="number of rows of an export")
    with serve(numbered(10), extra_exports=[many], exports=[(0, 10)]) as server, refused:
        remote(server.env, history, ["loss"])

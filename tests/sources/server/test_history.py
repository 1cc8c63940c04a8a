"""Histories of a server: every point of every metric, and no more requests than that takes."""

import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from tests.server import Contents, RunContents, TestServer
from tests.server.samples import axes, sample_contents, system_stream
from tests.sources.server.remote import Remote, warnings
from wandb_plot.errors import AccessError, ServerError
from wandb_plot.model.history import History
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.server.client.project import ServerProject

EXACT = ["RunParquetHistory", "/storage"]


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process with the real client for all tests of this module."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


def history(
    source: ServerProject, name: str, metrics: list[str] | None, samples: int | None = None, over: str | None = None
) -> History:
    """The history of the run called so."""
    (run,) = source.find(name)
    return source.history(run, metrics, samples=samples, over=over)


def warned(_: ServerProject) -> list[str]:
    """What was warned of so far."""
    return warnings()


def flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """What a row holds, nested keys joined with dots."""
    for key, value in row.items():
        if isinstance(value, dict) and "_type" not in value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def logged(rows: list[dict[str, Any]], axis: str = "_step") -> dict[str, list[tuple[float, float]]]:
    """Every number of `rows` by metric, with the step it stands at."""
    numbers: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        for name, value in flat(row):
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers.setdefault(name, []).append((float(row[axis]), float(value)))
    return numbers


def points(read: History) -> dict[str, list[tuple[float, float]]]:
    """Every number of a history by metric, with its step."""
    return {
        name: list(zip(column.steps.tolist(), column.values.tolist(), strict=True))
        for name, column in read.columns.items()
        if len(column.steps)
    }


def asked(server: TestServer) -> list[str]:
    """What was asked for beside the login and the listing; of storage only that."""
    names = [request.operation for request in server.requests]
    return ["/storage" if name.startswith("/storage") else name for name in names if name not in ("Viewer", "Runs")]


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("exported", [*EXACT, "/storage"]),  # in two exports
        ("growing", [*EXACT, "HistoryPage"]),  # with a live tail
        ("sparse", ["RunParquetHistory", "HistoryPage"]),  # no exports, steps jump by ten
        ("diverged", [*EXACT, "HistoryPage"]),  # NaN strings and media
        ("wide", EXACT),  # 150 metrics
        ("empty", []),
    ],
)
def test_every_logged_point_arrives(remote: Remote, name: str, requests: list[str]) -> None:
    """Each metric has the numbers the server holds, on its own steps, in as few requests as that takes."""
    contents = sample_contents()
    held = contents.find("acme", "vision", name)
    assert held
    with TestServer(contents) as server:
        server.latency = 0.05
        read = remote(server.env, history, name, None)
        assert asked(server) == [*requests, "RunEvents"]
    assert read.rows == len(held.rows)
    assert read.system_rows == len(held.events)
    stream = {name: found for name, found in logged(held.events, "_runtime").items() if name.startswith("system.")}
    # As text, since NaN is not equal to itself.
    assert repr(points(read)) == repr(dict(sorted({**logged(held.rows), **stream}.items())))


def test_histories_read_at_once_are_those_read_one_by_one(remote: Remote) -> None:
    """Several threads may read several runs of one source."""
    with TestServer(sample_contents()) as server:
        together, single = remote(server.env, both_ways)
    assert [repr(points(read)) for read in together] == [repr(points(read)) for read in single]


def both_ways(source: ServerProject) -> tuple[list[History], list[History]]:
    """The histories of all runs, read at once and one by one."""
    runs = source.runs(RunQuery())
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda run: source.history(run, None), runs))
    return together, [source.history(run, None) for run in runs]


def test_types_of_a_mixed_history(remote: Remote) -> None:
    """Words and pictures are counted beside the numbers, and make no points."""
    with TestServer(sample_contents()) as server:
        read = remote(server.env, history, "diverged", ["phase", "weights", "loss"])
    described = {name: (column.type, len(column.steps), column.non_null) for name, column in read.columns.items()}
    assert described == {"loss": ("numeric", 60, 40), "phase": ("mixed", 40, 60), "weights": ("image", 0, 1)}


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("exports", [[], [(0, 4)], [(0, 2)]])
def test_non_finite_numbers_are_numbers(remote: Remote, *, bare: bool, exports: list[tuple[int, int]]) -> None:
    """Whether they arrive as strings, as bare tokens, or as floats of an export."""
    rows = [{"_step": step, "loss": value} for step, value in enumerate([1.0, math.nan, math.inf, -math.inf])]
    with TestServer(Contents.of(RunContents("abc", rows=rows, exports=exports, bare_tokens=bare))) as server:
        loss = remote(server.env, history, "abc", ["loss"]).columns["loss"]
    assert (loss.type, loss.non_null) == ("numeric", 3)
    np.testing.assert_array_equal(loss.values, [1.0, math.nan, math.inf, -math.inf])


def test_a_long_history_without_exports_comes_in_pages_of_rows(remote: Remote) -> None:
    """Pages follow the rows, not the steps: 12,000 rows whose steps jump by ten take two."""
    rows = [{"_step": step * 10, "loss": step / 7} for step in range(12_000)]
    with TestServer(Contents.of(RunContents("abc", rows=rows))) as server:
        read = remote(server.env, history, "abc", ["loss"])
        assert server.count("HistoryPage") == 2
    assert points(read) == {"loss": [(step * 10, step / 7) for step in range(12_000)]}


def test_metrics_of_different_cadence_are_each_complete(remote: Remote) -> None:
    """Two metrics that never share a step lose no point to one another, exact or sampled."""
    rows = [{"_step": step, "even" if step % 2 == 0 else "odd": step} for step in range(2_000)]
    with TestServer(Contents.of(RunContents("abc", rows=rows))) as server:
        exact = remote(server.env, history, "abc", ["even", "odd"])
        sampled = remote(server.env, history, "abc", ["even", "odd"], 1_000)
    assert {name: len(column.steps) for name, column in exact.columns.items()} == {"even": 1_000, "odd": 1_000}
    # A thousand points of each is all there is, so nothing was left out.
    assert points(sampled) == points(exact)
    assert not sampled.sampled


def test_a_sample_of_many_metrics_takes_few_requests_and_keeps_the_last_points(remote: Remote) -> None:
    """One request for all, one more for their last points; metrics that stopped early keep their own."""
    rows = [{"_step": step, "_runtime": step / 2, "loss": step, "seldom": step} for step in range(3_000)]
    for row in rows[1_000:]:
        del row["seldom"]
    with TestServer(Contents.of(RunContents("abc", rows=rows))) as server:
        read = remote(server.env, history, "abc", ["loss", "seldom", "_runtime"], 100)
        assert asked(server) == ["RunSampledHistory"] * 2
    loss, seldom, runtime = (read.columns[name] for name in ("loss", "seldom", "_runtime"))
    assert (len(loss.steps), loss.steps[-1]) == (101, 2_999)
    assert (len(seldom.steps), seldom.steps[-1]) == (101, 999)
    np.testing.assert_array_equal(runtime.steps, np.union1d(loss.steps, seldom.steps))
    np.testing.assert_array_equal(runtime.values, runtime.steps / 2)
    assert read.rows == 3_000
    assert read.sampled == {"loss", "seldom", "_runtime"}
    assert (loss.non_null, seldom.non_null) == (3_000, 1_000), "as many as were logged, not as were read"


def test_a_sample_of_150_metrics(remote: Remote) -> None:
    """Wide runs are asked for in several requests at once."""
    rows = [axes(step) | {f"metric{number}": step + number for number in range(150)} for step in range(60)]
    with TestServer(Contents.of(RunContents("abc", rows=rows))) as server:
        read = remote(server.env, history, "abc", [f"metric{number}" for number in range(150)], 50)
        assert asked(server) == ["RunSampledHistory"] * len(asked(server))
        assert len(asked(server)) <= 12
    assert all(column.steps[-1] == 59 and len(column.steps) in (50, 51) for column in read.columns.values())
    assert len(read.columns) == 150


def test_a_sample_over_a_metric_is_of_rows_that_hold_both(remote: Remote) -> None:
    """Samples of each by itself would share few rows; what shares none with the axis comes all the same."""
    rows: list[dict[str, Any]] = [{"_step": step, "loss": step, "epoch": step / 10} for step in range(3_000)]
    for row in rows[::5]:
        row["seldom"] = row["_step"]
    rows[7] = {"_step": 7, "elsewhere": 7}
    with TestServer(Contents.of(RunContents("abc", rows=rows))) as server:
        metrics = ["loss", "seldom", "elsewhere", "epoch"]
        read = remote(server.env, history, "abc", metrics, 100, "epoch")
        assert asked(server) == ["RunSampledHistory"] * 2
    loss, seldom, elsewhere, epoch = (read.columns[name] for name in metrics)
    assert (len(loss.steps), loss.steps[-1]) == (101, 2_999)
    assert (len(seldom.steps), seldom.steps[-1]) == (101, 2_995)
    np.testing.assert_array_equal(epoch.steps, np.union1d(loss.steps, seldom.steps))
    np.testing.assert_array_equal(epoch.values, epoch.steps / 10)
    assert elsewhere.steps.tolist() == [7]


def test_a_short_run_is_read_in_full_where_a_sample_would_do(remote: Remote) -> None:
    """No more rows than samples: nothing is sampled."""
    with TestServer(sample_contents()) as server:
        read = remote(server.env, history, "sparse", ["train.loss"], 300)
        assert "RunSampledHistory" not in asked(server)
    assert len(read.columns["train.loss"].steps) == 300
    assert not read.sampled


def test_a_long_system_stream_is_read_whole(remote: Remote) -> None:
    """Where the first answer was a sample, all of it is asked for."""
    with TestServer(Contents.of(RunContents("abc", events=system_stream(7_000)))) as server:
        read = remote(server.env, history, "abc", ["system.cpu"])
        assert asked(server) == ["RunEvents"] * 2
    assert (len(read.columns["system.cpu"].steps), read.system_rows, read.sampled) == (7_000, 7_000, frozenset())
    assert list(read.columns) == ["system.cpu"]


@pytest.mark.parametrize("samples", [None, 20])
def test_a_logged_metric_may_be_called_as_the_system_stream_is(remote: Remote, samples: int | None) -> None:
    """It is none of that stream's: it has steps, and counts the rows of the history."""
    rows = [{"_step": step, "system.own": step} for step in range(50)]
    with TestServer(Contents.of(RunContents("abc", rows=rows, events=system_stream(5)))) as server:
        whole = remote(server.env, history, "abc", None)
        read = remote(server.env, history, "abc", ["system.own", "system.cpu"], samples, cache=True)
        again = remote(server.env, history, "abc", ["system.own", "system.cpu"], samples, cache=True)
    assert {name for name, column in whole.columns.items() if column.is_system} == {"system.cpu", "system.memory"}
    for found in (read, again):
        assert list(found.columns) == ["system.cpu", "system.own"]
        assert found.columns["system.own"].steps[-1] == 49
        assert (found.rows_of("system.own"), found.rows_of("system.cpu")) == (50, 5)


def test_a_metric_that_was_never_logged_is_no_column(remote: Remote) -> None:
    """Exact or sampled, what isn't there doesn't appear."""
    with TestServer(sample_contents()) as server:
        assert list(remote(server.env, history, "exported", ["train.loss", "nothing"]).columns) == ["train.loss"]
        assert list(remote(server.env, history, "exported", ["train.loss", "no"], 50).columns) == ["train.loss"]


@pytest.mark.parametrize("fault", ["cut", "garble", "forbidden", "missing"])
def test_an_export_that_arrives_broken_is_fetched_again(remote: Remote, fault: str) -> None:
    """The client returns normally with an export missing or damaged; here every point is there in the end."""
    contents = sample_contents()
    with TestServer(contents) as server:
        if fault in ("cut", "garble"):
            getattr(server, fault)("/storage/exports/*", times=2)
        else:
            server.fail("/storage/exports/*", status=403 if fault == "forbidden" else 404)
        read = remote(server.env, history, "exported", ["train.loss"])
    assert len(read.columns["train.loss"].steps) == 4_000


def test_an_export_that_never_arrives_is_an_error(remote: Remote) -> None:
    """Never a part of a history for the whole; the address in the message isn't signed."""
    with TestServer(sample_contents()) as server:
        server.fail("/storage/exports/*", times=None, status=403)
        with pytest.raises(AccessError, match="an export of the history did not arrive") as caught:
            remote(server.env, history, "exported", ["train.loss"])
        server.faults.clear()
        server.cut("/storage/exports/*", times=None)
        with pytest.raises(ServerError):
            remote(server.env, history, "exported", ["train.loss"])
    assert "Signature" not in caught.value.message


@pytest.mark.parametrize("operation", ["RunParquetHistory", "HistoryPage", "RunSampledHistory", "RunEvents", "Runs"])
def test_answers_that_break_off_are_asked_for_again(remote: Remote, operation: str) -> None:
    """A body cut short is ridden out, whichever it is."""
    with TestServer(sample_contents()) as server:
        server.cut(operation, times=2)
        samples = 100 if operation == "RunSampledHistory" else None
        read = remote(server.env, history, "growing", ["train.loss", "system.cpu"], samples)
        assert server.count(operation) >= 3
    assert read.columns["train.loss"].steps[-1] == 1_999


def test_less_than_the_server_says_it_has_is_said(remote: Remote) -> None:
    """A server that counts rows it doesn't give is not taken at its word in silence."""
    contents = Contents.of(RunContents("abc", rows=[{"_step": step, "loss": 1.0} for step in (0, 1, 1, 2)]))
    with TestServer(contents) as server:
        assert remote(server.env, history, "abc", ["loss"]).rows == 3
        assert remote(server.env, warned) == ["the server has 4 rows of abc, but gave 3"]


def test_the_client_says_nothing(remote: Remote) -> None:
    """Neither progress nor logs of the client get to the terminal."""
    with TestServer(sample_contents()) as server:
        remote(server.env, history, "exported", None)
    assert remote.said() == ""

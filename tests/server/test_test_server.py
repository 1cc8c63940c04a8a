"""The test server, proved through the real client, so that what passes against it has met W&B's own queries."""

import base64
import hashlib
import json
import math
import os
import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.forking import fork, run_script
from tests.server import Contents, RunContents, TestServer
from tests.server.asking import fetch
from tests.server.rows import flattened, spoken
from tests.server.samples import exported, growing, sample_contents

# What asks the client about `server`, after which `found` is printed.
CLIENT = """
import json, os, sys
import wandb
found = {{}}
api = wandb.Api(timeout=20)
{body}
print(json.dumps(found))
"""


def client(server: TestServer, body: str, **environment: str) -> dict[str, Any]:
    """What `body`, run against `server` by the real client, puts into `found`."""
    script = CLIENT.format(body=textwrap.dedent(body))
    process = fork(partial(run_script, script), os.environ | server.env | environment, Path(server.env["WANDB_DIR"]))
    said, failure = process.stdout.read(), process.stderr.read()
    assert process.wait() == 0, failure.decode()
    process.close()
    return json.loads(said)  # type: ignore[no-any-return]


ROWS = [{"_step": step, "x": step / 2} for step in range(10)]


@pytest.fixture
def server() -> Iterator[TestServer]:
    """A server of a few small runs, for one test alone."""
    runs = (
        RunContents("a", rows=ROWS, exports=[(0, 10)]),
        RunContents("partly", rows=ROWS, exports=[(0, 6)]),
        RunContents("silent", rows=ROWS, reports_live=False),
    )
    with TestServer(Contents.of(*runs)) as server:
        yield server


@pytest.fixture(scope="module")
def samples() -> Iterator[TestServer]:
    """A server that holds the samples; tests only read from it."""
    with TestServer(sample_contents()) as server:
        yield server


@pytest.fixture(scope="module")
def reading(samples: TestServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the real client reads of the samples, in one process."""
    folder = tmp_path_factory.mktemp("exports")
    return client(
        samples,
        f"""
        found["entity"], found["user"] = api.default_entity, api.viewer.username
        found["projects"] = [project.name for project in api.projects("acme")]
        runs = api.runs("vision", order="-created_at", per_page=4, lazy=False)
        found["runs"], found["length"] = [run.id for run in runs], len(runs)
        run = api.run("acme/vision/exported")
        found["run"] = dict(
            name=run.name, state=run.state, config=run.config, summary=run.summary_metrics, tags=run.tags,
            group=run.group, created=run.created_at, heartbeat=run.heartbeatAt, rows=run.historyLineCount,
            last=run.lastHistoryStep, keys=run.historyKeys["keys"], url=run.url,
        )
        found["sampled"] = run.history(keys=["train.loss", "val/accuracy"], samples=50, pandas=False)
        found["rows"] = run.history(samples=20, pandas=False)
        found["events"] = run.history(stream="system", samples=1000, pandas=False)
        found["scan"] = {{name: list(api.run("vision/" + name).scan_history()) for name in ("sparse", "empty")}}
        found["tail"] = list(api.run("vision/growing").scan_history(min_step=1500))
        found["bad"] = list(api.run("vision/diverged").scan_history(min_step=30))
        for name in ("exported", "growing", "sparse", "wide"):
            outcome = api.run("vision/" + name).download_history_exports(
                os.path.join({str(folder)!r}, name), require_complete_history=False
            )
            found[name] = [[str(path) for path in outcome.paths], outcome.contains_live_data, outcome.errors]
        found["files"] = [[file.name, file.size, file.md5] for file in run.files(per_page=4)]
        found["logs"] = [file.name for file in run.files(pattern="%.log")]
        found["named"] = [file.name for file in run.files(names=["config.yaml"])]
        run.file(found["files"][1][0]).download({str(folder)!r})
        found["folder"] = {str(folder)!r}
        """,
    )


def test_account_and_projects(reading: dict[str, Any]) -> None:
    """The client finds out who it is, and which projects there are."""
    assert reading["entity"] == reading["user"] == "acme"
    assert reading["projects"] == ["vision"]


def test_runs_come_in_pages(reading: dict[str, Any]) -> None:
    """All runs come in the order asked for, over several pages."""
    assert reading["runs"] == ["wide", "empty", "diverged", "sparse", "growing", "exported"]
    assert reading["length"] == 6


def test_run_says_of_itself_what_was_put_in(reading: dict[str, Any], samples: TestServer) -> None:
    """Name, state, config, summary and marks of a run are those of its contents."""
    held, said = exported(), reading["run"]
    assert (said["name"], said["state"], said["tags"], said["group"]) == ("baseline", "finished", ["baseline"], "first")
    assert said["config"] == held.config
    assert said["summary"]["train"] == held.rows[-1]["train"]
    assert (said["rows"], said["last"]) == (4000, 3999)
    assert (said["created"], said["heartbeat"]) == ("2024-01-01T01:00:00Z", "2024-01-01T01:33:19Z")
    assert said["keys"]["val/accuracy"]["typeCounts"] == [{"type": "number", "count": 400}]
    assert said["keys"]["roc"]["typeCounts"] == [{"type": "image-file", "count": 8}]
    assert said["url"] == f"{samples.url}/acme/vision/runs/exported"


def test_samples_are_rows_that_hold_every_key(reading: dict[str, Any]) -> None:
    """A sampled history has no more rows than asked for, each with all keys and as it was logged."""
    held = {row["_step"]: flattened(row) for row in exported().rows}
    assert len(reading["sampled"]) == 50
    for row in reading["sampled"]:
        assert row == {key: held[row["_step"]][key] for key in ("_step", "train.loss", "val/accuracy")}


def test_sampled_rows_are_whole(reading: dict[str, Any]) -> None:
    """Without keys, whole rows are sampled, in order and nested as they were logged."""
    held = exported().rows
    assert len(reading["rows"]) == 20
    assert reading["rows"] == [held[row["_step"]] for row in reading["rows"]]


def test_system_stream(reading: dict[str, Any]) -> None:
    """The events are the system stream."""
    assert reading["events"] == exported().events


def test_live_rows_are_scanned(reading: dict[str, Any], samples: TestServer) -> None:
    """A scan finds every row where nothing was exported, and those after the exports."""
    vision = samples.contents.project("acme", "vision")
    assert reading["scan"] == {"sparse": vision.runs["sparse"].rows, "empty": []}
    assert reading["tail"] == growing().rows[1500:]


def test_non_finite_numbers_are_words(reading: dict[str, Any]) -> None:
    """NaN and the infinities of live rows arrive as W&B's words for them."""
    losses = [row["loss"] for row in reading["bad"] if row["_step"] >= 50]
    assert losses == ["NaN"] * 10
    assert spoken({"a": [-math.inf]}) == {"a": ["-Infinity"]}


@pytest.mark.parametrize(
    ("run", "exports", "live"), [("exported", 2, False), ("growing", 1, True), ("sparse", 0, True)]
)
def test_exports(reading: dict[str, Any], samples: TestServer, run: str, exports: int, live: bool) -> None:
    """The exports of a history together hold its rows; the client is told whether there are others."""
    paths, contains_live, errors = reading[run]
    held = samples.contents.project("acme", "vision").runs[run]
    assert (len(paths), contains_live, errors) == (exports, live, {})
    names = ("_step", "train.loss", "val/accuracy")
    columns = [pq.read_table(path).select(names) for path in paths]
    rows = sorted((row for table in columns for row in table.to_pylist()), key=lambda row: row["_step"])
    exported_rows = [row for first, end in held.exports for row in held.rows[first:end]]
    wanted = [{key: flattened(row).get(key) for key in names} for row in exported_rows]
    assert rows == wanted


def test_exported_numbers_stay_numbers(reading: dict[str, Any]) -> None:
    """A column of an export has the type of its numbers, one a metric; steps are floats."""
    (path,), *_ = reading["wide"]
    schema = pq.read_schema(path)
    assert len(schema.names) == 153
    assert str(schema.field("layer149/norm").type) == "double"
    assert str(schema.field("_step").type) == "double"


def test_files(reading: dict[str, Any]) -> None:
    """Files come in pages with size and md5, by name or LIKE pattern, and download byte for byte."""
    held = exported().files
    digests = {name: base64.b64encode(hashlib.md5(body).digest()).decode() for name, body in held.items()}  # noqa: S324 - it is what W&B says
    assert reading["files"] == [[name, len(body), digests[name]] for name, body in held.items()]
    assert reading["logs"] == ["output.log"]
    assert reading["named"] == ["config.yaml"]
    name = reading["files"][1][0]
    assert Path(reading["folder"], name).read_bytes() == held[name]


def test_client_meets_refusals(server: TestServer) -> None:
    """What doesn't fit the schema, and what isn't there, comes back to the client as an error, at once."""
    found = client(
        server,
        """
        def refused(act):
            try:
                act()
            except Exception as error:
                return f"{type(error).__name__}: {error}"

        ask = api._service_api.execute_graphql
        found["field"] = refused(lambda: ask("query Wrong { viewer { shoeSize } }"))
        found["type"] = refused(lambda: ask(
            'query Typed($step: Int64!) { project(name: "vision", entityName: "acme") {'
            ' run(name: "a") { history(minStep: $step) } } }', {"step": "one"}))
        found["column"] = refused(lambda: list(api.runs("vision", filters={"colour": "red"})))
        found["project"] = refused(lambda: list(api.runs("acme/nowhere")))
        found["run"] = refused(lambda: api.run("acme/vision/nobody"))
        """,
    )
    assert "Cannot query field 'shoeSize' on type 'User'" in found["field"]
    assert "Int64 cannot represent 'one'" in found["type"]
    assert "unknown run column 'colour'" in found["column"]
    assert found["project"] == "ValueError: Could not find project nowhere"
    assert found["run"].startswith("CommError: Could not find run")
    assert (server.count("Wrong"), server.count("Typed")) == (1, 1)


def test_client_rides_out_faults(server: TestServer) -> None:
    """The client tries again after a 503, and meets a cut export and a refused key as it would meet W&B's."""
    server.fail("Run", status=503, retry_after=0.01)
    server.cut("/storage/exports/*")
    server.fail("RunFiles", status=403, times=None)
    found = client(
        server,
        """
        run = api.run("acme/vision/a")
        found["name"] = run.id
        found["errors"] = list(run.download_history_exports("exports", require_complete_history=False).errors.values())
        try:
            list(run.files())
        except Exception as error:
            found["forbidden"] = str(error)
        """,
        WANDB_X_GRAPHQL_RETRY_WAIT_MIN_SECONDS="0.01",
    )
    assert found["name"] == "a"
    assert server.count("Run") == 2
    assert len(found["errors"]) == 1
    assert "a fault was asked for" in found["forbidden"]


def test_what_exports_leave_out(server: TestServer) -> None:
    """A history holds exported rows too, and a backend that doesn't report live rows has them all the same."""
    found = client(
        server,
        """
        found["partly"] = [row["_step"] for row in api.run("acme/vision/partly").scan_history()]
        silent = api.run("acme/vision/silent")
        outcome = silent.download_history_exports("silent", require_complete_history=False)
        found["exports"] = [len(outcome.paths), outcome.contains_live_data]
        found["silent"] = list(silent.scan_history())
        """,
    )
    assert found["partly"] == sorted([*range(6), *range(10)])
    assert found["exports"] == [0, False]
    assert found["silent"] == ROWS


def test_telemetry_is_kept_apart(server: TestServer) -> None:
    """What the client reports about itself isn't among the requests; neither its key nor a signature is recorded."""
    client(server, 'api.run("acme/vision/a").download_history_exports("exports")')
    assert not any(name.startswith("/sdk/") for name, _ in server.requests)
    assert server.count("/storage/exports/") == 1
    told = str(server.requests)
    assert server.env["WANDB_API_KEY"] not in told
    assert "Signature" not in told
    status, _ = fetch(server, "/sdk/otel/v1/metrics", body="{}")
    assert (status, server.telemetry) == (200, ["/sdk/otel/v1/metrics"])

"""Which runs the test server selects, in which order, page by page."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server import RunContents, TestServer
from tests.server.asking import post

RUN_IDS = """
query Ids($filters: JSONString, $order: String, $after: String, $first: Int) {
  project(name: "vision", entityName: "acme") {
    runCount(filters: $filters)
    runs(filters: $filters, order: $order, after: $after, first: $first) {
      edges { node { name } }
      pageInfo { endCursor hasNextPage }
    }
  }
}
"""


def run_ids(server: TestServer, **variables: Any) -> list[str]:
    """The ids on the one page of runs that `variables` ask for."""
    status, answer = post(server, RUN_IDS, **variables)
    assert status == 200, answer
    return [edge["node"]["name"] for edge in answer["data"]["project"]["runs"]["edges"]]


NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
RUNS = (
    RunContents("a", "first", "finished", NOON, {"lr": 0.1, "net": {"depth": 3}}, {"loss": 0.5}, ["good", "old"], "g1"),
    RunContents("b", "second", "running", NOON + timedelta(hours=1), {"lr": 0.01}, {"loss": 0.25}, ["good"]),
    RunContents("c", "third", "crashed", NOON + timedelta(hours=2), {"lr": 1}, {"eval": {"loss": 9.0}}),
)


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ({}, "abc"),
        ({"state": "finished"}, "a"),
        ({"state": {"$in": ["finished", "crashed"]}}, "ac"),
        ({"state": {"$nin": ["finished"]}}, "bc"),
        ({"state": {"$ne": "running"}}, "ac"),
        ({"tags": "good"}, "ab"),
        ({"tags": {"$in": ["old", "new"]}}, "a"),
        ({"tags": {"$ne": "old"}}, "b"),
        ({"tags": {"$nin": ["old"]}}, "b"),
        ({"tags": None}, "c"),
        ({"display_name": {"$regex": r"^[[:alpha:]]+d\z"}}, "bc"),
        ({"group": "g1"}, "a"),
        ({"group": None}, "bc"),
        ({"name": "b"}, "b"),
        ({"display_name": {"$regex": "^.*ir"}}, "ac"),
        ({"displayName": "second"}, "b"),
        ({"config.lr": 0.1}, "a"),
        ({"config.lr.value": {"$gte": 0.1}}, "ac"),
        ({"config.net.depth": {"$exists": True}}, "a"),
        ({"summary_metrics.loss": {"$lt": 0.5}}, "b"),
        ({"summary_metrics.loss": {"$exists": False}}, "c"),
        ({"summary_metrics.eval.loss": {"$eq": 9}}, "c"),
        ({"created_at": {"$gt": "2024-05-01T12:30:00Z"}}, "bc"),
        ({"createdAt": {"$lte": "2024-05-01T12:00:00"}}, "a"),
        ({"$and": [{"tags": "good"}, {"config.lr": {"$lt": 0.1}}]}, "b"),
        ({"$or": [{"name": "a"}, {"state": "crashed"}]}, "ac"),
        ({"$nor": [{"name": "a"}, {"state": "crashed"}]}, "b"),
    ],
)
def test_filters(serve: Callable[..., TestServer], condition: dict[str, Any], ids: str) -> None:
    """Runs are selected as MongoDB would, over columns, config and summary; their count agrees."""
    server = serve(*RUNS)
    assert run_ids(server, filters=json.dumps(condition)) == list(ids)
    assert post(server, RUN_IDS, filters=json.dumps(condition))[1]["data"]["project"]["runCount"] == len(ids)


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ("-created_at", "cba"),
        ("+created_at", "abc"),
        ("display_name", "abc"),
        ("-name", "cba"),
        ("-config.lr.value", "cab"),
        ("+summary_metrics.loss", "cba"),
        ("-summary_metrics.loss", "abc"),
    ],
)
def test_orders(serve: Callable[..., TestServer], order: str, ids: str) -> None:
    """Runs come in the order asked for; those without the key first when ascending, last when descending."""
    assert run_ids(serve(*RUNS), order=order) == list(ids)


def test_a_key_that_holds_a_dot_is_found_by_no_filter(serve: Callable[..., TestServer]) -> None:
    """As W&B has it; an order finds it under its whole name."""
    server = serve(RunContents("a", config={"net.depth": 3}), RunContents("b", config={"net.depth": 1}))
    assert run_ids(server, filters='{"config.net.depth": 3}') == []
    assert run_ids(server, filters='{"config.net.depth": {"$exists": false}}') == ["a", "b"]
    assert run_ids(server, order="+config.net.depth.value") == ["b", "a"]


@pytest.mark.parametrize("pattern", ["(?=a)", "(?<!a)b", r"(a)\1", "("])
def test_what_re2_lacks_is_refused(serve: Callable[..., TestServer], pattern: str) -> None:
    """Its regular expressions know neither look-around nor back-references."""
    status, answer = post(serve(*RUNS), RUN_IDS, filters=json.dumps({"name": {"$regex": pattern}}))
    assert status == 400
    assert "error parsing regexp" in answer["errors"][0]["message"]


def test_unknown_operator_is_refused(serve: Callable[..., TestServer]) -> None:
    """An operator that W&B doesn't know is refused, not ignored."""
    status, answer = post(serve(*RUNS), RUN_IDS, filters='{"name": {"$like": "a"}}')
    assert status == 400
    assert "unknown operator '$like'" in answer["errors"][0]["message"]


def test_runs_added_while_paging_shift_the_pages(serve: Callable[..., TestServer]) -> None:
    """Newest first, a run added between two pages makes another come twice."""
    server = serve(*RUNS)
    _, first = post(server, RUN_IDS, order="-created_at", first=2)
    cursor = first["data"]["project"]["runs"]["pageInfo"]["endCursor"]
    server.contents.project("acme", "vision").add(RunContents("d", created_at=NOON + timedelta(hours=3)))
    assert run_ids(server, order="-created_at", first=2) == ["d", "c"]
    assert run_ids(server, order="-created_at", first=2, after=cursor) == ["b", "a"]

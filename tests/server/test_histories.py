"""What the test server says of a history, where the real client wouldn't ask."""

import json
import math
from collections.abc import Callable

from tests.server import RunContents, TestServer
from tests.server.asking import post
from tests.server.samples import diverged

SAMPLED = """
query Sampled($specs: [JSONString!]!) {
  project(name: "vision", entityName: "acme") { run(name: "diverged") { sampledHistory(specs: $specs) } }
}
"""


def test_each_spec_is_sampled_for_itself(serve: Callable[..., TestServer]) -> None:
    """Several specs in one request, each with its keys, samples and steps, both ends included."""
    specs = [{"keys": ["_step", "loss"], "minStep": 38, "maxStep": 41}, {"keys": ["_step", "weights"]}]
    status, answer = post(serve(diverged()), SAMPLED, specs=[json.dumps(spec) for spec in specs])
    loss, weights = answer["data"]["project"]["run"]["sampledHistory"]
    assert status == 200
    assert [row["_step"] for row in loss] == [38, 39, 40, 41]
    assert [row["loss"] for row in loss] == ["-Infinity", "Infinity", "NaN", "NaN"]
    assert [row["_step"] for row in weights] == [40]


def test_old_clients_left_bare_tokens(serve: Callable[..., TestServer]) -> None:
    """A run of an old client has NaN as a bare token in its lines."""
    server = serve(RunContents("a", rows=[{"_step": 0, "loss": math.nan}], bare_tokens=True))
    query = '{ project(name: "vision", entityName: "acme") { run(name: "a") { history summaryMetrics } } }'
    run = post(server, query)[1]["data"]["project"]["run"]
    assert run == {"history": ['{"_step": 0, "loss": NaN}'], "summaryMetrics": '{"_step": 0, "loss": NaN}'}


def test_contents_may_change_at_any_time(serve: Callable[..., TestServer]) -> None:
    """What is added to the contents is in the next answer."""
    server = serve(RunContents("a"))
    query = '{ project(name: "vision", entityName: "acme") { run(name: "a") { historyKeys historyLineCount } } }'
    assert post(server, query)[1]["data"]["project"]["run"] == {"historyKeys": None, "historyLineCount": 0}
    server.contents.project("acme", "vision").runs["a"].rows += [
        {"_step": 7, "x": {"y": 1}},
        {"_step": 9, "x": {"y": 0}},
    ]
    run = post(server, query)[1]["data"]["project"]["run"]
    assert run["historyLineCount"] == 2
    assert run["historyKeys"]["lastStep"] == 9
    assert run["historyKeys"]["keys"]["x.y"] == {
        "typeCounts": [{"type": "number", "count": 2}],
        "monotonic": False,
        "previousValue": 0,
    }

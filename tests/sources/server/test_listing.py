"""Runs are selected as users mean it, where the server's own filters see less."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.server import Contents, RunContents, TestServer
from tests.server.contents import BEGINNING
from tests.sources.server.remote import Remote, warnings
from wandb_plot.errors import ServerError, UsageError
from wandb_plot.model.queries.filters import matches
from wandb_plot.model.queries.run_query import RunQuery, parse_filters
from wandb_plot.model.run import Run
from wandb_plot.sources.server.client.project import ServerProject


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process that asks the real client, for all tests of this module."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


def listed(project: ServerProject, query: RunQuery) -> tuple[list[Run], list[str]]:
    """The runs of a query, and what was warned of."""
    return project.runs(query), warnings()


def ids(answer: tuple[list[Run], list[str]]) -> str:
    """The runs' ids, one letter each."""
    return "".join(run.id for run in answer[0])


def serve(*runs: RunContents) -> TestServer:
    """A server with these runs, each a day younger than the one before."""
    for day, run in enumerate(runs):
        run.created_at = BEGINNING + timedelta(days=day)
    return TestServer(Contents.of(*runs))


RUNS = (
    RunContents("a", config={"lr": 0.1, "net": {"depth": 3}}, tags=["x"], group="g", summary={"loss": 1.0}),
    RunContents("b", config={"lr": 0.2, "net": {"depth": 5}}, tags=["x", "y"], summary={"loss": "NaN"}),
    RunContents("c", config={"net": {}}, state="crashed", job_type="train", summary={"val": {"loss": 3.0}}),
    RunContents("d", name="delta", tags=["y"], notes="long", sweep="s1"),
)


@pytest.mark.parametrize(
    "text",
    [
        "tags!=x",
        "tag=x",
        "group!=g",
        "job_type!=train",
        "config.lr!=0.1",
        "config.net.depth!=3",
        "config.net.depth>3",
        "summary.loss!=1.0",
        "summary.loss=NaN",
        "summary.val.loss<4",
        "sweep=s1",
        "notes!=long",
        "name~^d",
        "created_at>2024-01-02T12",
        "created_at<2024-01-02",
        "created_at=2024-01-02",
        "created_at!=2024-01-02",
        '{"tags": ["x"]}',
        "created_at>=2024-01-03T02:00+02:00",
        '{"tags": {"$nin": ["x", "z"]}}',
        '{"tags": null}',
        '{"group": {"$ne": null}}',
        '{"state": {"$not": {"$eq": "crashed"}}}',
        '{"config.lr": {"$not": {"$gte": 0.2}}}',
        '{"$nor": [{"tags": {"$ne": "x"}}, {"config.lr": 0.2}]}',
        '{"config.lr.value": {"$gt": 0.1, "$ne": 0.3}}',
        '{"$and": [{"config.net.depth": {"$nin": [3]}}, {"state": "finished"}]}',
    ],
)
def test_a_server_and_run_folders_select_the_same(remote: Remote, text: str) -> None:
    """What a run lacks is different from everything, above all a tag."""
    wanted = parse_filters([text])
    with serve(*RUNS) as server:
        everything, _ = remote(server.env, listed, RunQuery())
        found = ids(remote(server.env, listed, RunQuery(wanted)))
    assert found == "".join(run.id for run in everything if matches(wanted, run))
    assert 0 < len(found) < len(RUNS)


DOTTED = (
    RunContents("a", config={"optim.lr": 0.1}, summary={"val.loss": 3.0}),
    RunContents("b", config={"optim": {"lr": 0.2}}, summary={"val": {"loss": 1.0}}),
    RunContents("c", config={"optim.lr": 0.3, "state": "odd"}, state="crashed"),
    RunContents("d", config={}),
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (RunQuery({"config.optim.lr": 0.1}), "a"),
        (RunQuery({"config.optim.lr": {"$gt": 0.1}}), "cb"),
        (RunQuery({"config.optim.lr": {"$ne": 0.1}}), "dcb"),
        (RunQuery({"config.optim.lr": {"$exists": False}}), "d"),
        (RunQuery({"config.optim.lr.value": {"$exists": True}}), "cba"),
        (RunQuery({"$nor": [{"config.optim.lr": 0.2}, {"state": "crashed"}]}), "da"),
        (RunQuery({"$or": [{"config.optim.lr": 0.3}, {"name": "b"}]}), "cb"),
        (RunQuery({"config.optim.lr": {"$gt": 0}, "state": "crashed"}), "c"),
        (RunQuery(sort="config.optim.lr", descending=False), "abcd"),
        (RunQuery(sort="config.optim.lr", limit=2), "cb"),
        (RunQuery({"summary_metrics.val.loss": {"$gt": 0}}, sort="summary.val.loss"), "ab"),
    ],
)
def test_a_key_may_hold_a_dot(remote: Remote, query: RunQuery, found: str) -> None:
    """The server's filters don't find it, so runs are filtered and sorted here, which is said."""
    with serve(*DOTTED) as server:
        answer = remote(server.env, listed, query)
    assert ids(answer) == found
    assert len(answer[1]) == 1
    assert "holds a dot" in answer[1][0]


def test_where_no_key_holds_a_dot_the_server_filters(remote: Remote) -> None:
    """One page more is asked for, however many runs there are."""
    runs = [RunContents(f"r{number:03}", config={"optim": {"lr": number}, "other": 1}) for number in range(250)]
    with serve(*runs, *(RunContents(f"s{number:03}") for number in range(250))) as server:
        found, said = remote(server.env, listed, RunQuery({"config.optim.lr": {"$gt": 248}}))
        assert ([run.id for run in found], said) == (["r249"], [])
        assert server.count("Runs") <= 3


def test_patterns_are_the_servers(remote: Remote) -> None:
    """What only RE2 takes is left to it; what it lacks is refused before it is asked."""
    with serve(*RUNS) as server:
        assert ids(remote(server.env, listed, RunQuery({"display_name": {"$regex": r"^[[:alpha:]]+a\z"}}))) == "d"
        server.requests.clear()
        for pattern in ("(?=a)", r"(a)\1", "a{99999999999}", "(" * 5_000):
            with pytest.raises(UsageError, match="filter"):
                remote(server.env, listed, RunQuery({"display_name": {"$regex": pattern}}))
        assert server.count("Runs") == 0


def change_first(**fields: Any) -> Any:
    """What makes the first run of a page odd."""

    def change(data: Any) -> Any:
        edges = data["project"]["runs"]["edges"]
        edges[0]["node"] |= fields
        return data

    return change


ODD: list[dict[str, Any]] = [
    {"tags": 5},
    {"tags": [5]},
    {"displayName": 5},
    {"createdAt": "yesterday"},
    {"createdAt": 5},
    {"state": 5},
    {"group": ["g"]},
    {"historyLineCount": "many"},
    {"historyLineCount": -1},
    {"historyLineCount": 10**400},
    {"historyKeys": [1]},
    {"historyKeys": {"lastStep": "last"}},
]


@pytest.mark.parametrize("fields", ODD, ids=json.dumps)
def test_an_odd_run_is_left_out(remote: Remote, fields: dict[str, Any]) -> None:
    """One of many, with a warning that says what is odd; where there is no other, it is an error."""
    with serve(*RUNS) as server:
        server.alter("Runs", change_first(**fields))
        answer = remote(server.env, listed, RunQuery())
        assert ids(answer) == "cba"
        assert [text.startswith("left out run d: the server's answer is broken: ") for text in answer[1]] == [True]
        with pytest.raises(ServerError, match="the server's answer is broken: "):
            remote(server.env, listed, RunQuery(limit=1))


def types(project: ServerProject, run_id: str) -> dict[str, str]:
    """The types of a run's metrics."""
    (run,) = project.find(run_id)
    return project.metric_types(run)


@pytest.mark.parametrize(
    "keys",
    [
        [1],
        {"loss": 5},
        {"loss": {"typeCounts": [5]}},
        {"loss": {"typeCounts": [{"type": 5, "count": 1}]}},
        {"loss": {"typeCounts": [{"type": "number", "count": "few"}]}},
        {"loss": {"typeCounts": [{"type": "map", "keys": 5}]}},
    ],
)
def test_odd_keys_are_named_when_metrics_are_asked_for(remote: Remote, keys: Any) -> None:
    """A listing doesn't need them, and has the run."""
    with serve(*RUNS) as server:
        server.alter("Runs", change_first(historyKeys={"keys": keys}))
        assert ids(remote(server.env, listed, RunQuery())) == "dcba"
        with pytest.raises(ServerError, match=r"the server's answer is broken: .*(loss|historyKeys)"):
            remote(server.env, types, "a")


def test_a_number_of_thousands_of_digits_hides_no_run(remote: Remote) -> None:
    """It is a number beyond all others, of a run like any other."""
    with serve(*RUNS) as server:
        server.alter("Runs", change_first(summaryMetrics='{"big": ' + "9" * 5_000 + "}"))
        runs, said = remote(server.env, listed, RunQuery())
    assert (len(runs), said) == (4, [])
    assert runs[0].summary["big"] > 1e300


@pytest.mark.parametrize(
    "keys",
    [
        None,
        {},
        {"keys": None},
        {"keys": {"loss": {}}},
        {"keys": {"loss": {"typeCounts": [{"type": None}]}}, "lastStep": 10**400},
    ],
)
def test_what_is_not_told_is_not_odd(remote: Remote, keys: Any) -> None:
    """A server may leave things out."""
    with serve(*RUNS) as server:
        server.alter("Runs", change_first(historyKeys=keys, historyLineCount=None, tags=None, state=None))
        assert ids(remote(server.env, listed, RunQuery())) == "dcba"


@pytest.mark.parametrize(
    "missing",
    [
        {"historyKeys"},
        {"historyKeys", "historyLineCount", "heartbeatAt"},
        {"sweepName", "jobType", "notes", "description", "commit", "readOnly", "systemMetrics"},
    ],
)
def test_a_server_too_old_for_a_field_of_runs_is_asked_without(remote: Remote, missing: set[str]) -> None:
    """What it can't tell is not known; it is asked for each such field once."""
    with serve(*RUNS) as server:
        server.contents.missing_fields = frozenset(f"Run.{field}" for field in missing)
        assert ids(remote(server.env, listed_twice, RunQuery())) == "dcba"
        assert server.count("Runs") == len(missing) + 2


def test_a_server_too_old_for_what_a_run_is_is_told(remote: Remote) -> None:
    """Without names there is nothing to list."""
    with serve(*RUNS) as server:
        server.contents.missing_fields = frozenset({"Run.displayName"})
        with pytest.raises(ServerError, match=r"too old for this: .*displayName"):
            remote(server.env, listed, RunQuery())


def listed_twice(project: ServerProject, query: RunQuery) -> tuple[list[Run], list[str]]:
    """The runs of a query that is asked twice."""
    assert project.runs(query)
    return listed(project, query)

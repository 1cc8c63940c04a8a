"""Projects and runs of a server: what comes back, and what it costs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server import Contents, RunContents, TestServer
from tests.server.contents import BEGINNING
from tests.sources.server.remote import Remote
from wandb_plot.errors import NotFoundError
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.model.run import Project, Run, RunFile
from wandb_plot.sources.server.client.project import ServerProject


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process with the real client for all tests of this module."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


def numbered(count: int) -> list[RunContents]:
    """Runs of which each is an hour younger than the one before."""
    return [
        RunContents(
            f"id{number:03}",
            f"run {number}",
            created_at=BEGINNING + timedelta(hours=number),
            config={"lr": number / 10, "optimizer": {"momentum": -number}},
            summary={"loss": 1 / (number + 1)} if number % 2 else {"accuracy": 0.5},
            tags=["even"] if number % 2 == 0 else [],
            state="finished" if number % 3 else "crashed",
        )
        for number in range(count)
    ]


def listed(source: ServerProject, query: RunQuery) -> list[Run]:
    """The runs of a query."""
    return source.runs(query)


def found(source: ServerProject, name: str) -> list[str]:
    """The ids of the runs of that name."""
    return [run.id for run in source.find(name)]


def projects(source: ServerProject, limit: int) -> list[Project]:
    """The newest projects."""
    return source.projects(limit)


def ids(runs: list[Run]) -> list[str]:
    """Their ids."""
    return [run.id for run in runs]


def test_two_hundred_runs_cost_three_requests(remote: Remote) -> None:
    """Summaries and configs come with the page: logging in and two pages are all."""
    with TestServer(Contents.of(*numbered(200))) as server:
        runs = remote(server.env, listed, RunQuery(limit=200))
        assert ids(runs) == [f"id{number:03}" for number in reversed(range(200))]
        assert all(run.summary and run.config for run in runs)
        assert [request.operation for request in server.requests] == ["Viewer", "Runs", "Runs"]


@pytest.mark.parametrize(("limit", "pages"), [(1, 1), (100, 1), (101, 2), (150, 2)])
def test_no_page_is_asked_for_beyond_the_limit(remote: Remote, limit: int, pages: int) -> None:
    """As many runs as asked for, and no request for those after them."""
    with TestServer(Contents.of(*numbered(150))) as server:
        assert len(remote(server.env, listed, RunQuery(limit=limit))) == limit
        assert server.count("Runs") == pages


def test_a_run_says_what_it_is(remote: Remote) -> None:
    """Every field of a run arrives, in our words, without W&B's own additions."""
    contents = RunContents(
        "abc",
        "baseline",
        "failed",
        BEGINNING,
        {"lr": 0.1, "optimizer": {"name": "sgd"}},
        {"loss": float("nan"), "val": {"loss": 1}},
        ["a", "b"],
        "first",
        "train",
        "sweep1",
        "a note",
        rows=[{"_step": 7, "loss": 1.0}],
    )
    with TestServer(Contents.of(contents)) as server:
        (run,) = remote(server.env, listed, RunQuery())
        assert run == Run(
            id="abc",
            name="baseline",
            entity="acme",
            project="vision",
            state="failed",
            created_at=datetime(2024, 1, 1, tzinfo=UTC),
            summary={"loss": "NaN", "val": {"loss": 1}},
            config={"lr": 0.1, "optimizer": {"name": "sgd"}},
            tags=("a", "b"),
            group="first",
            job_type="train",
            sweep="sweep1",
            notes="a note",
            url=f"{server.url}/acme/vision/runs/abc",
            last_step=7,
        )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (RunQuery(limit=2), ["id005", "id004"]),
        (RunQuery(filter={"state": {"$in": ["crashed"]}}), ["id003", "id000"]),
        (RunQuery(filter={"$and": [{"tags": "even"}, {"config.lr": {"$gt": 0.1}}]}), ["id004", "id002"]),
        (RunQuery(filter={"display_name": {"$regex": "[15]$"}}), ["id005", "id001"]),
        (RunQuery(sort="name", descending=False, limit=2), ["id000", "id001"]),
        (RunQuery(sort="config.lr", descending=False, limit=2), ["id000", "id001"]),
        (RunQuery(sort="config.optimizer.momentum", descending=False, limit=2), ["id005", "id004"]),
        (RunQuery(sort="summary.loss", descending=False), ["id005", "id003", "id001", "id004", "id002", "id000"]),
        (RunQuery(sort="summary.loss", descending=False, limit=2), ["id005", "id003"]),
        (RunQuery(filter={"tags": "even"}, sort="summary.loss", limit=1), ["id004"]),
    ],
)
def test_the_server_filters_and_sorts(remote: Remote, query: RunQuery, expected: list[str]) -> None:
    """Every key of a query means on the server what it means here; runs without a value come last."""
    with TestServer(Contents.of(*numbered(6))) as server:
        assert ids(remote(server.env, listed, query)) == expected


def test_runs_added_while_paging_are_neither_repeated_nor_in_the_way(remote: Remote) -> None:
    """New runs shift the pages; still each run comes once, and as many as were asked for."""
    contents = Contents.of(*numbered(250))
    project = contents.project("acme", "vision")
    newer = [RunContents(f"new{n}", created_at=BEGINNING + timedelta(days=90 + n)) for n in range(3)]
    with TestServer(contents) as server:
        record = server.record

        def add_one_a_page(operation: str, variables: Any) -> None:
            record(operation, variables)
            if operation == "Runs" and variables.get("cursor") and newer:
                project.add(newer.pop())

        server.record = add_one_a_page  # type: ignore[method-assign]
        runs = ids(remote(server.env, listed, RunQuery(limit=250)))
    assert runs == [f"id{number:03}" for number in reversed(range(250))]


def test_a_run_is_found_by_id_before_name(remote: Remote) -> None:
    """An id beats a display name; a name that several bear brings them all; each costs one request."""
    contents = Contents.of(
        RunContents("first", "twin"), RunContents("second", "twin"), RunContents("third", "first"), RunContents("4,5")
    )
    with TestServer(contents) as server:
        assert remote(server.env, found, "first") == ["first"]
        assert sorted(remote(server.env, found, "twin")) == ["first", "second"]
        assert remote(server.env, found, "4,5") == ["4,5"]
        assert remote(server.env, found, "nobody") == []
        assert server.count("Runs") == 4


def test_projects_come_newest_first(remote: Remote) -> None:
    """Whatever order the server has them in; the account's own entity stands in for none."""
    contents = Contents()
    for day, name in enumerate(["old", "new", "newest"]):
        contents.project("acme", name).created_at = BEGINNING + timedelta(days=day % 3)
    with TestServer(contents) as server:
        newest, new = remote(server.env, projects, 2, project=None)
        assert (newest.name, new.name) == ("newest", "new")
        assert newest == Project("newest", "acme", BEGINNING + timedelta(days=2), f"{server.url}/acme/newest")


def test_a_bare_project_belongs_to_the_account(remote: Remote) -> None:
    """`project` alone is looked for under the account's default entity."""
    with TestServer(Contents.of(RunContents("abc"))) as server:
        (run,) = remote(server.env, listed, RunQuery(), project="vision")
        assert (run.entity, run.project) == ("acme", "vision")


def test_a_missing_project_names_the_nearest(remote: Remote) -> None:
    """The entity's projects are the candidates; one of them was most likely meant."""
    contents = Contents()
    for name in ("vision", "language"):
        contents.project("acme", name)
    with TestServer(contents) as server:
        with pytest.raises(NotFoundError, match="no project acme/visoin") as caught:
            remote(server.env, listed, RunQuery(), project="acme/visoin")
        assert (caught.value.code, caught.value.candidates) == ("project_not_found", ("acme/vision",))
        with pytest.raises(NotFoundError, match="no project nobody/vision"):
            remote(server.env, listed, RunQuery(), project="nobody/vision")


def types(source: ServerProject, name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The types of a run's metrics as known without its history, and as the history has them."""
    (run,) = source.find(name)
    return source.metric_types(run), {name: column.type for name, column in source.history(run, None).columns.items()}


def test_types_are_known_without_reading_the_history(remote: Remote) -> None:
    """What the listing says of each metric is what its values say, axes and system stream included."""
    nan = float("nan")
    rows: list[dict[str, Any]] = [
        {"_step": 0, "_runtime": 0.1, "loss": nan, "diverged": nan, "train": {"lr": 1}, "done": False},
        {"_step": 1, "_runtime": 0.2, "loss": 1.5, "diverged": nan, "mark": "x", "mixed": 1},
        {"_step": 2, "_runtime": 0.2, "mixed": "word", "picture": {"_type": "image-file", "path": "a"}, "bins": [1]},
    ]
    contents = Contents.of(RunContents("abc", rows=rows, events=[{"_runtime": 1, "system.cpu": 5.0}]))
    with TestServer(contents) as server:
        known, read = remote(server.env, types, "abc")
    assert known == read
    assert {name: kind for name, kind in known.items() if kind != "numeric"} == {
        "done": "boolean",
        "mark": "string",
        "mixed": "mixed",
        "picture": "image",
        "bins": "list",
    }


def files(source: ServerProject, name: str) -> list[RunFile]:
    """The files of a run."""
    (run,) = source.find(name)
    return source.files(run)


def test_files_are_listed_in_pages_of_hundreds(remote: Remote) -> None:
    """All files, sorted, with size and digest; those of media say their step; two pages for 600."""
    names = [f"media/images/roc_{number}_0123456789abcdef0123.png" for number in range(600)]
    with TestServer(Contents.of(RunContents("abc", files=dict.fromkeys(names, b"png")))) as server:
        listing = remote(server.env, files, "abc")
        assert [file.name for file in listing] == sorted(names)
        assert listing[0] == RunFile(names[0], 3, "v/E5+gWsWD9oWlI6s9EQoA==", step=0)
        assert server.count("RunFiles") == 2

"""What goes wrong at a server, or on the way: ridden out where that helps, else said by its cause, and in time."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server import Contents, RunContents, TestServer
from tests.server.samples import sample_contents
from tests.sources.server.remote import Remote
from wandb_plot.errors import AccessError, NotFoundError, ServerError, UsageError, WandbPlotError
from wandb_plot.model.history import History
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.server.client.errors import explain
from wandb_plot.sources.server.client.project import ServerProject
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.retry_limits import retry_settings

# wandb-core waits a second before it tries again.
HASTY = 2


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process with the real client, that knows of no credentials but those it is given."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """A process that gives up after two seconds; retries are bounded when the client is first used."""
    with Remote(tmp_path_factory.mktemp("home"), HASTY) as process:
        yield process


def listed(source: ServerProject) -> list[str]:
    """The ids of all runs."""
    return [run.id for run in source.runs(RunQuery())]


def history(source: ServerProject, name: str, samples: int | None = None) -> History:
    """The losses of the run called so."""
    (run,) = source.find(name)
    return source.history(run, ["train.loss"], samples=samples)


def whole_history(source: ServerProject, name: str) -> History:
    """All that the run called so logged, system stream included."""
    (run,) = source.find(name)
    return source.history(run, None)


def anonymous(server: TestServer) -> dict[str, str]:
    """The environment for `server` without the key."""
    return {name: value for name, value in server.env.items() if name != "WANDB_API_KEY"}


def app_addresses(_: ServerProject, addresses: list[str]) -> list[str]:
    """What the client takes for the app address of each API address."""
    from wandb.util import api_to_app_url

    return [api_to_app_url(address) for address in addresses]


def test_without_credentials_none_are_sent(remote: Remote) -> None:
    """Where the server asks for a key, that is said: no prompt, and nobody else's key."""
    with TestServer(Contents.of(RunContents("abc"))) as server:
        with pytest.raises(AccessError, match="no API key") as caught:
            remote(anonymous(server), listed)
        assert (caught.value.code, caught.value.exit_code) == ("not_logged_in", 4)
        assert "wandb login" in caught.value.hint
        assert (server.count("Runs"), server.keys) == (1, 0)


def test_a_public_project_needs_no_key(remote: Remote) -> None:
    """Runs, histories and projects are there for everybody; what isn't public isn't there without a key."""
    contents = sample_contents()
    contents.project("acme", "vision").public = True
    contents.project("acme", "secret").add(RunContents("abc"))
    with TestServer(contents) as server:
        assert len(remote(anonymous(server), listed)) == 6
        assert len(remote(anonymous(server), history, "growing").columns["train.loss"].steps) == 2_000
        with pytest.raises(NotFoundError, match="no project acme/secret") as caught:
            remote(anonymous(server), listed, project="acme/secret")
        assert (caught.value.candidates, server.keys) == (("acme/vision",), 0)
        assert "no API key" in caught.value.hint
        assert remote(server.env, listed, project="acme/secret") == ["abc"]


def test_without_credentials_a_bare_project_is_nobodys(remote: Remote) -> None:
    """Only an account has a default entity; that is known without asking."""
    with TestServer(Contents.of(RunContents("abc"))) as server:
        with pytest.raises(AccessError, match="names no entity"):
            remote(anonymous(server), listed, project="vision")
        assert server.requests == []


def test_a_key_from_netrc_is_used_for_its_host(remote: Remote) -> None:
    """What `wandb login` stored is enough; an entry for another host is not."""
    with TestServer(Contents.of(RunContents("abc"))) as server:
        netrc = remote.home / ".netrc"
        host = server.url.removeprefix("http://")
        netrc.write_text(f"machine {host}\n  login user\n  password {server.env['WANDB_API_KEY']}\n")
        netrc.chmod(0o600)
        try:
            assert remote(anonymous(server), listed) == ["abc"]
            netrc.write_text(netrc.read_text().replace(host, "api.elsewhere.example"))
            with pytest.raises(AccessError):
                remote(anonymous(server), listed)
        finally:
            netrc.unlink()


def test_a_key_that_cannot_be_one_is_not_sent(remote: Remote) -> None:
    """A key too short is refused here, and not repeated."""
    with TestServer(Contents.of()) as server:
        with pytest.raises(AccessError) as caught:
            remote(server.env | {"WANDB_API_KEY": "short-secret"}, listed)
        assert server.requests == []
    assert caught.value.code == "not_logged_in"
    assert "short-secret" not in caught.value.message


@pytest.mark.parametrize(
    ("status", "message", "error", "code"),
    [
        (401, "user is not logged in", AccessError, "not_logged_in"),
        (403, "no", AccessError, "forbidden"),
        (200, "permission denied", AccessError, "forbidden"),
        (404, "no such page", ServerError, "server"),
        (200, "internal trouble", ServerError, "server"),
    ],
)
@pytest.mark.parametrize("operation", ["Viewer", "Runs"])
def test_refusals_are_told_apart(
    remote: Remote, operation: str, status: int, message: str, error: type[WandbPlotError], code: str
) -> None:
    """The client has one error for all; the cause decides, at login and later, and what can't help isn't retried."""
    with TestServer(sample_contents()) as server:
        server.fail(operation, status=status, message=message, times=None)
        with pytest.raises(error) as caught:
            remote(server.env, listed)
        assert caught.value.code == code
        assert server.url in caught.value.message
        assert server.count(operation) == 1


def test_an_answer_that_is_no_json_is_asked_for_again(remote: Remote) -> None:
    """A project is missing where the server says so, not where its answer can't be read."""
    with TestServer(sample_contents()) as server:
        server.garble("Runs", times=2)
        assert len(remote(server.env, listed)) == 6
        assert server.count("Runs") == 3


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_server_that_fails_for_a_moment_is_asked_again(remote: Remote, status: int) -> None:
    """Passing trouble is not the user's."""
    with TestServer(sample_contents()) as server:
        server.fail("Viewer" if status == 500 else "Runs", status=status)
        assert len(remote(server.env, listed)) == 6
        assert len(server.requests) == 3


def test_retry_after_is_honoured(remote: Remote) -> None:
    """A server that says when to come back isn't bothered before."""
    with TestServer(sample_contents()) as server:
        server.fail("Runs", status=429, retry_after=2)
        begun = time.monotonic()
        remote(server.env, listed)
        assert time.monotonic() - begun >= 2
        assert server.count("Runs") == 2


def test_a_server_that_keeps_failing_is_given_up(hasty: Remote) -> None:
    """After a bounded number of attempts, within the time-out, with the status in the message."""
    with TestServer(sample_contents()) as server:
        server.fail("Runs", status=502, times=None)
        with pytest.raises(ServerError, match="502") as caught:
            hasty(server.env, listed)
        assert caught.value.code == "server"
        assert server.count("Runs") == 2


@pytest.mark.parametrize("fault", ["closed", "refused", "unknown host"])
def test_a_server_out_of_reach_is_given_up(hasty: Remote, fault: str) -> None:
    """It is a matter of the network, or of time."""
    with TestServer(sample_contents()) as server:
        env = dict(server.env)
        match fault:
            case "closed":
                server.refuse("*", times=None)
            case "refused":
                server.close()
            case _:
                env["WANDB_BASE_URL"] = "http://no-such-host.invalid"
        with pytest.raises(ServerError) as caught:
            hasty(env, listed)
    assert caught.value.exit_code == 5
    assert caught.value.code in ("network", "timeout")


@pytest.mark.parametrize(("status", "code"), [(401, "not_logged_in"), (403, "forbidden")])
@pytest.mark.parametrize("operation", ["RunParquetHistory", "HistoryPage", "RunEvents"])
def test_a_history_that_is_refused(remote: Remote, operation: str, status: int, code: str) -> None:
    """Whichever question is refused, and whoever in the client words it, it is a matter of access."""
    with TestServer(sample_contents()) as server:
        server.fail(operation, status=status, times=None)
        with pytest.raises(AccessError) as caught:
            remote(server.env, whole_history, "growing")
    assert caught.value.code == code


def test_an_export_that_fails_twice_is_waited_for(remote: Remote) -> None:
    """Storage has its bad moments, too."""
    with TestServer(sample_contents()) as server:
        server.fail("/storage/exports/*", status=503, times=2)
        assert len(remote(server.env, history, "exported").columns["train.loss"].steps) == 4_000


def test_a_run_that_vanishes_is_not_found(remote: Remote) -> None:
    """Between listing and reading it was deleted."""
    contents = sample_contents()
    with TestServer(contents) as server:
        record = server.record

        def delete(operation: str, variables: dict[str, object]) -> None:
            record(operation, variables)
            if operation == "RunSampledHistory":
                del contents.project("acme", "vision").runs["growing"]

        server.record = delete  # type: ignore[method-assign, assignment]
        with pytest.raises(NotFoundError) as caught:
            remote(server.env, history, "growing", 100)
    assert caught.value.code == "run_not_found"


def test_pages_of_another_server_are_refused_before_anything_is_sent(remote: Remote) -> None:
    """Also where a key is at hand."""
    with TestServer(Contents.of()) as server:
        with pytest.raises(UsageError, match="not the configured server"):
            remote(server.env, listed, project="https://wandb.ai/acme/vision")
        assert server.requests == []


def test_a_page_of_the_server_names_a_project(remote: Remote) -> None:
    """The address in the browser is as good as the name."""
    with TestServer(Contents.of(RunContents("abc"))) as server:
        assert remote(server.env, listed, project=f"{server.url}/acme/vision/workspace?nw=1") == ["abc"]


def test_app_addresses_are_those_of_the_client(remote: Remote) -> None:
    """Where pages are follows from where the API is by the client's own rule."""
    from wandb_plot.sources.server.project_address import parse_project

    servers = [
        "https://api.wandb.ai",
        "https://api.lab.example",
        "https://api.wandb.lab.example",
        "http://x.example:80",
    ]
    with TestServer(Contents.of()) as server:
        addresses = remote(server.env, app_addresses, servers)
    for api, app in zip(servers, addresses, strict=True):
        assert parse_project(f"{app}/E/P", server=api).project == "P"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "No space left on device"), None),
        (RuntimeError("x509: certificate signed by unknown authority, tls: failed"), "network"),
        (RuntimeError("context deadline exceeded"), "timeout"),
        (RuntimeError("something new"), "server"),
    ],
)
def test_causes_by_their_words(error: Exception, code: str | None) -> None:
    """What says no status is known by its words; what isn't the server's fault passes as it is."""
    explained = explain(error, "https://server")
    assert explained is error if code is None else getattr(explained, "code", None) == code


def test_signatures_stay_out_of_messages() -> None:
    """An address in a message ends before what signs it."""
    explained = explain(RuntimeError('GET "https://store/x.parquet?X-Sig=secret&b=1": status: 500'), "https://server")
    assert str(explained) == 'https://server failed: GET "https://store/x.parquet": status: 500'


@pytest.mark.parametrize("timeout", [0.5, 1, 3, 10, 60, 3600])
def test_retries_fit_into_the_time(timeout: float) -> None:
    """The waits between attempts sum up to less than the user is ready to wait."""
    settings = retry_settings(timeout)
    longest = int(settings["WANDB_X_GRAPHQL_RETRY_WAIT_MAX_SECONDS"])
    retries = int(settings["WANDB_X_GRAPHQL_RETRY_MAX"])
    assert sum(min(2**attempt, longest) for attempt in range(retries)) < timeout
    assert retries <= 4


def calls() -> tuple[ServerCalls, list[WandbPlotError]]:
    """Calls of a client that isn't there, and what troubled them."""
    troubles: list[WandbPlotError] = []
    return ServerCalls("https://server", heard=list, in_trouble=troubles.append, abort=pytest.fail), troubles


def test_a_server_that_limits_the_rate_is_asked_one_by_one() -> None:
    """After the first refusal no two requests are under way at once, and each is made until it is answered."""
    asking, troubles = calls()
    under_way = threading.Semaphore(0)
    most: list[int] = []
    refusals = iter([True] * 4)

    def ask() -> str:
        under_way.release()
        time.sleep(0.05)
        is_refused = next(refusals, False)
        if not is_refused:
            most.append(under_way._value)
        under_way.acquire()
        if is_refused:
            raise RuntimeError("HTTP 429: too many requests")
        return "answer"

    assert asking.each([ask] * 4) == ["answer"] * 4
    assert most == [1, 1, 1, 1]
    assert [error.message.partition(":")[0] for error in troubles] == ["rate limited"] * 4


def test_a_missing_project_may_be_a_status(remote: Remote) -> None:
    """Some servers say so by 404, where others answer that there is none."""
    with TestServer(sample_contents()) as server:
        server.fail("Runs", status=404, message="project not found", times=None)
        with pytest.raises(NotFoundError, match="no project acme/vision") as caught:
            remote(server.env, listed)
    assert caught.value.code == "project_not_found"


def test_a_server_too_old_says_so(remote: Remote) -> None:
    """It isn't the filter that it doesn't understand."""
    with TestServer(sample_contents()) as server:
        server.fail("Runs", status=400, message='Cannot query field "summaryMetrics" on type "Run".', times=None)
        with pytest.raises(ServerError, match="too old") as caught:
            remote(server.env, listed)
    assert "--filter" not in caught.value.hint


def test_no_answer_is_no_missing_project(remote: Remote) -> None:
    """A broken server is one, whatever the client makes of it; it is asked again."""
    with TestServer(sample_contents()) as server:
        server.alter("Runs", lambda _: None)
        with pytest.raises(ServerError, match="answered nothing"):
            remote(server.env, listed)
        server.alterations.clear()
        server.alter("Runs", lambda data: {"project": data["project"] | {"runs": {"edges": [{"node": None}]}}})
        with pytest.raises(ServerError, match="can't be understood: TypeError"):
            remote(server.env, listed)


def test_a_page_without_end_comes_to_one(remote: Remote) -> None:
    """A server that says there is more, and gives the same again, is an error and not a wait."""
    with TestServer(Contents.of(*(RunContents(f"id{number}") for number in range(3)))) as server:
        first: list[Any] = []

        def repeat(data: Any) -> Any:
            data["project"]["runs"]["pageInfo"]["hasNextPage"] = True
            first.append(data)
            return first[0]

        server.alter("Runs", repeat)
        with pytest.raises(ServerError, match="repeats a page without end"):
            remote(server.env, listed)
        assert server.count("Runs") == 3

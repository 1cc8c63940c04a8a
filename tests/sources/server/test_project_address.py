"""What PROJECT says of a server."""

from pathlib import Path

import pytest

from wandb_plot.errors import UsageError
from wandb_plot.sources.server.client_environment import server_address
from wandb_plot.sources.server.project_address import ServerPath, parse_project

CLOUD = "https://api.forge.coreweave.com"
OWN = "https://wandb.lab.example:8080"
PROJECT = ServerPath("E", "P")
RUN = ServerPath("E", "P", "ID")


@pytest.mark.parametrize(
    ("text", "server", "expected"),
    [
        ("E/P", CLOUD, PROJECT),
        ("P", CLOUD, ServerPath(None, "P")),
        ("E/P/ID", CLOUD, RUN),
        ("E/P/runs/ID", CLOUD, RUN),
        ("https://wandb.ai/E/P", CLOUD, PROJECT),
        ("https://forge.coreweave.com/wandb/E/P", CLOUD, PROJECT),
        ("https://forge.coreweave.com/wandb/E/P/", "https://api.wandb.ai", PROJECT),
        ("https://wandb.ai/E/P/workspace?nw=abc", CLOUD, PROJECT),
        ("https://wandb.ai/E/P/runs/ID", CLOUD, RUN),
        ("https://wandb.ai/E/P/runs/ID/overview?nw=1#top", CLOUD, RUN),
        ("https://WANDB.ai:443/E/P/table", CLOUD, PROJECT),
        ("https://wandb.ai/E/my%20project/runs/a%2Fb", CLOUD, ServerPath("E", "my project", "a/b")),
        ("https://wandb.lab.example:8080/E/P/runs/ID", OWN, RUN),
        ("https://app.lab.example/E/P", "https://api.lab.example", PROJECT),
        ("https://wandb.lab.example/E/P", "https://api.wandb.lab.example", PROJECT),
        ("https://acme.wandb.io/E/P", "https://acme.wandb.io", PROJECT),
        ("http://127.0.0.1:1234/E/P", "http://127.0.0.1:1234", PROJECT),
    ],
)
def test_the_forms_of_a_project(text: str, server: str, expected: ServerPath) -> None:
    """Names with slashes between, and addresses of pages of the configured server."""
    assert parse_project(text, server=server) == expected


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("https://wandb.ai.evil.example/E/P", CLOUD),
        ("https://wandb.ai/E/P", OWN),
        ("http://wandb.ai/E/P", CLOUD),
        ("https://wandb.ai@evil.example/E/P", CLOUD),
        ("https://wandb.ai:8443/E/P", CLOUD),
        ("https://forge.coreweave.com/other/E/P", CLOUD),
        ("https://wandb.lab.example/E/P", OWN),
        ("https://wandb.ai:port/E/P", CLOUD),
    ],
)
def test_pages_of_other_servers_are_refused(text: str, server: str) -> None:
    """The key goes to the configured server alone; the hint says how to configure another."""
    with pytest.raises(UsageError, match="is not the configured server") as caught:
        parse_project(text, server=server)
    assert "WANDB_BASE_URL" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "/P", "E/", "E//P", "a/b/c/d", "https://wandb.ai/E", "https://wandb.ai", "E/ /P", "http://[::1"]
)
def test_what_names_no_project_is_refused(text: str) -> None:
    """With the forms there are."""
    with pytest.raises(UsageError) as caught:
        parse_project(text, server=CLOUD)
    assert "entity/project" in caught.value.hint


def test_an_app_address_of_its_own() -> None:
    """A server whose pages lie elsewhere is known by them."""
    app = "https://pages.example/wandb"
    assert parse_project(f"{app}/E/P", server=OWN, app_address=app) == PROJECT


def test_a_secret_in_an_address_is_not_repeated() -> None:
    """Whatever stands before the host stays out of the message."""
    with pytest.raises(UsageError) as caught:
        parse_project("https://user:secret@evil.example/E/P", server=CLOUD)
    assert "secret" not in caught.value.message + caught.value.hint


def test_the_configured_server(tmp_path: Path) -> None:
    """The environment beats what `wandb login` noted, which beats W&B's own server."""
    folder = {"WANDB_CONFIG_DIR": str(tmp_path)}
    assert server_address(folder) == CLOUD
    (tmp_path / "settings").write_text("[default]\nbase_url = https://noted.example/\nother = 100%\n")
    assert server_address(folder) == "https://noted.example"
    assert server_address(folder | {"WANDB_BASE_URL": "http://localhost:8080/"}) == "http://localhost:8080"
    for address in ("wandb.ai", "http://[::1"):
        with pytest.raises(UsageError, match="WANDB_BASE_URL"):
            server_address({"WANDB_BASE_URL": address})

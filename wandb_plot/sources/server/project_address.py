"""PROJECT as it names a project of a server: names with slashes between, or the address of a W&B page."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import SplitResult, unquote, urlsplit

from wandb_plot.errors import NotFoundError, UsageError

# One server under two names, for its API and for its pages.
_CLOUD_API_HOSTS = ("api.forge.coreweave.com", "api.wandb.ai")
_CLOUD_PAGES = ("https://wandb.ai", "https://forge.coreweave.com/wandb")

_SUGGESTIONS = 8

_FORMS = "PROJECT is entity/project, project, entity/project/run, the address of a W&B page, or a path such as ./wandb"


@dataclass(frozen=True)
class ServerPath:
    """A project on the configured server, and perhaps one of its runs.

    Attributes:
        entity: its owner; None for the account's default entity.
        project: its name; None for an entity alone.
        run: the id or display name of the run that was named, if one was.
    """

    entity: str | None
    project: str | None = None
    run: str | None = None


def parse_project(text: str, *, server: str, app_address: str | None = None) -> ServerPath:
    """Understand PROJECT.

    Args:
        text: what the user wrote.
        server: API address of the configured server; pages of any other are refused.
        app_address: where that server's pages are, if that doesn't follow from `server`.

    Raises:
        UsageError: it has no such form, or is a page of another server.
    """
    if "://" in text:
        return _from_names(text, _names_of_page(text, server, app_address), page=True)
    return _from_names(text, text.split("/"), page=False)


def missing_project(entity: str, project: str, names: Sequence[str]) -> NotFoundError:
    """The error for a project that isn't there; `names` are those of the entity's projects."""
    near = get_close_matches(project, names, _SUGGESTIONS, cutoff=0.5) or names[:_SUGGESTIONS]
    return NotFoundError(
        f"the server has no project {entity}/{project}, or none that this account may see",
        hint=f"list them with: wandb-plot projects {entity}",
        candidates=[f"{entity}/{name}" for name in near],
        code="project_not_found",
    )


def missing_entity(entity: str) -> NotFoundError:
    """The error for an entity that isn't there."""
    return NotFoundError(
        f"the server has no entity {entity!r}, or none that this account may see",
        hint="without ENTITY the projects of the account itself are listed",
        code="project_not_found",
    )


def _names_of_page(text: str, server: str, app_address: str | None) -> list[str]:
    try:
        page = urlsplit(text)
    except ValueError as error:
        raise UsageError(f"PROJECT {text!r} is no address: {error}", hint=_FORMS) from None
    names = [unquote(name) for name in page.path.split("/") if name]
    for address in (app_address, *_page_addresses(server)):
        root = urlsplit(address or "")
        above = [name for name in root.path.split("/") if name]
        if _origin(page) == _origin(root) and names[: len(above)] == above:
            return names[len(above) :]
    raise UsageError(
        f"{page.scheme}://{page.netloc.rpartition('@')[2]} is not the configured server, which is {server}",
        hint=f"set WANDB_BASE_URL to the API address of the server at {page.hostname or 'that address'}",
    )


def _page_addresses(server: str) -> tuple[str, ...]:
    """The app addresses of an API address, as the client derives them."""
    if urlsplit(server).hostname in _CLOUD_API_HOSTS:
        return _CLOUD_PAGES
    if "://api.wandb." in server and "://api.wandb.test" not in server:
        return (server.replace("://api.", "://"),)
    return (server.replace("://api.", "://app."),)


def _origin(address: SplitResult) -> tuple[str, str | None, int | None]:
    try:
        port = address.port
    except ValueError:
        port = -1
    return address.scheme, address.hostname, port or {"http": 80, "https": 443}.get(address.scheme)


def _from_names(text: str, names: list[str], *, page: bool) -> ServerPath:
    with_project = 2
    if any(name.strip() == "" for name in names):
        raise UsageError(f"PROJECT {text!r} has an empty name", hint=_FORMS)
    match names:
        case [project] if not page:
            return ServerPath(None, project)
        case [entity, project, "runs", run, *rest] if page or not rest:
            return ServerPath(entity, project, run)
        case [entity, project, run] if not page:
            return ServerPath(entity, project, run)
        case [entity, project, *rest] if page or len(names) == with_project:
            return ServerPath(entity, project)
    raise UsageError(f"PROJECT {text!r} names no project", hint=_FORMS)

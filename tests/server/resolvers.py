"""From contents to what the schema's fields hold: dicts, with a function where a field is costly or takes arguments."""

import base64
import json
import mimetypes
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.server import rows
from tests.server.contents import Contents, ProjectContents, RunContents
from tests.server.filters import matches, ordered
from tests.server.storage import Storage, md5

DEFAULT_PAGE = 50
LARGEST_PAGE = 1_000

Node = dict[str, Any]


def _id(*parts: str) -> str:
    return base64.b64encode(":".join(parts).encode()).decode()


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def page(
    items: Sequence[Any], node: Callable[[Any], Node], *, first: int | None = None, after: str | None = None
) -> Node:
    """One page of a connection. Its cursors are offsets: what is added meanwhile shifts what comes after."""
    start = int(base64.b64decode(after)) if after else 0
    size = min(DEFAULT_PAGE if first is None else first, LARGEST_PAGE)
    edges = [
        {"node": node(item), "cursor": base64.b64encode(str(start + index + 1).encode()).decode()}
        for index, item in enumerate(items[start : start + size])
    ]
    end = edges[-1]["cursor"] if edges else None
    return {"edges": edges, "pageInfo": {"endCursor": end, "hasNextPage": start + size < len(items)}}


def like(pattern: str) -> re.Pattern[str]:
    """The SQL LIKE `pattern` as a regular expression over a whole name."""
    words = {"%": ".*", "_": "."}
    return re.compile("".join(words.get(sign) or re.escape(sign) for sign in pattern), re.DOTALL)


class Root:
    """Resolves the fields of Query; graphql-core finds them by name.

    Args:
        contents: what the server holds.
        storage: where addresses of files and exports come from.
    """

    def __init__(self, contents: Contents, storage: Storage) -> None:
        self._contents = contents
        self._storage = storage

    def viewer(self, _: object) -> Node | None:
        """The account behind the key; nothing without one."""
        return _account(self._contents.viewer) if self._contents.viewer else None

    def serverInfo(self, _: object) -> Node:  # noqa: N802 - the schema's spelling
        """What the server can do."""
        return {"features": [{"name": "LARGE_FILENAMES", "isEnabled": True}]}

    def models(self, _: object, **args: Any) -> Node | None:
        """The projects of an entity; nothing for one that doesn't exist."""
        entity = args.get("entityName") or self._contents.viewer
        held = self._contents.entities.get(entity)
        if held is None:
            return None
        return page(
            list(held.values()),
            lambda project: self._project(entity, project),
            first=args.get("first"),
            after=args.get("after"),
        )

    def project(self, _: object, **args: Any) -> Node | None:
        """One project; nothing for one that doesn't exist."""
        entity = args.get("entityName") or self._contents.viewer
        project = self._contents.entities.get(entity, {}).get(args.get("name", ""))
        return self._project(entity, project) if project else None

    def _project(self, entity: str, project: ProjectContents) -> Node:
        def node(run: RunContents) -> Node:
            return self._run(entity, project, run)

        def runs(_: object, **args: Any) -> Node:
            held = ordered(_selected(project, args), args.get("order") or "+created_at")
            return page(held, node, first=args.get("first"), after=args.get("after"))

        def run(_: object, name: str) -> Node | None:
            held = project.runs.get(name)
            return node(held) if held else None

        return {
            "id": _id("Project", project.name, entity),
            "internalId": _internal_id(project),
            "name": project.name,
            "entityName": entity,
            "createdAt": _time(project.created_at),
            "isBenchmark": False,
            "readOnly": False,
            "user": _account(entity),
            "runCount": lambda _, **args: len(_selected(project, args)),
            "runs": runs,
            "run": run,
        }

    def _run(self, entity: str, project: ProjectContents, run: RunContents) -> Node:
        return {
            "id": _id("Run", "v1", run.id, project.name, entity),
            "projectId": _internal_id(project),
            "name": run.id,
            "displayName": run.display_name,
            "state": run.state,
            "config": lambda _: json.dumps(rows.spoken(_config(run.config))),
            "group": run.group,
            "jobType": run.job_type,
            "sweepName": run.sweep,
            "readOnly": False,
            "createdAt": _time(run.created_at),
            "heartbeatAt": lambda _: _time(_heartbeat(run)),
            "notes": run.notes,
            "tags": list(run.tags),
            "user": _account(entity),
            "systemMetrics": lambda _: rows.line(run, _last_event(run)),
            "summaryMetrics": lambda _: rows.line(run, run.summarised()),
            **_history_fields(run),
            "parquetHistory": lambda _, **args: {
                "parquetUrls": self._storage.export_urls(entity, project.name, run),
                "liveData": [rows.live(row, args["liveKeys"]) for row in run.live_rows()],
            },
            "fileCount": len(run.files),
            "files": lambda _, **args: self._files(entity, project.name, run, args),
        }

    def _files(self, entity: str, project: str, run: RunContents, args: Mapping[str, Any]) -> Node:
        names = list(run.files)
        if args.get("names"):
            names = [name for name in names if name in args["names"]]
        if args.get("pattern"):
            names = [name for name in names if like(args["pattern"]).fullmatch(name)]

        def node(name: str) -> Node:
            return {
                "id": _id("File", run.id, name),
                "name": name,
                "url": self._storage.file_url(entity, project, run, name),
                "directUrl": self._storage.direct_file_url(entity, project, run, name),
                "sizeBytes": len(run.files[name]),
                "mimetype": mimetypes.guess_type(name)[0],
                "updatedAt": _time(run.created_at),
                "md5": md5(run.files[name]),
            }

        return page(names, node, first=args.get("first"), after=args.get("after"))


def _account(name: str) -> Node:
    team = {"node": {"id": _id("Entity", name), "name": name}}
    key = {"node": {"id": _id("ApiKey", "1"), "name": "key", "description": None}}
    return {
        "id": _id("User", name),
        "name": name,
        "username": name,
        "email": f"{name}@example.com",
        "admin": False,
        "flags": "{}",
        "entity": name,
        "apiKeys": {"edges": [key]},
        "teams": {"edges": [team]},
    }


def _history_fields(run: RunContents) -> Node:
    return {
        "historyLineCount": len(run.rows),
        "eventsLineCount": len(run.events),
        "historyKeys": lambda _: rows.history_keys(run) if run.rows or run.events else None,
        "history": lambda _, **args: rows.history(run, args.get("minStep"), args.get("maxStep"), args.get("samples")),
        "sampledHistory": lambda _, specs: [rows.sampled_history(run, json.loads(spec)) for spec in specs],
        "events": lambda _, **args: [
            rows.line(run, row) for row in rows.sampled(list(run.events), args.get("samples"), run.id)
        ],
    }


def _selected(project: ProjectContents, args: Mapping[str, Any]) -> list[RunContents]:
    condition = json.loads(args.get("filters") or "{}")
    return [run for run in list(project.runs.values()) if matches(run, condition)]


def _internal_id(project: ProjectContents) -> int:
    """A number that stays with the project's name."""
    return zlib.crc32(project.name.encode()) & 0x7FFFFFFF


def _config(config: Mapping[str, Any]) -> Node:
    internal = {"_wandb": {"value": {"cli_version": "0.31.0", "python_version": "3.11.0"}}}
    return internal | {key: {"desc": None, "value": value} for key, value in config.items()}


def _heartbeat(run: RunContents) -> datetime:
    runtime = run.rows[-1].get("_runtime", 0) if run.rows else 0
    return run.heartbeat_at or run.created_at + timedelta(seconds=runtime)


def _last_event(run: RunContents) -> Node:
    last = run.events[-1] if run.events else {}
    return {key: value for key, value in last.items() if key.startswith("system.")}

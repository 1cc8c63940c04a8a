"""What finished logs say of their runs, kept in the user's cache folder: who lists them again need not open them."""

import contextlib
import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from wandb_plot.sources.local.description import SUMMARY_FILE, LogDescription
from wandb_plot.sources.local.run_folders import Segment
from wandb_plot.sources.log.format.transaction_log import WHOLE_AT_ENDS
from wandb_plot.sources.log.records import RunRecord
from wandb_plot.sources.user_cache import user_cache_folder

# Raise the number with every change of what is kept.
_FILE = "runs-1.sqlite"

# Twice what a large study holds; beyond it, what was kept first is dropped.
_MOST_LOGS = 100_000

# A file that was just written to may change again without its time of change.
_SETTLED_AFTER_SECONDS = 2.0

_WAIT_SECONDS = 1.0

# SQLite takes no more parameters than 999 where it is old.
_PATHS_AT_ONCE = 500

_SCHEMA = """
CREATE TABLE IF NOT EXISTS logs (number INTEGER PRIMARY KEY, path TEXT UNIQUE, version TEXT, said TEXT, digest TEXT)
"""


class RunIndex:
    """A table of logs by path, valid as long as size, time and inode of the file are what they were.

    Any number of commands may use it at once. An index that is damaged, locked for long, or can't be written counts as
    none.

    Args:
        folder: where it lies; made, for its user alone, once there is something to keep.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def load(self, segments: Sequence[Segment]) -> dict[Segment, LogDescription]:
        """What is known of the logs of some segments."""
        found: dict[Segment, LogDescription] = {}
        by_path = dict(zip(_paths(segments), segments, strict=True))

        def look_up(connection: sqlite3.Connection) -> None:
            kept = [
                (by_path[path], said)
                for path, version, said, digest in _rows(connection, list(by_path))
                if version == _version(by_path[path]) and digest == _digest(path, version, said)
            ]
            # Python decodes one long text in less time than many short ones.
            decoded = json.loads(f"[{','.join(said for _, said in kept)}]")
            found.update((segment, _description(said)) for (segment, _), said in zip(kept, decoded, strict=True))

        if self._path.is_file():
            self._attempt(look_up)
        return found

    def store(self, described: Mapping[Segment, LogDescription]) -> None:
        """Keep what the logs of some segments say, as far as these are finished."""
        now = time.time()
        rows = []
        for path, (segment, log) in zip(_paths(described), described.items(), strict=True):
            version = _version(segment, log.mtime)
            if log.exit_code is not None and now - log.mtime > _SETTLED_AFTER_SECONDS and version:
                said = _encoded(log)
                rows.append((path, version, said, _digest(path, version, said)))

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(_SCHEMA)
            connection.executemany("REPLACE INTO logs (path, version, said, digest) VALUES (?, ?, ?, ?)", rows)
            newest = connection.execute("SELECT max(number) FROM logs").fetchone()[0]
            connection.execute("DELETE FROM logs WHERE number <= ?", (newest - _MOST_LOGS,))

        if rows:
            with contextlib.suppress(OSError):
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._attempt(write)

    def _attempt(self, action: Callable[[sqlite3.Connection], None]) -> None:
        """Do something with a connection, and keep what it changed. A failure is no error: then there is no index."""
        try:
            with contextlib.closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as connection, connection:
                action(connection)
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                # It is damaged, and stays so.
                with contextlib.suppress(OSError):
                    self._path.unlink()


def user_index() -> RunIndex | None:
    """The index of this user; None for a user without a home."""
    folder = user_cache_folder("runs")
    return RunIndex(folder) if folder else None


def _rows(connection: sqlite3.Connection, paths: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """The rows of some logs: path, version, what they said, and digest."""
    rows: list[tuple[str, str, str, str]] = []
    for first in range(0, len(paths), _PATHS_AT_ONCE):
        some = paths[first : first + _PATHS_AT_ONCE]
        marks = ",".join("?" * len(some))
        query = f"SELECT path, version, said, digest FROM logs WHERE path IN ({marks})"  # noqa: S608 -- marks alone
        rows += connection.execute(query, some).fetchall()
    return rows


def _paths(segments: Iterable[Segment]) -> list[str]:
    """The absolute path of each log."""
    here = str(Path.cwd())
    # `Path.absolute` takes as long as all else that is done for a log.
    return [os.path.join(here, segment.path) for segment in segments]  # noqa: PTH118


def _version(segment: Segment, mtime: float | None = None) -> str:
    """What changes when the log does, or the summary file beside it, which says what the ends of a large log don't.

    Empty where the log can't be looked at, or was last written to at another time than `mtime`.
    """
    try:
        status = os.stat(segment.path)  # noqa: PTH116 -- see above
    except OSError:
        return ""
    if mtime not in (None, status.st_mtime):
        return ""
    numbers = [status.st_size, status.st_mtime_ns, status.st_ino]
    if status.st_size > WHOLE_AT_ENDS:
        with contextlib.suppress(OSError):
            summary = (segment.files / SUMMARY_FILE).lstat()
            numbers += [summary.st_size, summary.st_mtime_ns, summary.st_ino]
    return " ".join(map(str, numbers))


def _digest(*texts: str) -> str:
    """A checksum of a row: what is damaged shall not be taken for what a run says."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _encoded(log: LogDescription) -> str:
    return json.dumps(asdict(log), default=datetime.isoformat)


def _description(said: dict[str, Any]) -> LogDescription:
    record: dict[str, Any] = said.pop("record")
    started = record.pop("start_time")
    record["tags"] = tuple(record["tags"])
    said["steps"] = tuple(said["steps"]) if said["steps"] else None
    start_time = datetime.fromisoformat(started) if started else None
    return LogDescription(record=RunRecord(**record, start_time=start_time), **said)

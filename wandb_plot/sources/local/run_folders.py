"""Where the SDK puts runs on disk: `wandb/{offline-run|run}-YYYYMMDD_HHMMSS-ID[-N]/run-ID.wandb`.

One id may lie in several folders, when a run was resumed; each is a segment of the run. Tools such as Hydra give every
job a `wandb/` folder of its own, so these are looked for below a folder that holds none itself.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from wandb_plot.errors import NotFoundError
from wandb_plot.sources.source_protocol import Warn

_FOLDER = re.compile(r"(?:offline-run|run)-(?P<started>\d{8}_\d{6})-(?P<id>.+)")
_ROOTS = ("wandb", ".wandb")
_LOG = ".wandb"

# Deep enough for `outputs/date/time/job/wandb`; a whole disk is not to be searched.
_MOST_LEVELS = 6
_MOST_FOLDERS = 20_000


@dataclass(frozen=True, eq=False)
class Segment:
    """What one folder holds of a run. Each is found once, and equal to itself alone.

    Attributes:
        run_id: as the name of the log says.
        started: `YYYYMMDD_HHMMSS` from the folder's name, in the time of the machine that ran it; empty where it has
            another name.
        path: of the `.wandb` file.
        job: where the `wandb/` folder lies below PROJECT, with `/` between folders; empty where it is PROJECT's own.
    """

    run_id: str
    started: str
    path: str
    job: str = ""

    @property
    def log(self) -> Path:
        """The `.wandb` file."""
        return Path(self.path)

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.log.parent

    @property
    def name(self) -> str:
        """What tells it from the other folders of PROJECT."""
        *_, root, folder, _ = ("", "", *self.path.rsplit(os.sep, 3))
        return f"{self.job}/{root}/{folder}" if self.job else folder

    @property
    def files(self) -> Path:
        """The folder of logged files; it need not be there."""
        return self.folder / "files"

    def is_at(self, path: Path) -> bool:
        """Whether `path` names this very log, or its folder."""
        return path.exists() and any(path.samefile(own) for own in (self.log, self.folder))


def find_segments(path: Path, *, warn: Warn) -> dict[str, list[Segment]]:
    """The segments of every run below `path`, oldest first, by run id.

    If several jobs use one id, each job's run is one of its own, and its job is put before the id: `outputs/first/ID`.

    Args:
        path: a `.wandb` file, a run folder, a `wandb/` folder, the folder that holds one, or one above such folders.
        warn: told where not all folders were looked into.

    Raises:
        NotFoundError: there is nothing there, or no run in it.
    """
    if not path.exists():
        raise _missing(path)
    if path.is_dir():
        segments = _in_folder(str(path))
        for name in _ROOTS:
            if not segments and (path / name).is_dir():
                segments = _in_folder(str(path / name))
        if not segments:
            segments = list(_in_jobs(path, warn))
    else:
        segments = [_segment(str(path))]
    if not segments:
        raise NotFoundError(
            f"no runs lie in {path}",
            hint="name a wandb/ folder, a run folder (offline-run-*, run-*), or a .wandb file",
            code="path_not_found",
        )
    by_job: dict[str, dict[str, list[Segment]]] = defaultdict(lambda: defaultdict(list))
    for segment in sorted(segments, key=lambda segment: (segment.started, segment.path)):
        by_job[segment.run_id][segment.job].append(segment)
    return {
        run_id if len(jobs) == 1 else f"{job}/{run_id}": own
        for run_id, jobs in by_job.items()
        for job, own in jobs.items()
    }


def _in_folder(folder: str, job: str = "") -> list[Segment]:
    """The logs of a run folder itself, else those of the run folders in it."""
    found, run_folders = _entries(folder)
    if found:
        return [_segment(log, job) for log in found]
    return [_segment(log, job) for run_folder in run_folders for log in _entries(run_folder)[0]]


def _entries(folder: str) -> tuple[list[str], list[str]]:
    """The logs that lie in a folder, and the run folders in it. `latest-run` is a link to one of these.

    Paths are texts here: of thousands of runs, making a `Path` of each takes as long as looking at it.
    """
    logs, run_folders = [], []
    within = "" if folder == os.curdir else folder + os.sep
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if name.endswith(_LOG) and name != _LOG and entry.is_file():
                    logs.append(within + name)
                elif _FOLDER.fullmatch(name) and entry.is_dir(follow_symlinks=False):
                    run_folders.append(within + name)
    except OSError:
        return [], []
    return sorted(logs), sorted(run_folders)


def _in_jobs(path: Path, warn: Warn) -> Iterator[Segment]:
    """The runs of all `wandb/` folders below a folder, the nearest first."""
    level, looked_at = [path], 0
    for _ in range(_MOST_LEVELS):
        below: list[Path] = []
        for folder in level:
            looked_at += 1
            if looked_at > _MOST_FOLDERS:
                warn(f"looked for wandb/ folders in {_MOST_FOLDERS:,} folders below {path} and no more")
                return
            roots, others = _folders(folder)
            job = folder.relative_to(path).as_posix()
            yield from (segment for root in roots for segment in _in_folder(str(root), job))
            below += others
        level = below


def _folders(folder: Path) -> tuple[list[Path], list[Path]]:
    """The `wandb/` folders in a folder, and all others that may hold some: no links, which may lead in a circle."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return [], []
    others = [folder / name for name in names if not name.startswith((".", "__")) and name not in _ROOTS]
    return [folder / name for name in names if name in _ROOTS], others


def _segment(log: str, job: str = "") -> Segment:
    *_, folder_name, name = ("", *log.rsplit(os.sep, 2))
    folder = _FOLDER.fullmatch(folder_name)
    if folder is None:
        # A run folder may be named by a link, or relative to itself.
        folder = _FOLDER.fullmatch(Path(log).parent.resolve().name)
    run_id = (name.rpartition(".")[0] or name).removeprefix("run-")
    return Segment(run_id, folder["started"] if folder else "", log, job)


def _missing(path: Path) -> NotFoundError:
    siblings = [child.name for child in path.parent.iterdir()] if path.parent.is_dir() else []
    near = get_close_matches(path.name, siblings)
    return NotFoundError(
        f"there is no {_as_project(path)}",
        hint="check the path; local paths are relative to the current directory",
        candidates=[_as_project(path.parent / name) for name in near],
        code="path_not_found",
    )


def _as_project(path: Path) -> str:
    """The path as users write PROJECT: with the `./` that `Path` drops, and without which it would name a project."""
    return str(path) if path.is_absolute() or path.parts[:1] == ("..",) else f"./{path}"

"""Where the SDK puts runs on disk: `wandb/{offline-run|run}-YYYYMMDD_HHMMSS-ID[-N]/run-ID.wandb`.

One id may lie in several folders, when a run was resumed; each is a segment of the run.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from wandb_plot.errors import NotFoundError

_FOLDER = re.compile(r"(?:offline-run|run)-(?P<started>\d{8}_\d{6})-(?P<id>.+)")
_ROOTS = ("wandb", ".wandb")


@dataclass(frozen=True)
class Segment:
    """One folder's part of a run.

    Attributes:
        run_id: as the name of the log says.
        started: `YYYYMMDD_HHMMSS` from the folder's name; empty where it has another.
        log: the `.wandb` file.
    """

    run_id: str
    started: str
    log: Path

    @property
    def folder(self) -> Path:
        """The run folder."""
        return self.log.parent

    @property
    def files(self) -> Path:
        """The folder of logged files; it need not be there."""
        return self.folder / "files"

    def is_at(self, path: Path) -> bool:
        """Whether `path` names this very log, or its folder."""
        return path.exists() and any(path.samefile(own) for own in (self.log, self.folder))


def find_segments(path: Path) -> dict[str, list[Segment]]:
    """The segments of every run below `path`, oldest first, by run id.

    Args:
        path: a `.wandb` file, a run folder, a `wandb/` folder, or the folder that holds one.

    Raises:
        NotFoundError: there is nothing there, or no run in it.
    """
    if not path.exists():
        raise _missing(path)
    if path.is_file():
        segments = [_segment(path)]
    else:
        segments = _in_folder(path)
        for name in _ROOTS:
            if not segments and (path / name).is_dir():
                segments = _in_folder(path / name)
    if not segments:
        raise NotFoundError(
            f"no runs lie in {path}",
            hint="name a wandb/ folder, a run folder (offline-run-*, run-*), or a .wandb file",
            code="path_not_found",
        )
    by_run = defaultdict(list)
    for segment in sorted(segments, key=lambda segment: (segment.started, segment.log)):
        by_run[segment.run_id].append(segment)
    return dict(by_run)


def _in_folder(folder: Path) -> list[Segment]:
    """The logs of a run folder itself, else those of the run folders in it."""
    logs = _logs(folder)
    if not logs:
        # `latest-run` is a link to one of the others.
        children = (child for child in folder.iterdir() if _FOLDER.fullmatch(child.name) and not child.is_symlink())
        logs = [log for child in children if child.is_dir() for log in _logs(child)]
    return [_segment(log) for log in logs]


def _logs(folder: Path) -> list[Path]:
    return sorted(log for log in folder.glob("*.wandb") if log.is_file())


def _segment(log: Path) -> Segment:
    # A run folder may be named by a link, or relative to itself.
    folder = _FOLDER.fullmatch(log.parent.resolve().name)
    return Segment(log.stem.removeprefix("run-"), folder["started"] if folder else "", log)


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
    """The path as one writes it for PROJECT: a `Path` forgets the `./` without which it would name a project."""
    return str(path) if path.is_absolute() or path.parts[:1] == ("..",) else f"./{path}"

"""The files that a run logged, in the `files/` folders of its segments."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from wandb_plot.basics.untrusted_files import open_regular
from wandb_plot.errors import MachineError
from wandb_plot.model.run import RunFile
from wandb_plot.sources.local.run_folders import Segment
from wandb_plot.sources.log.media import read_media
from wandb_plot.sources.source_protocol import Warn


def list_files(
    segments: Sequence[Segment], *, follow_links: bool, warn: Warn, warn_of_log: Callable[[Path, str], None]
) -> list[RunFile]:
    """The files of all segments; where two hold the same name, the newest one's.

    Args:
        segments: of one run, oldest first.
        follow_links: also list files outside of the run's folder that symbolic links in it lead to.
        warn: told of such links where they are left out.
        warn_of_log: told what was lost of a log, which says at which step each image was logged.
    """
    found: dict[str, RunFile] = {}
    for segment in segments:
        paths = []
        for path in _regular_files(segment.files):
            if follow_links or is_inside(path, segment):
                paths.append(path)
            else:
                warn(f"left out {path}, a link that leaves the folder of its run; --follow-links takes it in")
        images = read_media(segment.log, most=len(paths), warn=warn_of_log) if paths else []
        logged = {image.path: image for image in images}
        for path in paths:
            name = path.relative_to(segment.files).as_posix()
            image = logged.get(name)
            step, caption = (image.step, image.caption) if image else (None, None)
            found[name] = RunFile(name, path.stat().st_size, step=step, caption=caption)
    return [found[name] for name in sorted(found)]


def copy_file(segments: Sequence[Segment], name: str, target: Path, *, follow_links: bool) -> None:
    """Copy the newest segment's file of a name to `target`.

    Raises:
        MachineError: there is no such file any more.
        OSError: it can't be read, or `target` can't be written.
    """
    for segment in reversed(segments):
        path = segment.files / name
        if path.is_file() and (follow_links or is_inside(path, segment)):
            with open_regular(path) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
            return
    raise MachineError(f"{name} is gone from {segments[-1].files}")


def is_inside(path: Path, segment: Segment) -> bool:
    """Whether a path leads to a file in the run's own folder, links in it being followed."""
    try:
        return path.resolve(strict=True).is_relative_to(segment.folder.resolve())
    except (OSError, RuntimeError):
        return False


def _regular_files(folder: Path) -> Iterator[Path]:
    """All regular files below a folder, and links to such; folders that are links are not gone into."""
    for parent, _, names in os.walk(folder):
        yield from (path for name in sorted(names) if (path := Path(parent, name)).is_file())

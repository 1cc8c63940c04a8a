"""The files of a run on a server: which there are, and their bytes, checked against what the server says of them."""

import re
from http import HTTPStatus
from pathlib import Path
from typing import Any

from wandb_plot.basics.digests import md5_of
from wandb_plot.errors import AccessError, NotFoundError
from wandb_plot.model.run import RunFile
from wandb_plot.sources.server.client.answer_checks import OddAnswerError, as_count, as_text, odd_answer
from wandb_plot.sources.server.client.download_progress import download_progress
from wandb_plot.sources.server.client.errors import BrokenAnswerError, http_status
from wandb_plot.sources.server.client.paging import read_pages
from wandb_plot.sources.server.client.retries import ServerCalls
from wandb_plot.sources.server.client.run import ServerRun
from wandb_plot.sources.source_protocol import Warn

# The client's names for media end in the step and a digest.
_MEDIA_STEP = re.compile(r"^media/.*_(\d{1,18})_[0-9a-f]{8,}\.\w+$", re.DOTALL)
_LONGEST_SIZE = 20


class FileStore:
    """The files of the runs of one server; safe to use from several threads.

    Args:
        calls: asks the server.
        warn: told of files that are left out, as what the server says of them can't be.
    """

    def __init__(self, calls: ServerCalls, warn: Warn) -> None:
        self._calls = calls
        self._warn = warn
        self._handles: dict[tuple[tuple[str, ...], str], Any] = {}

    def list(self, run: ServerRun) -> list[RunFile]:
        """Every file of `run`, sorted by name; pages that shift while they are read repeat none."""
        handles = read_pages(run.files(), self._calls, lambda file: str(file.name))
        files = []
        for name in sorted(handles):
            try:
                files.append(_described(handles[name]))
            except OddAnswerError as error:
                self._warn(f"left out file {name!r} of {run.name}: {error.message}")
            else:
                self._handles[run.address, name] = handles[name]
        return files

    def fetch(self, run: ServerRun, file: RunFile, folder: Path) -> Path:
        """Bring `file` into `folder`, which is empty.

        Returns:
            Where in it the file is; the client makes folders as the file's name has them.

        Raises:
            NotFoundError: the server has no such file.
            ServerError: it arrived broken, again and again.
        """
        handle = self._handles.get((run.address, file.name)) or self._look_up(run, file)
        try:
            return self._download(handle, file, folder)
        except AccessError:
            # The signature of an address expires.
            return self._download(self._look_up(run, file), file, folder)

    def _look_up(self, run: ServerRun, file: RunFile) -> Any:
        paginator = run.files([file.name])
        found = self._calls(lambda: next(iter(paginator), None))
        if found is None:
            raise _missing(file)
        self._handles[run.address, file.name] = found
        return found

    def _download(self, handle: Any, file: RunFile, folder: Path) -> Path:
        def attempt() -> Path:
            try:
                handle.download(root=str(folder), replace=True).close()
            except Exception as error:
                if http_status(error) == HTTPStatus.NOT_FOUND:
                    raise _missing(file) from None
                raise
            (arrived,) = (path for path in folder.rglob("*") if path.is_file())
            _check(arrived, file)
            return arrived

        return self._calls(attempt, progress=download_progress(folder, self._calls, announced=file.size))


def _described(handle: Any) -> RunFile:
    name = as_text(handle.name, "the name of a file")
    if name is None:
        raise odd_answer("the name of a file", handle.name)
    size = handle.sizeBytes
    if isinstance(size, str) and size.isdecimal():
        size = int(size[:_LONGEST_SIZE])
    step = _MEDIA_STEP.match(name)
    return RunFile(
        name,
        size=None if size is None else as_count(size, f"the size of {name}"),
        md5=as_text(handle.md5, f"the digest of {name}"),
        step=int(step[1]) if step else None,
    )


def _missing(file: RunFile) -> NotFoundError:
    return NotFoundError(f"the server has no file {file.name!r}", hint="list the files again", code="path_not_found")


def _check(path: Path, file: RunFile) -> None:
    size = path.stat().st_size
    if file.size is not None and size != file.size:
        raise BrokenAnswerError(f"{file.name} arrived with {size} bytes of {file.size}", hint="try again")
    if file.md5 is not None and md5_of(path) != file.md5:
        raise BrokenAnswerError(f"{file.name} arrived damaged", hint="try again")

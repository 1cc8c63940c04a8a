"""Downloads files of runs: chosen by glob, several at a time, each put into place when it is whole."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import cast

from wandb_plot.basics.digests import md5_of
from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import WandbPlotError
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.metadata_types import DownloadEntry
from wandb_plot.model.outcome import FileFacts, Outcome, OutputFile
from wandb_plot.model.run import Run, RunFile
from wandb_plot.output.file_content import stamp_of
from wandb_plot.output.file_names import FileIdentity, output_folder
from wandb_plot.output.file_suffixes import IMAGES, suffix_of
from wandb_plot.output.folder import OutputFolder
from wandb_plot.sources.source_protocol import Source

# A signed address is one round trip, and the files are small: latency is what costs.
_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class DownloadRequest:
    """What `download` was asked for.

    Attributes:
        patterns: globs, of which a file matches any; every image where there is none.
        output: the folder; None for the usual one.
        force: fetch again what is already there.
        dry_run: say what would be written, and write nothing.
    """

    patterns: Sequence[str]
    output: Path | None
    force: bool
    dry_run: bool


def download_runs(source: Source, runs: Sequence[Run], request: DownloadRequest, listener: Listener) -> Outcome:
    """Download the files of `runs` that `request` asks for into one folder, and list them in metadata.json.

    Where two runs logged files of the same name, the second one gets another name.
    """
    owner = {"entity": runs[0].entity or None, "project": runs[0].project or None}
    path = request.output or output_folder(**owner, runs=runs)
    planned: dict[str, FileIdentity] = {}
    outcomes = [_download(source, run, path, request, listener, planned) for run in runs]
    metadata = [outcome.metadata for outcome in outcomes if outcome.metadata]
    return Outcome(path, [file for outcome in outcomes for file in outcome.files], metadata[-1] if metadata else None)


def _download(
    source: Source,
    run: Run,
    path: Path,
    request: DownloadRequest,
    listener: Listener,
    planned: dict[str, FileIdentity],
) -> Outcome:
    listener.progress(f"listing the files of {run}")
    wanted = {file.name: file for file in source.files(run) if _is_wanted(file.name, request.patterns)}
    if not wanted:
        return Outcome(path, [])
    entity, project = run.entity or None, run.project or None
    names_planned = planned if request.dry_run else None
    with OutputFolder(
        path, entity=entity, project=project, runs=[run], warn=listener.warn, planned=names_planned
    ) as folder:
        base_names = {name: PurePosixPath(name).name for name in wanted}
        names = folder.assign(base_names, "download", claim=not request.dry_run)
        if request.dry_run:
            return Outcome(
                path, [OutputFile(path / names[name], "planned", _facts(file)) for name, file in wanted.items()]
            )

        def take(file: RunFile) -> OutputFile:
            listener.progress(f"downloading {file.name}")
            return _take(source, run, file, folder, names[file.name], force=request.force)

        with ExitStack() as interrupted:
            # What the client still writes would make a folder anew that was just removed.
            interrupted.push(source)
            files = list(map_concurrently(take, wanted.values(), at_once=_AT_ONCE))
            interrupted.pop_all()
        return Outcome(path, files, folder.commit())


def _take(source: Source, run: Run, file: RunFile, folder: OutputFolder, name: str, *, force: bool) -> OutputFile:
    path = folder.path / name
    try:
        if not force and _is_same(path, file):
            folder.keep(name, _entry(file))
            return OutputFile(path, "unchanged", _facts(file))
        action = folder.store(name, lambda target: source.fetch(run, file, target), _entry(file))
    except (WandbPlotError, OSError) as error:
        return OutputFile.failed(path, _facts(file), error, name=file.name)
    return OutputFile(path, action, _facts(file))


def _is_wanted(name: str, patterns: Sequence[str]) -> bool:
    path = PurePosixPath(name)
    if not patterns:
        return suffix_of(name) in IMAGES
    return any(fnmatchcase(name if "/" in pattern else path.name, pattern) for pattern in patterns)


def _is_same(path: Path, file: RunFile) -> bool:
    """Whether `path` already holds the bytes that the server has; unknown counts as no."""
    stamp = stamp_of(path) if file.md5 is not None else None
    return stamp is not None and stamp.bytes == file.size and md5_of(path) == file.md5


def _entry(file: RunFile) -> DownloadEntry:
    return cast("DownloadEntry", {"kind": "download", **_facts(file)})


def _facts(file: RunFile) -> FileFacts:
    facts: FileFacts = {"source": file.name}
    if file.step is not None:
        facts["step"] = file.step
    if file.caption is not None:
        facts["caption"] = file.caption
    return facts

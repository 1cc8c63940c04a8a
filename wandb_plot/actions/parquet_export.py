"""Writes runs to a folder of Parquet files, one per run; an export that was interrupted can be resumed."""

import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wandb_plot.errors import MachineError, UsageError, WandbPlotError
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.outcome import Action, FileFacts, Outcome, OutputFile
from wandb_plot.model.run import ENDED, Run
from wandb_plot.output.file_names import name_by_id
from wandb_plot.output.write_errors import filesystem_errors
from wandb_plot.sources.map_runs import map_runs, out_of_sight
from wandb_plot.sources.parquet.files import SUFFIX, SYSTEM_FOLDER, digest_of, read_stored_run, write_run
from wandb_plot.sources.source_protocol import PortablePath, Source


@dataclass(frozen=True)
class Shard:
    """One of `count` equal shares of the runs, for array jobs: that of number `index`, from 1."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Understand `INDEX/COUNT`.

        Raises:
            UsageError: it has no such form.
        """
        index, slash, count = text.partition("/")
        if slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count):
            return cls(int(index), int(count))
        raise UsageError(f"--shard {text!r} is not INDEX/COUNT", hint="the third of a hundred shares is 3/100")

    def holds(self, run: Run) -> bool:
        """Whether a run is in this share: decided by its id alone, so that all jobs divide the runs alike."""
        return zlib.crc32(run.id.encode()) % self.count == self.index - 1


def export_histories(
    source: Source, runs: Sequence[Run], folder: Path, listener: Listener, *, shard: Shard | None = None
) -> Outcome:
    """Write the whole history of each run to a file of its own in `folder`.

    The file of a run that has ended, and has not changed since it was written, is left alone.

    Returns:
        What was done with each file, including those that failed.
    """
    chosen = [run for run in runs if shard is None or shard.holds(run)]
    with filesystem_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    export = partial(_export, PortablePath(folder, Path.cwd()))
    files = []
    for number, (_, file) in enumerate(map_runs(source, chosen, export, warn=listener.warn), 1):
        listener.progress(f"{number} of {len(chosen)} runs: {file.path.name}")
        files.append(file)
    return Outcome(folder, files)


def _export(portable: PortablePath, source: Source, run: Run) -> OutputFile:
    """Write the file of one run, in whichever process.

    Raises:
        MachineError: this process can't see the folder.
    """
    folder = portable.here()
    if not folder.is_dir():
        raise out_of_sight(str(folder), hint="write to a folder that all workers share")
    path = folder / name_by_id(run.id, SUFFIX)
    facts = FileFacts(run_id=run.id, run_name=run.name)
    try:
        return OutputFile(path, _write(source, run, path), facts)
    except (WandbPlotError, OSError) as error:
        return OutputFile.failed(path, facts, error)


def _write(source: Source, run: Run, path: Path) -> Action:
    if run.state in ENDED and _holds(path, run):
        return "unchanged"
    history = source.history(run, None)
    # Readers see the old file or the new one, never a part.
    stage = path.parent / f".{path.name}.writing"
    stage.mkdir(exist_ok=True)
    try:
        with filesystem_errors(path.parent):
            write_run(stage / path.name, run, history)
            system = stage / SYSTEM_FOLDER / path.name
            if system.exists():
                (path.parent / SYSTEM_FOLDER).mkdir(exist_ok=True)
                system.replace(path.parent / SYSTEM_FOLDER / path.name)
            (stage / path.name).replace(path)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return "written"


def _holds(path: Path, run: Run) -> bool:
    try:
        stored = read_stored_run(path) if path.exists() else None
    except MachineError:
        return False
    return stored is not None and stored.facts["digest"] == digest_of(run)

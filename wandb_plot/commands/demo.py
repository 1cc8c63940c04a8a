"""`wandb-plot demo`."""

import contextlib
import io
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TypedDict

import click

from wandb_plot.commands.options import common_options
from wandb_plot.console import Console
from wandb_plot.errors import MachineError

_FOLDER = "wandb-plot-demo"

# A cold start of the SDK takes some seconds, on a busy machine more.
_RECORDING_SECONDS = 180

# What the demo shows, in order. The smoothed figure has a folder of its own, beside the plain one of the same metric.
_COMMANDS = (
    ("runs", "./wandb"),
    ("metrics", "./wandb", "latest"),
    ("download", "./wandb", "latest"),
    ("generate", "./wandb", "latest", "--metrics", "system.*memory*"),
    ("generate", "./wandb", "latest", "--all-metrics", "--report"),
    ("generate", "./wandb", "latest", "--metrics", "train/loss", "--smoothing", "twema:0.9", "--output", "smoothed"),
)


class DemoDocument(TypedDict):
    """What `--json` writes: the folder of the demo, the commands it ran, and the images and pages that they made."""

    folder: str
    commands: list[str]
    files: list[str]


@click.command()
@common_options
def demo(console: Console, timeout: float) -> None:  # noqa: ARG001 -- every command takes it
    """Record a small offline run with the real SDK, then list, download and draw it."""
    folder = _new_folder()
    console.hint(f"Recording a run with the wandb SDK, offline, in {folder}/wandb ...")
    _record(folder)
    group = click.get_current_context().find_root().command
    with contextlib.chdir(folder), _stdout_for(console):
        for command in _COMMANDS:
            # As a user would type it.
            console.lines(["", f"$ wandb-plot {shlex.join(command)}"])
            with group.make_context("wandb-plot", list(command), obj=replace(console, json=False)) as context:
                group.invoke(context)
    made = sorted(path for suffix in ("png", "html") for path in folder.rglob(f"*.{suffix}"))
    files = [path for path in made if "wandb" not in path.relative_to(folder).parts]
    if console.json:
        commands = [shlex.join(("wandb-plot", *command)) for command in _COMMANDS]
        document: DemoDocument = {"folder": str(folder), "commands": commands, "files": list(map(str, files))}
        console.document(document)
    else:
        console.lines(["", f"{len(files)} files to look at; index.html shows all of its folder:", *map(str, files)])


def _new_folder() -> Path:
    for number in count(1):
        folder = Path(_FOLDER if number == 1 else f"{_FOLDER}-{number}")
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return folder
    raise AssertionError  # count() does not end


def _record(folder: Path) -> None:
    """Record in a child process, so that this one never imports wandb."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as private:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WANDB_")}
        # The SDK keeps its files in these, and leaves some behind in the last.
        for name in ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR", "TMPDIR"):
            environment[name] = private
        environment |= {"WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true"}
        command = [sys.executable, "-P", "-m", "wandb_plot.actions.demo_recording", str(folder)]
        try:
            subprocess.run(  # noqa: S603 -- our own module
                command, env=environment, check=True, capture_output=True, timeout=_RECORDING_SECONDS
            )
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            raise MachineError(f"recording failed: {last}", code="environment") from error
        except subprocess.TimeoutExpired as error:
            raise MachineError("recording took too long", hint="try again", code="environment") from error


@contextlib.contextmanager
def _stdout_for(console: Console) -> Iterator[None]:
    """Where the shown commands write to: nowhere, when stdout is to carry one JSON document."""
    with contextlib.redirect_stdout(io.StringIO()) if console.json else contextlib.nullcontext():
        yield

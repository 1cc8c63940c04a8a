"""metadata.json on disk: one document a folder, read whole, and written whole or not at all; all commands add to it."""

import json
import math
import os
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import cast

from wandb_plot.basics.untrusted_files import NotRegularError, read_regular
from wandb_plot.model.metadata_types import FileEntry, FolderDocument
from wandb_plot.output.file_content import stamp_of
from wandb_plot.output.file_names import METADATA
from wandb_plot.output.metadata_merging import FolderRuns, Metadata, empty_document
from wandb_plot.output.metadata_validation import is_ours
from wandb_plot.output.workspace import Workspace
from wandb_plot.output.write_errors import filesystem_errors

# More than any document of ours: it says some kilobytes of a figure.
MAX_BYTES = 256 << 20


def read_metadata(folder: Path) -> Metadata:
    """Read the document of `folder`; the folder need not be there.

    Raises:
        OSError: the file is there and can't be read.
    """
    path = folder / METADATA
    try:
        content = read_regular(path, MAX_BYTES)
    except FileNotFoundError:
        return Metadata(empty_document())
    except NotRegularError:
        status = path.lstat()
        return Metadata(empty_document(), _backup_name(f"{status.st_size} {status.st_mtime_ns}".encode()))
    try:
        document = json.loads(content, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return Metadata(empty_document(), _backup_name(content))
    if not is_ours(document):
        return Metadata(empty_document(), _backup_name(content))
    return Metadata(cast("FolderDocument", {**empty_document(), **document}))


def add_to_metadata(
    folder: Path,
    workspace: Workspace,
    runs: FolderRuns,
    entries: Mapping[str, FileEntry],
    warn: Callable[[str], None],
) -> None:
    """Add files to the metadata.json of `folder`; only under the lock of its workspace.

    One that is damaged or from elsewhere is kept under a name that begins with a dot.

    Args:
        folder: the output folder.
        workspace: that of the command in it.
        runs: those that the files show.
        entries: what to say of each file, by its name.
        warn: called with a line for the user.

    Raises:
        MachineError: the folder can't be written.
    """
    old = read_metadata(folder)
    if old.backup_name:
        with filesystem_errors(folder):
            _keep_aside(folder, old.backup_name)
        warn(f"{METADATA} in {folder} is damaged or not ours: kept as {old.backup_name}, and begun anew")
    content = _encode(old.merged(runs, entries).document)
    with workspace.stage() as stage:
        made = stage / METADATA
        made.write_bytes(content)
        target = folder / METADATA
        there = stamp_of(target)
        if there is None or there.bytes != len(content) or target.read_bytes() != content:
            made.replace(target)


def _keep_aside(folder: Path, backup_name: str) -> None:
    """Keep the metadata.json of `folder` under that name, whatever it is and as it is, even a pipe.

    Where the file system can, it stays in its place too until another one replaces it.

    Raises:
        OSError: the folder can't be written.
    """
    try:
        os.link(folder / METADATA, folder / backup_name, follow_symlinks=False)
    except FileExistsError:
        pass
    except OSError:  # a folder, or a file system without links
        (folder / METADATA).replace(folder / backup_name)


def _encode(document: FolderDocument) -> bytes:
    """The bytes of the file: the same document always gives the same. A run, a series or a group is one line."""
    text = _encoded(document)
    # Half a surrogate pair can be a part of a metric's name but not of UTF-8; JSON has an escape of the same form.
    return f"{text}\n".encode(errors="backslashreplace")


def _encoded(value: object, margin: str = "") -> str:
    """`value` as JSON: a key a line, and what stands in a list a line each, however much it holds."""
    inner = margin + " "
    if isinstance(value, Mapping) and value:
        lines = [f"{inner}{_flat(str(key))}: {_encoded(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}"
    if isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
        return "[\n" + ",\n".join(inner + _flat(item) for item in value) + f"\n{margin}]"
    return _flat(value)


def _flat(value: object) -> str:
    # Agents read it whole: a figure of many series is a fifth smaller without spaces.
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _backup_name(content: bytes) -> str:
    return f".{METADATA}.damaged-{sha256(content).hexdigest()[:8]}"


def _finite(token: str) -> float:
    number = float(token)
    if not math.isfinite(number):
        raise ValueError(f"{token} is no JSON number")
    return number

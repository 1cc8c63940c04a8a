"""What the system says of a folder that can't be written, as errors of ours."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from wandb_plot.errors import FULL_DISK, MachineError


@contextmanager
def filesystem_errors(path: Path, only: Collection[int] = ()) -> Iterator[None]:
    """Turn each `OSError` within, or those with an `errno` in `only`, into a `MachineError` about `path`."""
    try:
        yield
    except OSError as error:
        if only and error.errno not in only:
            raise
        full = error.errno in FULL_DISK
        raise MachineError(
            f"can't write to {path}: {error.strerror or error}",
            hint="free some space, or choose another folder with --output"
            if full
            else "choose a folder that can be written with --output",
        ) from error


@contextmanager
def full_disk_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` within that speaks of a full disk into a `MachineError` about `path`; let others pass."""
    with filesystem_errors(path, only=FULL_DISK):
        yield

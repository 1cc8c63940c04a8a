"""Finds what a drawn figure says of itself: in the file, or in metadata.json beside it."""

from pathlib import Path
from typing import cast

from wandb_plot.basics.digests import sha256_of
from wandb_plot.model.metadata_types import PlotEntry
from wandb_plot.output.metadata_file import read_metadata
from wandb_plot.output.png_text import read_text

# With --group-by-prefix a figure lies one folder below its metadata.json.
_FOLDERS = 2


def words_of(path: Path) -> dict[str, str]:
    """The text in a PNG, by keyword; of a figure in another format its description in metadata.json.

    Raises:
        MachineError: the file is neither a whole PNG nor described.
        OSError: it can't be read.
    """
    described = "" if path.suffix.lower() == ".png" else _description(path.absolute())
    return {"Description": described} if described else read_text(path)


def _description(path: Path) -> str:
    """What metadata.json says of a file that holds the bytes that were drawn; empty where it says nothing."""
    for folder in list(path.parents)[:_FOLDERS]:
        entry = read_metadata(folder).document["files"].get(path.relative_to(folder).as_posix())
        # Entries of other versions may lack any key.
        if entry is not None and entry.get("kind") == "plot" and entry.get("sha256") == sha256_of(path):
            return cast("PlotEntry", entry).get("alt", "")
    return ""

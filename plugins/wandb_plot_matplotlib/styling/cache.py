"""Where matplotlib keeps its list of fonts.

In a home that can't be written to, matplotlib makes a temporary folder each time, complains on stderr, and looks for
all fonts of the machine again. It gets a folder of ours instead.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path


def use_private_cache() -> None:
    """Point matplotlib at a writable folder and at no window system. Has no effect once matplotlib is imported."""
    if "matplotlib" in sys.modules:
        return
    os.environ["MPLCONFIGDIR"] = str(_writable_folder())
    # A backend that matplotlib doesn't know ends its import, and no backend is used here.
    os.environ["MPLBACKEND"] = "agg"


def _writable_folder() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else 0
    for folder in _folders(user):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        # In a temporary folder that all users share, somebody else may have made a folder of this name.
        ours = folder.stat().st_uid == user and not folder.is_symlink()
        if ours and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="wandb-plot-matplotlib-"))


def _folders(user: int) -> Iterator[Path]:
    # A user of a container may have no home, which is an error or, to older versions of platformdirs, a relative path.
    with suppress(RuntimeError):
        cache = user_cache_path("wandb-plot", appauthor=False)
        if cache.is_absolute():
            yield cache / "matplotlib"
    yield Path(tempfile.gettempdir()) / f"wandb-plot-matplotlib-{user}"

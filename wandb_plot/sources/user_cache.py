"""The folder of this user in which sources keep what they have read."""

from pathlib import Path

import platformdirs


def user_cache_folder(name: str) -> Path | None:
    """The folder `name` in the user's cache; None for a user without a home, as in some containers."""
    try:
        folder = platformdirs.user_cache_path("wandb-plot")
    except RuntimeError:
        return None
    return folder / name if folder.is_absolute() else None

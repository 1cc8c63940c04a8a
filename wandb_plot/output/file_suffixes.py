"""What the end of a file's name says."""

from pathlib import PurePosixPath

IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"))
"""The suffixes of images that any browser shows."""


def suffix_of(name: str) -> str:
    """The suffix of a file's name, with its dot and in small letters; empty where it has none."""
    return PurePosixPath(name).suffix.lower()

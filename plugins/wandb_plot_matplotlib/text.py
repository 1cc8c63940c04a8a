"""How wide texts are, and names cut where they are too wide."""

import os
from collections.abc import Sequence
from functools import lru_cache

import matplotlib as mpl
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

_POINTS_PER_INCH = 72
_SEPARATORS = " -_/,;|=("
_HINTED = 1.04
_LINE = 1.4  # font sizes from one line to the next
_LETTERS = 1.05  # font sizes from the highest to the lowest letter
_SHORTEST = 8  # characters: less says nothing


def width(text: str, size: float) -> float:
    """Width in inches of `text`, set at `size` points in the font of the settings in force."""
    return _width(text, size, tuple(mpl.rcParams["font.family"]))


def drawn_width(text: str, size: float) -> float:
    """The width that `text` takes at most in a drawing, where letters are moved to whole pixels."""
    return _HINTED * width(text, size)


@lru_cache(maxsize=4096)
def _width(text: str, size: float, families: tuple[str, ...]) -> float:
    font = FontProperties(family=list(families), size=size)
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0]) / _POINTS_PER_INCH  # noqa: FBT003


def text_height(size: float) -> float:
    """Inches from the highest to the lowest letter of a text set at `size` points."""
    return _LETTERS * size / _POINTS_PER_INCH


def line_height(size: float) -> float:
    """Inches from one line of text to the next, set at `size` points."""
    return _LINE * size / _POINTS_PER_INCH


def cut(text: str, size: float, limit: float) -> str:
    """Cut the middle out of `text`, so that it fits into `limit` inches: names differ at their ends."""
    if width(text, size) <= limit:
        return text
    low, high = _SHORTEST, len(text)
    while low < high:
        keep = (low + high + 1) // 2
        if width(_keep(text, keep), size) <= limit:
            low = keep
        else:
            high = keep - 1
    return _keep(text, low)


def cut_all(texts: Sequence[str], size: float, limit: float) -> list[str]:
    """Cut every text, and keep different ones different: where their ends are the same, what differs stays."""
    short = [cut(text, size, limit) for text in texts]
    if _as_different(short, texts):
        return short
    prefix = _shared(texts)
    suffix = _shared([text[prefix:][::-1] for text in texts])
    inner = [text[prefix : len(text) - suffix] for text in texts]
    short = [cut(f"{'…' * bool(prefix)}{part}{'…' * bool(suffix)}", size, limit) for part in inner]
    if _as_different(short, texts):
        return short
    # What differs is too long to stay: number them.
    number = {text: f" #{count}" for count, text in enumerate(dict.fromkeys(texts), 1)}
    return [cut(text, size, limit - width(number[text], size)) + number[text] for text in texts]


def _as_different(short: Sequence[str], texts: Sequence[str]) -> bool:
    return len(set(short)) == len(set(texts))


def _shared(texts: Sequence[str]) -> int:
    """How many characters all `texts` begin with, in whole words: of `a-lr1` and `a-lr2` two, `a-`."""
    common = os.path.commonprefix(texts)  # noqa: RUF071 -- characters are what is meant
    return max(common.rfind(separator) for separator in _SEPARATORS) + 1


def _keep(text: str, count: int) -> str:
    if count >= len(text):
        return text
    head = count * 3 // 5
    return f"{text[:head]}…{text[len(text) - (count - head) :]}"

"""Fonts for what the usual one has no glyphs for: Chinese, emoji, and all others."""

import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from matplotlib.font_manager import FontEntry, FontProperties, findfont, findSystemFonts, fontManager
from matplotlib.ft2font import FaceFlags, FT2Font

from wandb_plot import Figure, SubstituteFont, WandbPlotWarning, literal

_REGULAR = 400
_BOXES = "Last Resort"  # ships with matplotlib, and has a box for every character
_SHOWN = 8  # characters of a script that no font has


def fonts_for(figure: Figure, families: Sequence[str]) -> tuple[str, ...]:
    """Installed families that have the glyphs which the first of `families` lacks, in the order to try them.

    Tells of each of them, and warns of scripts that no installed font has.
    """
    needed = frozenset("".join(map(literal, _texts(figure))))
    if not needed - _ascii():
        return ()
    found, missing = _chosen(needed, tuple(families))
    for family in found:
        warnings.warn(family, SubstituteFont, stacklevel=2)
    if missing:
        scripts = ", ".join(f"{script} ({characters})" for script, characters in _by_script(missing).items())
        warnings.warn(
            f"no installed font has glyphs for {scripts}: boxes are drawn in their place; "
            f"install a font that has them, such as one of the Noto family",
            WandbPlotWarning,
            stacklevel=2,
        )
    return found


def _texts(figure: Figure) -> Iterable[str]:
    yield from (figure.title, figure.xlabel, figure.ylabel, figure.note, figure.legend_title)
    for series in figure.series:
        yield series.label
        yield from (mark.text for mark in series.marks)
    for panel in figure.panels:
        yield from _texts(panel)


@cache
def _ascii() -> frozenset[str]:
    return frozenset(map(chr, range(128)))


@lru_cache(maxsize=64)
def _chosen(needed: frozenset[str], families: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The families to add, and the characters that none has."""
    missing = needed - _glyphs(findfont(FontProperties(family=list(families))), needed)
    chosen: list[str] = []
    candidates = _regular_fonts() if missing else {}
    while missing:
        most = min(candidates.items(), key=lambda font: (-len(_glyphs(font[1], missing)), font[0]), default=None)
        covered = _glyphs(most[1], missing) if most else frozenset()
        if most is None or not covered:
            break
        chosen.append(most[0])
        missing -= covered
    return tuple(chosen), "".join(sorted(missing))


def _regular_fonts() -> dict[str, str]:
    """The path of the upright, regular font of each installed family; fonts installed since are found too."""
    known = {entry.fname for entry in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in known:
            try:
                fontManager.addfont(path)
            except (OSError, RuntimeError):  # a damaged font, or of a kind that FreeType doesn't read
                continue

    def distance(entry: FontEntry) -> tuple[bool, int, str]:
        weight = entry.weight if isinstance(entry.weight, int) else _REGULAR
        return entry.style != "normal", abs(weight - _REGULAR), entry.fname

    paths: dict[str, str] = {}
    for entry in sorted(fontManager.ttflist, key=distance):
        if not entry.name.startswith(_BOXES):
            paths.setdefault(entry.name, entry.fname)
    return paths


@lru_cache(maxsize=4096)
def _glyphs(path: str, characters: frozenset[str]) -> frozenset[str]:
    """Which of `characters` a font can draw; fonts of bitmaps can't be drawn at all."""
    try:
        font = FT2Font(path)
    except (OSError, RuntimeError):
        return frozenset()
    if not font.face_flags & FaceFlags.SCALABLE:
        return frozenset()
    return frozenset(character for character in characters if font.get_char_index(ord(character)))


def _by_script(characters: str) -> dict[str, str]:
    scripts: dict[str, str] = {}
    for character in characters:
        name = unicodedata.name(character, "")
        script = "emoji and symbols" if unicodedata.category(character) == "So" else name.partition(" ")[0]
        script = script if script in ("CJK", "emoji and symbols") else script.capitalize() or "unnamed characters"
        scripts[script] = scripts.get(script, "") + character
    return {script: found[:_SHOWN] + "…" * (len(found) > _SHOWN) for script, found in scripts.items()}

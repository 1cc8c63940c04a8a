"""Names made short without becoming the same."""

import re
from collections import Counter
from collections.abc import Sequence

_DOTS = "…"
# Between words. The sign of an exponent is none: 1e-4 is one word.
_SEPARATOR = re.compile(r"(?<![0-9][eE])([ \-_/|,]+)")
_LEAST = 8


def shorten(names: Sequence[str], length: int, *, bare: bool = False) -> list[str]:
    """Each of `names` on one line and in at most `length` characters, and different where the names are.

    If a name is longer, words that all names share are removed first; then the middle of each name that is still too
    long is cut out. Names that differ only there are numbered.

    Args:
        names: in any order; equal ones stay equal.
        length: at least 8; a number behind a name may exceed it.
        bare: remove words that all names share from short names too.
    """
    lines = [" ".join(name.split()) for name in names]
    if len(set(lines)) > 1 and (bare or max(map(len, lines)) > length):
        lines = _without_common(lines)
    cut = [_middle_cut(line, max(length, _LEAST)) for line in lines]
    return _numbered(names, cut)


def _without_common(names: Sequence[str]) -> list[str]:
    """The words that vary, where all names are built alike; else the names without their common beginning and end."""
    pieces = [_SEPARATOR.split(name) for name in dict.fromkeys(names)]
    if len({(len(words), *words[1::2]) for words in pieces}) == 1:
        columns = list(zip(*pieces, strict=True))
        kept = [at for at in range(0, len(columns), 2) if len(set(columns[at])) > 1]
        # A number alone says nothing: `seed-1` keeps its word.
        kept = sorted({*kept, *(at - 2 for at in kept if at and all(word.isdecimal() for word in columns[at]))})
        return [_joined(_SEPARATOR.split(name), kept) for name in names]
    start = len(_last_separator(_common(names)))
    # The end is looked for in what is left, so that both can't claim the same characters.
    end = len(_last_separator(_common([name[start:][::-1] for name in names])))
    cut = [name[start : len(name) - end] for name in names]
    return cut if all(cut) else list(names)


def _joined(words: Sequence[str], kept: Sequence[int]) -> str:
    """The words at the places `kept`, each but the first with the separator before it."""
    return "".join(words[at] if number == 0 else words[at - 1] + words[at] for number, at in enumerate(kept))


def _common(names: Sequence[str]) -> str:
    """What all names begin with: between the first and the last in order there is none that differs earlier."""
    first, last = min(names), max(names)
    alike = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:alike]


def _last_separator(common: str) -> str:
    """`common` up to its last separator, so that no word is torn."""
    found = list(_SEPARATOR.finditer(common))
    return common[: found[-1].end()] if found else ""


def _middle_cut(name: str, length: int) -> str:
    if len(name) <= length:
        return name
    # The end tells more often than the beginning: seeds and numbers stand there.
    head = (length - 1) // 2
    return name[:head] + _DOTS + name[len(name) - (length - 1 - head) :]


def _numbered(names: Sequence[str], cut: Sequence[str]) -> list[str]:
    """`cut`, with a number behind those that stand for more than one of `names`."""
    bearers = {short: list(dict.fromkeys(n for n, c in zip(names, cut, strict=True) if c == short)) for short in cut}
    taken = Counter(cut)
    numbered: dict[str, str] = {}
    for short, of in bearers.items():
        number = 0
        for name in of:
            numbered[name] = short
            while len(of) > 1 and taken[numbered[name]]:
                number += 1
                numbered[name] = f"{short} #{number}"
            taken[numbered[name]] += 1
    return [numbered[name] for name in names]

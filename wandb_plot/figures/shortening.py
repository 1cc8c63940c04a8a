"""Names made short without becoming the same."""

from collections import Counter
from collections.abc import Sequence

_DOTS = "…"
# What a common beginning or end may be cut off at, so that no word is torn.
_SEPARATORS = " -_/.,=:|"
_LEAST = 8


def shorten(names: Sequence[str], length: int) -> list[str]:
    """Each of `names` on one line and in at most `length` characters, and different where the names are.

    Where one is longer, what all have in common at the beginning and at the end goes first, then the middle of those
    that are too long still. Names that differ only there are numbered.

    Args:
        names: in any order; equal ones stay equal.
        length: at least 8; a number behind a name may exceed it.
    """
    lines = [" ".join(name.split()) for name in names]
    if len(set(lines)) > 1 and max(map(len, lines)) > length:
        lines = _without_common(lines)
    cut = [_middle_cut(line, max(length, _LEAST)) for line in lines]
    return _numbered(names, cut)


def _without_common(names: Sequence[str]) -> list[str]:
    start = _last_separator(_common(names))
    # The end is looked for in what is left, so that both can't claim the same characters.
    backwards = [name[start:][::-1] for name in names]
    end = _last_separator(_common(backwards))
    cut = [name[start : len(name) - end] for name in names]
    return cut if all(cut) else list(names)


def _common(names: Sequence[str]) -> str:
    """What all names begin with: between the first and the last in order there is none that differs earlier."""
    first, last = min(names), max(names)
    alike = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:alike]


def _last_separator(common: str) -> int:
    return max((common.rfind(separator) + 1 for separator in _SEPARATORS), default=0)


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

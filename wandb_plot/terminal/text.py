"""Text that is safe on a terminal, without control characters and secrets."""

import os
import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}

_SECRETS = re.compile(
    r"(?P<scheme>https?://)[^/\s@]+@"  # credentials inside an address
    r"|(?P<address>https?://[^\s?'\"]+)\?[^\s'\"]+"  # what signs an address
    r"|(?P<header>\bAuthorization\b\W{1,5}(?:Basic|Bearer)?\s*)[\w+/=.-]{8,}"
    r"|(?P<naming>\b(?:api[_-]?key|password|token)\b\W{1,5})[\w-]{16,}"
    r"|\b(?:wandb_v1_\w{20,}|local-[0-9a-f]{40})\b",  # API keys that can be told by their form
    re.IGNORECASE,
)
# Older keys have the form of a Git commit: only those that are known to be keys are left out.
_MAYBE_KEY = re.compile(r"\b[0-9a-f]{40}\b")


def printable(text: str) -> str:
    """`text` with everything that a terminal would obey, or that hides other text, written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def redact(text: str) -> str:
    """`text` without API keys, credentials and the signatures of addresses."""
    key = os.environ.get("WANDB_API_KEY")
    if key:
        text = text.replace(key, "[key]")
    text = _SECRETS.sub(_redacted, text)
    return _MAYBE_KEY.sub(_redacted_if_stored, text)


def _redacted(found: re.Match[str]) -> str:
    if found["scheme"]:
        return found["scheme"]
    if found["address"]:
        return f"{found['address']}?[...]"
    return f"{found['header'] or found['naming'] or ''}[key]"


def _redacted_if_stored(found: re.Match[str]) -> str:
    # Where `wandb login` keeps the key.
    netrc = os.environ.get("NETRC") or os.path.expanduser("~/.netrc")  # noqa: PTH111 -- never fails
    return "[key]" if found[0] in _passwords(netrc) else found[0]


@cache
def _passwords(netrc: str) -> frozenset[str]:
    path = Path(netrc)
    try:
        tokens = path.read_text().split() if path.is_file() else []
    except (OSError, ValueError):
        tokens = []
    return frozenset(password for keyword, password in pairwise(tokens) if keyword == "password")


def _escaped(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")

"""Text that is safe on a terminal, without control characters and secrets; and JSON that any reader takes."""

import json
import math
import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from wandb_plot.basics.json_text import non_finite_text

_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JSON_UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")

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


def to_json(document: Any, *, indent: int | None = None) -> str:
    """Strict JSON in plain characters: no bare NaN, and nothing a terminal would obey."""
    text = json.dumps(json_ready(document), indent=indent, ensure_ascii=False, allow_nan=False)
    return _JSON_UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def to_json_lines(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """Strict JSON as `to_json`, each item of the document on a line of its own: small, and still to be searched."""
    if isinstance(document, Mapping):
        items, ends = [f"{to_json(str(key))}: {to_json(value)}" for key, value in document.items()], "{}"
    else:
        items, ends = [to_json(item) for item in document], "[]"
    return "\n".join([ends[0], ",\n".join(items), ends[1]]) if items else ends


def json_ready(value: Any) -> Any:
    """`value` with the strings "NaN", "Infinity" and "-Infinity" for non-finite numbers, and ISO 8601 for times."""
    if isinstance(value, float) and not math.isfinite(value):
        return non_finite_text(value)
    if isinstance(value, Mapping):
        return {str(key): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


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

"""JSON: reading texts with numbers of any size, and writing what any reader takes."""

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

# JSON has no tokens for these, so servers and users write them as strings.
NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}

# What a terminal may obey, and JSON leaves as it is.
_UNSAFE = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def non_finite_text(number: float) -> str:
    """The string that stands for a number which is not finite."""
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def parse_json(text: str | bytes) -> Any:
    """What `text` stands for as JSON; an integer of thousands of digits is an infinite number.

    Raises:
        json.JSONDecodeError: it is no JSON.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # Python refuses to read such integers
        return json.loads(text, parse_int=_whole_number)


def to_json(document: Any, *, indent: int | None = None) -> str:
    """Strict JSON in plain characters: no bare NaN, and nothing a terminal would obey."""
    text = json.dumps(json_ready(document), indent=indent, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


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


def _whole_number(digits: str) -> float:
    return int(digits) if len(digits) < sys.int_info.str_digits_check_threshold else float(digits)

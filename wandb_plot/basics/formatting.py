"""Numbers, counts, names and values as text."""

import json
import math
from collections.abc import Sequence
from reprlib import Repr
from typing import Any

# Whole numbers below this are written out.
_PLAIN_BELOW = 10**15

_LONGEST_EXCERPT = 60
_SHORTENED = Repr()
_SHORTENED.maxstring = _SHORTENED.maxother = _SHORTENED.maxlong = _LONGEST_EXCERPT


def plain_number(value: float) -> int | float:
    """`value` as an int where it is whole, else as a float."""
    number = float(value)
    return int(number) if number.is_integer() else number


def number_text(value: float, digits: int = 4) -> str:
    """`value` in at most so many significant digits; whole numbers in full."""
    if float(value).is_integer() and abs(value) < _PLAIN_BELOW:
        return str(int(value))
    return f"{value:.{digits}g}"


def count_text(count: int, noun: str) -> str:
    """A count with its noun, in the plural unless it is one: `1 point`, `6,000 points`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def names_text(names: Sequence[str], most: int = 8) -> str:
    """Names with commas between, and how many more there are than can be read."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def value_text(value: Any) -> str:
    """A config value as text: a string as it is, whole numbers without a point, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        value = plain_number(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def excerpt(value: Any) -> str:
    """How Python writes `value`, in one line for a message, its middle left out where it is long."""
    return _SHORTENED.repr(value)

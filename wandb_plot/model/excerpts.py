"""Values as messages show them: in one line, whatever their size."""

from reprlib import Repr
from typing import Any

_LONGEST = 60

_SHORTENED = Repr()
_SHORTENED.maxstring = _SHORTENED.maxother = _SHORTENED.maxlong = _LONGEST


def excerpt(value: Any) -> str:
    """How Python writes `value`, its middle left out where it is long."""
    return _SHORTENED.repr(value)

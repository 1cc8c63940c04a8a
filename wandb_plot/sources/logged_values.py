"""What a logged value is: one rule for logs, for the rows that a server has, and for what it tells of them."""

import math
from collections.abc import Mapping
from enum import IntEnum
from typing import Any

from wandb_plot.basics.json_text import NON_FINITE
from wandb_plot.model.metrics import BOOLEAN, LARGEST_STEP, LIST, NUMERIC, STRING, media_type


class ValueKind(IntEnum):
    """What a value is. The last two have to be decoded before more can be said."""

    NULL = 0
    NUMBER = 1
    NON_FINITE_TEXT = 2
    """A string that spells NaN or an infinity."""
    TEXT = 3
    BOOLEAN = 4
    LIST = 5
    DICT = 6
    UNKNOWN = 7


# The type of a metric that was logged as values of a kind. Among numbers, and alone, non-finite text is a number; so it
# is text only where it stands among other texts and no number.
TYPES = {
    ValueKind.NUMBER: NUMERIC,
    ValueKind.NON_FINITE_TEXT: STRING,
    ValueKind.TEXT: STRING,
    ValueKind.BOOLEAN: BOOLEAN,
    ValueKind.LIST: LIST,
}


def value_kind(value: Any) -> tuple[ValueKind, float]:
    """What a decoded value is, and the number that it stands for; NaN where it is none."""
    if isinstance(value, bool):
        return ValueKind.BOOLEAN, math.nan
    if isinstance(value, (int, float)):
        try:
            return ValueKind.NUMBER, float(value)
        except OverflowError:
            return ValueKind.NUMBER, math.inf if value > 0 else -math.inf
    if isinstance(value, str):
        return (ValueKind.NON_FINITE_TEXT, NON_FINITE[value]) if value in NON_FINITE else (ValueKind.TEXT, math.nan)
    if value is None:
        return ValueKind.NULL, math.nan
    return (ValueKind.DICT if isinstance(value, Mapping) else ValueKind.LIST), math.nan


def type_of_value(value: Any) -> str:
    """The type of a metric that was logged as this value alone, which is not null; a dict says its own."""
    kind = value_kind(value)[0]
    return media_type(str(value.get("_type", "dict"))) if kind is ValueKind.DICT else TYPES[kind]


def is_non_finite(value: Any) -> bool:
    """Whether a value stands for NaN or an infinity, as a number or as text."""
    kind, number = value_kind(value)
    return kind in (ValueKind.NUMBER, ValueKind.NON_FINITE_TEXT) and not math.isfinite(number)


def step_of_value(value: Any) -> float | None:
    """The step that a value stands for; None where it is none. `log.extent_values` does the same to whole arrays."""
    kind, number = value_kind(value)
    return number if kind is ValueKind.NUMBER and abs(number) <= LARGEST_STEP else None

"""Logged values: what kind each is, and the number that it stands for."""

import math
import struct
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from wandb_plot.basics.json_text import NON_FINITE, parse_json

# How deep dicts and lists may lie within one another. Code that handles them calls itself for each level, and Python
# allows some hundreds of such calls.
LARGEST_DEPTH = 100

DOUBLE_SIZE = 8

ValueKinds = npt.NDArray[np.uint8]


class ValueField(IntEnum):
    """The field of an item that holds its value, by number; JSON texts are in two of them."""

    NONE = 3
    BOOLEAN = 4
    INTEGER = 5
    NUMBER = 6
    TEXT = 7
    JSON = 8
    VALUE_JSON = 16


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


def decode_value(field: int, content: bytes | int) -> Any:
    """A logged value; None where it makes no sense.

    Args:
        field: the number of the field that holds it.
        content: what that field holds.
    """
    if isinstance(content, int):
        if field == ValueField.BOOLEAN:
            return bool(content)
        return (content >> 1) ^ -(content & 1) if field == ValueField.INTEGER else None
    if field == ValueField.NUMBER:
        return struct.unpack("<d", content)[0] if len(content) == DOUBLE_SIZE else None
    if field == ValueField.TEXT:
        return content.decode("utf-8", "replace")
    try:
        value = parse_json(content)
    except (ValueError, RecursionError):
        return None
    may_be_deep = content.count(b"[") + content.count(b"{") > LARGEST_DEPTH
    return None if may_be_deep and is_deep(value) else value


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
    return (ValueKind.DICT if isinstance(value, dict) else ValueKind.LIST), math.nan


def is_deep(value: Any) -> bool:
    """Whether containers lie more than `LARGEST_DEPTH` deep within one another."""
    level = [value]
    for _ in range(LARGEST_DEPTH + 1):
        containers = [inner for inner in level if isinstance(inner, (dict, list))]
        level = [inner for outer in containers for inner in (outer.values() if isinstance(outer, dict) else outer)]
        if not level:
            return False
    return True


def _kinds_by_first_byte() -> ValueKinds:
    kinds = np.full(256, ValueKind.UNKNOWN, np.uint8)
    kinds[0] = ValueKind.NULL
    for starts, kind in (
        (b"-0123456789NI", ValueKind.NUMBER),
        (b'"', ValueKind.TEXT),
        (b"tf", ValueKind.BOOLEAN),
        (b"n", ValueKind.NULL),
        (b"[", ValueKind.LIST),
        (b"{", ValueKind.DICT),
    ):
        kinds[list(starts)] = kind
    return kinds


# What a JSON text is, by its first byte; an empty one counts as null.
KINDS_BY_BYTE = _kinds_by_first_byte()

# What a typed value is, by its field number.
KINDS_BY_FIELD = np.zeros(ValueField.VALUE_JSON + 1, np.uint8)
KINDS_BY_FIELD[ValueField.NONE] = ValueKind.NULL
KINDS_BY_FIELD[ValueField.BOOLEAN] = ValueKind.BOOLEAN
KINDS_BY_FIELD[[ValueField.INTEGER, ValueField.NUMBER]] = ValueKind.NUMBER
KINDS_BY_FIELD[ValueField.TEXT] = ValueKind.TEXT

"""Values as a log holds them: where one lies, what kind it is by its first byte, and what it decodes to."""

import struct
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from wandb_plot.basics.json_text import parse_json
from wandb_plot.sources.logged_values import ValueKind

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

"""Metrics before any number of them is read: the names that have a meaning of their own, and what types there are."""

from collections.abc import Collection

# The axis columns, which every row holds beside its metrics.
STEP = "_step"
RUNTIME = "_runtime"
TIMESTAMP = "_timestamp"
# By what users call them.
AXIS_COLUMNS = {"step": STEP, "runtime": RUNTIME, "wall": TIMESTAMP}

SYSTEM_PREFIX = "system."

# Up to here floats hold every whole number, and JSON of any reader too.
LARGEST_STEP = 2**53 - 1

NUMERIC = "numeric"
MIXED = "mixed"
STRING = "string"
BOOLEAN = "boolean"
LIST = "list"

# Of metrics that no number was logged as; what is not listed is media.
_PRECEDENCE = {"": 0, BOOLEAN: 1, LIST: 2, STRING: 4}
_MEDIA = 3

_MEDIA_TYPES = {"image-file": "image", "images/separated": "images"}


def type_of(types: Collection[str]) -> str:
    """The type of a metric that was logged as each of `types`, in whatever order; empty where it never was.

    Numbers make it numeric; numbers and strings, mixed. Without numbers it is the first of these that occurs: string,
    what says its own type (an image, a table) or list, boolean.

    Args:
        types: of single values, of partial columns, or of the metric in several runs.
    """
    if MIXED in types or {NUMERIC, STRING} <= set(types):
        return MIXED
    if NUMERIC in types:
        return NUMERIC
    return max(types, key=lambda one: (_PRECEDENCE.get(one, _MEDIA), one), default="")


def media_type(logged: str) -> str:
    """The type of a metric logged as a dict with this `_type`."""
    return _MEDIA_TYPES.get(logged, logged.removesuffix("-file"))

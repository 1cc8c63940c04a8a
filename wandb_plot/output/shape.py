"""Whether a JSON value has the types that a TypedDict says."""

from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict


def has_shape(value: Any, hint: Any) -> bool:
    """Whether `value`, parsed from JSON, is of the type `hint`.

    Of a TypedDict, keys may be missing and others may be present: another version of this program may have written it.

    Args:
        value: of dicts, lists, text, numbers, bools and None.
        hint: made of TypedDict, dict with text as keys, list, Literal, unions, text, numbers, bool and None.
    """
    if is_typeddict(hint):
        hints = get_type_hints(hint)
        return isinstance(value, dict) and all(has_shape(one, hints[key]) for key, one in value.items() if key in hints)
    origin, arguments = get_origin(hint), get_args(hint)
    match origin:
        case _ if origin in (Union, UnionType):
            found = any(has_shape(value, one) for one in arguments)
        case _ if origin is Literal:
            found = value in arguments
        case _ if origin is list:
            found = isinstance(value, list) and all(has_shape(one, arguments[0]) for one in value)
        case _ if origin is dict:
            found = isinstance(value, dict) and all(has_shape(one, arguments[1]) for one in value.values())
        case _ if isinstance(value, bool):
            found = hint is bool
        case _:
            found = isinstance(value, hint)
    return found

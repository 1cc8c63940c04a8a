"""Dotted names: nested mappings as one level of names joined with dots, and what stands under such a name."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def flatten(
    mapping: Mapping[str, Any], is_leaf: Callable[[Mapping[str, Any]], bool] = lambda inner: not inner
) -> Iterator[tuple[str, Any]]:
    """Each value of `mapping` under its dotted name, in the order of the mapping.

    Args:
        mapping: nested to any depth.
        is_leaf: whether an inner mapping is a value itself; by default, an empty one is.
    """
    # A stack in place of recursion: what servers and logs hold may be nested deeper than Python calls go.
    pending = [("", iter(mapping.items()))]
    while pending:
        prefix, items = pending[-1]
        for key, value in items:
            if isinstance(value, Mapping) and not is_leaf(value):
                pending.append((f"{prefix}{key}.", iter(value.items())))
                break
            yield f"{prefix}{key}", value
        else:
            pending.pop()


def nested(mapping: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted `key`, whether the dots nest or belong to a name; None where there is none."""
    if key in mapping:
        return mapping[key]
    for index, character in enumerate(key):
        inner = mapping.get(key[:index]) if character == "." else None
        if isinstance(inner, Mapping) and (found := nested(inner, key[index + 1 :])) is not None:
            return found
    return None

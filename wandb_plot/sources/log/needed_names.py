"""Which names have to be read, for some metrics to be known.

A metric may be logged under its name, in a dict of an outer name, or hidden by such a dict that says its `_type`.
"""

from collections.abc import Callable, Iterator

from wandb_plot.model.metrics import STEP, SYSTEM_PREFIX

TYPE_SUFFIX = "._type"


def ancestors(name: str) -> Iterator[str]:
    """`a` and `a.b` for `a.b.c`."""
    dot = name.find(".")
    while dot >= 0:
        yield name[:dot]
        dot = name.find(".", dot + 1)


def says_type(name: str) -> bool:
    """Whether a name is that of a dict's `_type`."""
    return name.endswith(TYPE_SUFFIX)


def is_wanted(names: frozenset[str] | None) -> Callable[[str], bool]:
    """A test: whether values logged under a name are needed to know the metrics `names`."""
    if names is None:
        # Where a dict was logged as the step, what it holds is no metric.
        return lambda name: name != STEP and not name.startswith(STEP + ".")
    related = _with_ancestors(names)
    return lambda name: name != STEP and (name in names or name.removesuffix(TYPE_SUFFIX) in related)


def is_outer(names: frozenset[str] | None) -> Callable[[str], bool]:
    """A test: whether a dict of a name may hold one of `names`, or be one of them."""
    return STEP.__ne__ if names is None else _with_ancestors(names).__contains__


def first_keys(names: frozenset[str] | None) -> set[str] | None:
    """The first keys of items that may hold values of `names`, or dicts with such values; in the system stream too."""
    if names is None:
        return None
    related = _with_ancestors(names)
    related |= {name.removeprefix(SYSTEM_PREFIX) for name in related}
    return related | {name + TYPE_SUFFIX for name in related}


def _with_ancestors(names: frozenset[str]) -> set[str]:
    return {*names, *(outer for name in names for outer in ancestors(name))}

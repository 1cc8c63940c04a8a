"""Dotted names of what is nested."""

from wandb_plot.basics.dotted_names import flatten, nested


def test_nested_keys_are_joined_with_dots() -> None:
    """In the order of the mapping; an empty mapping is a value."""
    mapping = {"a": {"b": {"c": 1}, "d": [2]}, "e.f": None, "g": {}}
    assert list(flatten(mapping)) == [("a.b.c", 1), ("a.d", [2]), ("e.f", None), ("g", {})]


def test_what_counts_as_a_value_is_the_callers_to_say() -> None:
    """A mapping that says its type stays whole, for one."""
    mapping = {"picture": {"_type": "image-file"}, "a": {"b": 1}}
    assert list(flatten(mapping, lambda inner: "_type" in inner)) == [
        ("picture", {"_type": "image-file"}),
        ("a.b", 1),
    ]


def test_nesting_may_be_deep() -> None:
    """Deeper than Python calls go."""
    deep: dict[str, object] = {"a": 1}
    for _ in range(5_000):
        deep = {"a": deep}
    ((name, value),) = flatten(deep)
    assert (name.count("."), value) == (5_000, 1)


def test_dots_nest_or_belong_to_a_name() -> None:
    """A dotted key is found whether the mapping is nested or flat."""
    assert nested({"a.b": {"c": 1}}, "a.b.c") == 1
    assert nested({"a": {"b": {"c": 2}}}, "a.b.c") == 2
    assert nested({"a": {"x": 1}, "a.b": 3}, "a.b") == 3
    assert nested({"a": 1}, "a.b") is None

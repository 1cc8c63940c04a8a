"""Filters in W&B's own form: what one means, and what means nothing."""

import json
import math
import re

import pytest

from wandb_plot.errors import UsageError
from wandb_plot.model.queries.filters import check_filter, check_patterns, filter_keys, matches
from wandb_plot.model.run import Run

BASELINE = Run(
    id="abc",
    name="baseline",
    entity="acme",
    project="vision",
    state="finished",
    tags=("a", "b"),
    group="first",
    config={"lr": 0.1, "opt": {"name": "adam"}},
    summary={"loss": 0.25, "diverged": math.nan, "text": "NaN"},
)
UNTAGGED = Run(id="def", name="plain", entity="acme", project="vision")


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ('{"config.lr": 0.1}', True),
        ('{"config.lr.value": {"$gt": 0.05, "$lt": 0.2}}', True),
        ('{"$or": [{"state": "crashed"}, {"display_name": {"$regex": "base"}}]}', True),
        ('{"$and": [{"state": "finished"}, {"group": "second"}]}', False),
        ('{"$nor": [{"state": "crashed"}, {"group": "second"}]}', True),
        ('{"tags": {"$in": ["x", "b"]}}', True),
        ('{"tags": {"$nin": ["x", "b"]}}', False),
        ('{"summary_metrics.gone": {"$exists": false}}', True),
        ('{"state": {"$not": {"$eq": "finished"}}}', False),
        ('{"name": "abc"}', True),
    ],
)
def test_a_json_filter_has_the_servers_meaning(expression: str, holds: bool) -> None:
    """W&B's MongoDB filters select the same run folders as they would select runs of a server."""
    assert matches(json.loads(expression), BASELINE) is holds


@pytest.mark.parametrize("key", ["summary_metrics.diverged", "summary_metrics.text"])
def test_nan_is_equal_to_its_word(key: str) -> None:
    """Servers have the word where logs have the number, and a filter means both."""
    assert matches({key: "NaN"}, BASELINE)
    assert not matches({key: {"$ne": "NaN"}}, BASELINE)


def test_a_run_without_tags_lacks_every_tag() -> None:
    """Not to have a tag is to have others, or none."""
    assert matches({"tags": None}, UNTAGGED)
    assert matches({"tags": {"$exists": False}}, UNTAGGED)
    for wanted in ({"tags": {"$ne": "a"}}, {"tags": {"$nin": ["a", "c"]}}):
        assert matches(wanted, UNTAGGED)
        assert not matches(wanted, BASELINE)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (1, "no filter"),
        ({"$where": "1"}, "$where"),
        ({"state": {"$near": 1}}, "$near"),
        ({"state": {"$in": "finished"}}, "takes a list"),
        ({"state": {"$regex": 1}}, "takes text"),
        ({"state": {"$not": "finished"}}, "$not"),
        ({"$or": 1}, "takes a list"),
        ({"$or": [1]}, "no filter"),
        ({"loss": 1}, "no key 'loss'"),
        ({"config.": 1}, "no key"),
        ({"__class__": {"$exists": True}}, "no key '__class__'"),
        ({"$and": [{"state": "finished"}, {"$or": [{"heartbeat": 1}]}]}, "no key 'heartbeat'"),
    ],
)
def test_what_means_nothing_is_refused(wanted: object, said: str) -> None:
    """Before any run is looked at, and wherever it stands."""
    with pytest.raises(UsageError, match=re.escape(said)) as refused:
        check_filter(wanted)
    assert "summary_metrics.KEY" in refused.value.hint or "config.lr=0.1" in refused.value.hint


def test_filters_nest_so_deep_and_no_deeper() -> None:
    """A usage error, not a stack that overflows."""
    deep: dict[str, object] = {"state": "finished"}
    for _ in range(200):
        deep = {"$and": [deep]}
    with pytest.raises(UsageError, match="deep"):
        check_filter(deep)


def test_the_keys_of_a_filter_are_told_as_users_write_them() -> None:
    """At any depth; `name` there is the id."""
    wanted = {"$or": [{"config.lr": 1}, {"$nor": [{"summary_metrics.a.b": {"$gt": 1}}]}], "name": "x", "tags": "a"}
    assert list(filter_keys(wanted)) == ["config.lr", "summary.a.b", "id", "tags"]


def test_every_pattern_of_a_filter_is_checked() -> None:
    """Also those within other clauses."""
    seen: list[str] = []
    check_patterns(
        {"$or": [{"name": {"$regex": "a"}}, {"state": {"$not": {"$regex": "b"}}}], "tags": {"$in": ["c"]}}, seen.append
    )
    assert seen == ["a", "b"]

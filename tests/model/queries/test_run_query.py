"""Filters and sorting, as users write them."""

from datetime import UTC, datetime

import pytest

from wandb_plot.errors import UsageError
from wandb_plot.model.queries.filters import matches
from wandb_plot.model.queries.keys import value_of
from wandb_plot.model.queries.run_query import parse_condition, parse_filters, parse_sort, sort_runs
from wandb_plot.model.run import Run


def a_run(run_id: str = "abc", **facts: object) -> Run:
    """A run that has nothing but what is said of it."""
    facts.setdefault("name", f"run {run_id}")
    return Run(id=run_id, entity="acme", project="vision", **facts)  # type: ignore[arg-type]


BASELINE = a_run(
    name="baseline",
    state="finished",
    tags=("a", "b"),
    group="first",
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    config={"lr": 0.1, "opt": {"name": "adam"}, "dotted.key": 5, "amp": True},
    summary={"loss": 0.25, "val": {"acc": 0.9}, "nan": float("nan")},
)


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("config.lr=0.1", True),
        ("config.lr==0.1", True),
        ("config.lr = 0.2", False),
        ("config.lr!=0.2", True),
        ("config.opt.name=adam", True),
        ('config.opt.name="adam"', True),
        ("config.dotted.key>=5", True),
        ("config.amp=true", True),
        ("config.amp=1", False),
        ("config.none<1", False),
        ("config.none!=1", True),
        ("config.opt.name<3", False),
        ("summary.loss<0.3", True),
        ("summary.loss<=0.25", True),
        ("summary.loss>0.25", False),
        ("summary.val.acc>0.5", True),
        ("summary_metrics.loss<0.3", True),
        ("name~^base", True),
        ("name~^line", False),
        ("tag=a", True),
        ("tags=c", False),
        ("id=abc", True),
        ("state=finished", True),
        ("created_at>2026-01-01", True),
        ("created_at>=2026", True),
        ("created_at>2026", False),
        ("created_at=2026", True),
        ("created_at!=2026-01", False),
        ("created_at!=2025-12", True),
        ("created_at=2026-01-02", True),
        ("created_at<=2026-01-02", True),
        ("created_at>2026-01-02", False),
        ("created_at<=2025", False),
        ("created_at<2026-02", True),
        ("created_at<2026-01-01T23:59:59", False),
        ("created_at>2026-01-02T01:00:00+02:00", True),
        ("created_at=2026-01-02T00:00:00Z", True),
        ("created_at~^2026-01", True),
    ],
)
def test_an_expression_compares_what_the_run_says(expression: str, holds: bool) -> None:
    """KEY OP VALUE means what it says; what a run doesn't have is below and above nothing."""
    assert matches(parse_filters([expression]), BASELINE) is holds


@pytest.mark.parametrize("expression", ["name=7", 'name="7"', "id=007", "group=1e3", "tag=true"])
def test_what_is_text_is_compared_as_text(expression: str) -> None:
    """A run may be called 7: only config and summary hold numbers."""
    run = a_run("007", name="7", group="1e3", tags=("true",))
    assert matches(parse_filters([expression]), run)


def test_all_that_is_asked_for_must_hold() -> None:
    """States are alternatives; tags, the group and filters all have to hold."""
    both = parse_filters(["config.lr=0.1"], states=["crashed", "finished"], tags=["a", "b"], group="first")
    assert matches(both, BASELINE)
    assert not matches(parse_filters([], tags=["a", "c"]), BASELINE)
    assert not matches(parse_filters([], states=["running"]), BASELINE)
    assert matches(parse_filters([]), BASELINE)


@pytest.mark.parametrize(
    "expression",
    [
        "loss",
        "loss<1",
        "=3",
        "__class__=1",
        "created_at>yesterday",
        "created_at=2026-13",
        "created_at=9999",
        "{not json}",
        pytest.param("config.lr=" + "1" * 5_000, id="digits"),
        pytest.param("config.lr=" + "[" * 5_000, id="brackets"),
        pytest.param("config.lr=" + "[" * 5_000 + "]" * 5_000, id="nested"),
        pytest.param('{"config.lr": ' + "1" * 5_000 + "}", id="digits in JSON"),
        pytest.param('{"$and": [' * 5_000 + "]}" * 5_000, id="nested JSON"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(expression: str) -> None:
    """A mistake in a filter is a short usage error that shows how one is written."""
    with pytest.raises(UsageError) as refused:
        parse_filters([expression])
    assert "config.lr=0.1" in refused.value.hint or "created_at>=2026-01-31" in refused.value.hint
    assert len(refused.value.message) < 200


def test_an_expression_is_split_whatever_its_key_stands_for() -> None:
    """Who knows further keys parses them with the same grammar."""
    parsed = parse_condition(" val/loss:min <= 0.5 ")
    assert (parsed.key, parsed.operator, parsed.value, parsed.text) == ("val/loss:min", "$lte", 0.5, "0.5")
    assert parse_condition("name ~ ^1").value == "^1"
    assert parse_condition("summary.loss=NaN").value == "NaN"


def test_sorting_puts_runs_without_the_key_last_either_way() -> None:
    """Numbers sort as numbers, and who lacks the key stands at the end of both orders."""
    runs = [
        a_run("a", summary={"loss": 10}),
        a_run("b"),
        a_run("c", summary={"loss": 9.5}),
        a_run("d", summary={"loss": float("nan")}),
    ]
    assert [run.id for run in sort_runs(runs, "summary.loss", descending=False)] == ["c", "a", "b", "d"]
    assert [run.id for run in sort_runs(runs, "summary.loss", descending=True)] == ["a", "c", "d", "b"]


def test_sort_keys() -> None:
    """A leading minus descends; a key that no run can have is refused."""
    assert parse_sort("-created_at") == ("created_at", True)
    assert parse_sort("config.lr") == ("config.lr", False)
    with pytest.raises(UsageError, match="loss"):
        parse_sort("loss")


def test_a_key_of_a_run_may_be_nested() -> None:
    """With dots between, whether they nest or belong to a name."""
    assert value_of(BASELINE, "config.opt.name") == "adam"
    assert value_of(BASELINE, "config.dotted.key") == 5

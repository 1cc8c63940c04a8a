"""What the client's run says, in our words; also where an older server says less."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from wandb_plot.sources.server.client.run import ServerRun


def described(**attributes: Any) -> ServerRun:
    """A run with these attributes, and the least of what every server says."""
    least = {
        "id": "abc",
        "name": None,
        "entity": "acme",
        "project": "vision",
        "state": "finished",
        "created_at": "2024-01-01T00:00:00",
        "summary_metrics": {},
        "system_metrics": {},
        "config": {},
        "url": "https://wandb.ai/acme/vision/runs/abc",
    }
    return ServerRun(SimpleNamespace(**{**least, **attributes}), "https://api.wandb.ai")


def test_a_server_that_says_little() -> None:
    """What is missing is left open: the id for a name, UTC for a time without a zone."""
    run = described().described
    assert (run.name, run.created_at, run.last_step) == ("abc", datetime(2024, 1, 1, tzinfo=UTC), None)
    assert (run.tags, run.group, run.job_type, run.notes) == ((), None, None, None)


def test_a_last_step_without_keys() -> None:
    """The summary knows the last step where the history's keys aren't told."""
    version = described(summary_metrics={"_step": 41}, historyLineCount=42, heartbeatAt="2024-01-01T01:00:00").version
    assert (version.last_step, version.row_count, version.heartbeat_at) == (41, 42, "2024-01-01T01:00:00")


def test_types_of_nested_and_changing_metrics() -> None:
    """Keys within a dict are metrics; a type is what most values have, and a number where any is one."""
    keys = {
        "train": [{"type": "map", "count": 3, "keys": {"loss": [{"type": "number", "count": 3}]}}],
        "picture": [{"type": "image-file", "count": 2}, {"type": "nil", "count": 5}],
        "pictures": [{"type": "images/separated", "count": 1}],
        "done": [{"type": "bool", "count": 1}],
        "diverged": [{"type": "string", "count": 2}],
        "phase": [{"type": "string", "count": 2}, {"type": "number", "count": 1}],
        "bins": [{"type": "list", "count": 2}, {"type": "string", "count": 1}],
        "nothing": [{"type": "nil", "count": 1}],
    }
    run = described(
        historyKeys={"keys": {name: {"typeCounts": counts} for name, counts in keys.items()}, "lastStep": 3},
        summary_metrics={"diverged": "NaN", "phase": "end"},
        system_metrics={"system.cpu": 1.0, "gpu.0.temp": 40, "_wandb": True},
    )
    assert run.metric_types == {
        "bins": "string",
        "diverged": "numeric",
        "done": "boolean",
        "phase": "mixed",
        "picture": "image",
        "pictures": "images",
        "system.cpu": "numeric",
        "system.gpu.0.temp": "numeric",
        "train.loss": "numeric",
    }
    assert run.value_counts["picture"] == 2

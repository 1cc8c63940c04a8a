"""`wandb-plot metrics` on runs that the real SDK recorded."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.conftest import Command
from wandb_plot.actions.metrics import read_metrics
from wandb_plot.sources.log.history_columns import read_types
from wandb_plot.sources.open_project import open_source


def listed(runs: Command, *words: object) -> dict[str, dict[str, Any]]:
    """The metrics that a command lists."""
    done = runs("metrics", *words, "--json")
    assert done.code == 0, done.stderr
    document: dict[str, dict[str, Any]] = done.json()  # type: ignore[assignment]
    return document


def test_statistics_are_those_of_every_logged_row(wandb_plot: Command, recorded: Path) -> None:
    """Two metrics of different cadence are each exact, worked out independently by pandas."""
    metrics = listed(wandb_plot, recorded, "baseline")
    loss = pd.Series([50.0 if step == 123 else 3.0 / (step + 1) for step in range(300)])
    assert metrics["train/loss"] == {
        "type": "numeric",
        "count": 301,
        "non_null_count": 300,
        "min": loss.min(),
        "max": 50.0,
        "mean": pytest.approx(loss.mean(), rel=1e-14),
        "std": pytest.approx(loss.std(), rel=1e-14),
        "first": 3.0,
        "last": 3.0 / 300,
        "min_step": 299,
        "max_step": 123,
        "nan_count": 0,
        "inf_count": 0,
        "points": 300,
        "last_step": 299,
        "first_nan_step": None,
    }
    assert metrics["val/loss"]["non_null_count"] == len(range(3, 300, 7))
    assert metrics["nested.b.c"]["max"] == 598


def test_non_finite_numbers_are_counted_and_left_out(wandb_plot: Command, recorded: Path) -> None:
    """NaN and both infinities are numbers of the metric, but of no statistic."""
    unstable = listed(wandb_plot, recorded, "base0001", "--match", "unstable")["unstable"]
    assert (unstable["type"], unstable["nan_count"], unstable["inf_count"]) == ("numeric", 8, 14)
    assert unstable["non_null_count"] == 22
    assert (unstable["min"], unstable["max"], unstable["std"]) == (1.0, 1.0, 0.0)


def test_what_is_no_number_has_a_type_and_counts_only(wandb_plot: Command, recorded: Path) -> None:
    """Images, strings and booleans are listed too, each as one metric."""
    metrics = listed(wandb_plot, recorded, "base0001")
    assert metrics["roc"] == {"type": "image", "count": 301, "non_null_count": 2}
    assert metrics["grid"] == {"type": "images", "count": 301, "non_null_count": 1}
    assert metrics["state"]["type"] == "string"
    assert metrics["flag"]["type"] == "boolean"
    assert metrics["only"]["std"] is None
    assert not [name for name in metrics if name.startswith(("_", "system."))]


def test_the_system_stream_and_the_axes_come_when_asked_for(wandb_plot: Command, recorded: Path) -> None:
    """--include-system adds both, and the system stream counts its own rows."""
    metrics = listed(wandb_plot, recorded, "base0001", "--include-system")
    assert metrics["_step"]["max"] == 300
    assert {"_runtime", "_timestamp"} <= set(metrics)
    system = {name: metric for name, metric in metrics.items() if name.startswith("system.")}
    assert any("memory" in name for name in system)
    assert {metric["count"] for metric in system.values()} != {301}


def test_a_run_is_named_by_id_name_or_latest(wandb_plot: Command, recorded: Path) -> None:
    """What is left out or misspelt ends with what could have been meant."""
    assert "extra" in listed(wandb_plot, recorded, "wider")
    assert listed(wandb_plot, recorded, "latest") == {}
    (folder,) = recorded.glob("*-other002")
    assert "extra" in listed(wandb_plot, folder)
    assert "extra" in listed(wandb_plot, next(folder.glob("*.wandb")))
    missing = wandb_plot("metrics", recorded, "basline", "--json")
    assert (missing.code, missing.stdout, missing.error()["code"]) == (3, "", "run_not_found")
    assert missing.error()["candidates"][0] == "baseline"  # type: ignore[index]
    left_out = wandb_plot("metrics", recorded, "--json")
    assert (left_out.code, left_out.error()["code"]) == (2, "usage")
    assert set(left_out.error()["candidates"]) == {"base0001", "other002", "empty003"}  # type: ignore[arg-type]


def test_verbose_shows_what_is_read(wandb_plot: Command, recorded: Path) -> None:
    """-v says on stderr which logs are read, the result stays as it is, and the next command is quiet again."""
    plain = wandb_plot("metrics", recorded, "wider", "--json")
    shown = wandb_plot("metrics", recorded, "wider", "--json", "-v")
    assert "wandb_plot.sources.log.format.transaction_log: reading " in shown.stderr
    assert "run-other002.wandb" in shown.stderr
    again = wandb_plot("metrics", recorded, "wider", "--json")
    assert (plain.stdout, plain.stderr) == (again.stdout, again.stderr) == (shown.stdout, "")


def test_several_runs_are_a_list_with_a_row_for_each_metric(wandb_plot: Command, study: Path) -> None:
    """Each row says whose it is; where NaN began is a number of it."""
    done = wandb_plot("metrics", study, "s04,s05", "--match", "train/*", "--json")
    rows = done.json()
    assert isinstance(rows, list)
    assert [list(row)[:3] for row in rows] == [["run_id", "run_name", "metric"]] * 2
    assert [(row["run_id"], row["first_nan_step"], row["last_step"], row["points"]) for row in rows] == [
        ("s04", None, 199, 200),
        ("s05", 120, 199, 200),
    ]
    table = wandb_plot("metrics", study, "vit-*", "--match", "val/*").stdout.splitlines()
    assert (table[0].split()[:3], len(table)) == (["run_id", "run_name", "metric"], 7)


def test_only_what_is_printed_is_read(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--match goes to the source: of a run with many metrics the others stay unread."""
    monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", 0)
    source = open_source(str(recorded), warn=print, timeout=1)
    read: list[list[str]] = []

    def noted(*args: Any, **options: Any) -> Any:
        types, history = read_types(*args, **options)
        read.append(list(history.columns))
        return types, history

    monkeypatch.setattr("wandb_plot.sources.local.source.read_types", noted)
    (run,) = source.find("base0001")
    assert list(read_metrics(source, run, glob="val/*")) == ["val/loss"]
    assert read == [["val/loss"]]

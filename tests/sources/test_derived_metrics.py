"""Metrics derived from logged ones, through the command and against the run's own numbers."""

from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Command
from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.metrics import AXIS_COLUMNS
from wandb_plot.sources.derived_metrics import NamedMetrics, add_derived
from wandb_plot.sources.open_project import open_source


def named(recorded: Path, *texts: str, axis: str | None = None, said: list[str] | None = None) -> NamedMetrics:
    """The recorded baseline run with the metrics that `texts` define."""
    source = open_source(str(recorded), warn=print, timeout=1)
    (run,) = source.find("base0001")
    return add_derived(source, texts, source.metric_types(run), axis=axis, warn=(said or []).append)


def test_points_are_where_all_parts_have_one(recorded: Path) -> None:
    """The gap between two cadences has the points of the rarer one, and the rest is counted aloud."""
    said: list[str] = [""]
    found = named(recorded, "gap = val/loss - train/loss", said=said)
    (run,) = found.source.find("base0001")
    gap = found.source.history(run, ["gap"]).columns["gap"]
    logged = found.source.history(run, ["train/loss", "val/loss"]).columns
    at = np.isin(logged["train/loss"].steps, logged["val/loss"].steps)
    assert gap.steps.tolist() == logged["val/loss"].steps.tolist()
    np.testing.assert_array_equal(gap.values, logged["val/loss"].values - logged["train/loss"].values[at])
    why = "left out, as other metrics have none there: 257 of 300 points of train/loss"
    assert said[1:] == [f"baseline (base0001): gap has 43 points; {why}"]


def test_a_difference_begins_at_the_second_point(recorded: Path) -> None:
    """What has no value at its first point begins after it; NaN that was logged stays."""
    found = named(recorded, "change = diff(val/loss)", "wild = unstable * 2")
    (run,) = found.source.find("base0001")
    columns = found.source.history(run, ["change", "wild", "val/loss"]).columns
    np.testing.assert_array_equal(columns["change"].values, np.diff(columns["val/loss"].values))
    assert columns["change"].steps.tolist() == columns["val/loss"].steps.tolist()[1:]
    assert np.isnan(columns["wild"].values).any()


def test_an_axis_may_be_a_formula(recorded: Path) -> None:
    """`step*config.lr` is an axis; `step` means the steps where no metric is called so."""
    assert AXIS_COLUMNS["step"] == "_step"
    found = named(recorded, "train/loss", axis="step*config.lr")
    (run,) = found.source.find("base0001")
    columns = found.source.history(run, ["train/loss", "step*config.lr"], samples=10, over="step*config.lr").columns
    np.testing.assert_allclose(columns["step*config.lr"].values[:300], columns["train/loss"].steps * 0.1)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("train/loss = val/loss", UsageError, "another metric's name"),
        ("a, b = val/loss", UsageError, "no name for a derived metric"),
        ("gap = val/los - 1", NotFoundError, "'val/los'"),
        ("gap = epoch/2", NotFoundError, "'epoch/2'"),
    ],
)
def test_a_wrong_definition_says_what_is_wrong(recorded: Path, text: str, error: type[Exception], message: str) -> None:
    """Names that are taken or not logged are named."""
    with pytest.raises(error, match=message):
        named(recorded, text)


def test_the_command_draws_and_repeats_it(wandb_plot: Command, recorded: Path) -> None:
    """The figure says its formula, and its own command draws it again."""
    gap = "gap = val/loss - train/loss"
    done = wandb_plot("generate", recorded, "baseline", "--metrics", gap, "--x-axis", "step*config.lr", "--json")
    assert done.code == 0
    document = done.json()
    assert isinstance(document, dict)
    assert [file["metrics"] for file in document["files"]] == [["gap"]]
    shown = wandb_plot("inspect", document["files"][0]["path"], "--json").json()
    assert isinstance(shown, dict)
    assert f"--metrics '{gap}' --x-axis 'step*config.lr'" in shown["Source"]
    missing = wandb_plot("generate", recorded, "baseline", "--metrics", "x = val/loss * config.nope", "--json")
    assert (missing.code, missing.error()["code"]) == (3, "metric_not_found")
    assert "config.nope" in str(missing.error()["message"])

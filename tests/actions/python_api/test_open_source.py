"""The library: runs and histories for notebooks and scripts, with the names and values of the commands."""

import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import wandb_plot
from tests.running import private_environment
from tests.server import TestServer
from tests.study import study_contents
from wandb_plot import OpenedSource, WandbPlotError, WandbPlotWarning, open_source


@pytest.fixture
def source(recorded: Path) -> OpenedSource:
    """The recorded runs."""
    return open_source(str(recorded))


def test_runs_are_found_by_name_and_by_condition(source: OpenedSource) -> None:
    """A run by id, display name or `latest`; runs by filters, in the order asked for."""
    with source:
        assert source.run("baseline").id == source.run("base0001").id == "base0001"
        assert source.run("latest").id == "empty003"
        assert [run.id for run in source.runs(filters=["config.lr>=0.1"], sort="-config.lr")] == [
            "other002",
            "base0001",
        ]
        assert [run.id for run in source.runs(states=["failed"], tags=["b"], group="second", limit=5)] == ["other002"]


def test_a_history_holds_each_metric_on_its_own_steps(source: OpenedSource) -> None:
    """Names and globs choose; no metric costs another a point, and values are those logged."""
    history = source.history("baseline", ["train/*", "val/loss"])
    assert list(history.columns) == ["train/loss", "val/loss"]
    assert history["train/loss"].steps.tolist() == list(range(300))
    assert history["val/loss"].values.tolist() == [2.0 / (step + 1) for step in range(3, 300, 7)]
    assert set(source.history("baseline", "nested.*").columns) == {"nested.a", "nested.b.c"}
    everything = source.history("baseline").columns
    assert {"train/loss", "unstable", "only"} <= set(everything)
    assert not [name for name in everything if name.startswith(("_", "system."))]


def test_a_metric_may_be_made_of_others(source: OpenedSource) -> None:
    """A definition is read as the commands read it; points without a partner are warned of."""
    with pytest.warns(WandbPlotWarning, match="gap has 43 points; left out"):
        history = source.history("baseline", ["gap = val/loss - train/loss", "epoch"])
    assert list(history.columns) == ["epoch", "gap"]
    assert history["gap"].steps.tolist() == list(range(3, 300, 7))
    with pytest.raises(WandbPlotError, match="no metric is named"):
        source.history("baseline", [])


def test_what_is_not_there_is_said_with_the_nearest_names(source: OpenedSource) -> None:
    """The errors of the commands are raised, with their code and candidates."""
    with pytest.raises(WandbPlotError) as caught:
        source.history("baseline", ["train/loss", "val/los"])
    assert (caught.value.code, caught.value.candidates) == ("metric_not_found", ("val/loss",))
    with pytest.raises(KeyError, match="'val/loss' was not read; there are train/loss"):
        source.history("baseline", "train/loss")["val/loss"]
    with pytest.raises(WandbPlotError, match="no run has the id or name 'bas'"):
        source.run("bas")


def test_a_table_has_a_column_a_metric_on_the_union_of_steps(source: OpenedSource) -> None:
    """What was not logged at a step is null in arrow, a logged NaN is NaN; pandas has NaN for both."""
    history = source.history("baseline", ["train/loss", "unstable"])
    table = history.to_arrow()
    assert table.column_names == ["_step", "train/loss", "unstable"]
    unstable = [[1.0, np.nan, np.inf, -np.inf][step // 10 % 4] for step in range(5, 300, 10)]
    expected = pd.DataFrame({"train/loss": [50.0 if step == 123 else 3.0 / (step + 1) for step in range(300)]})
    expected.insert(0, "_step", range(300))
    expected.loc[range(5, 300, 10), "unstable"] = unstable
    pd.testing.assert_frame_equal(history.to_pandas(), expected)
    assert table["unstable"].null_count == 300 - len(unstable)
    assert np.isnan(table["unstable"].drop_null().to_numpy()).sum() == 8


def test_the_system_stream_is_a_table_of_its_own(source: OpenedSource) -> None:
    """It has runtime for an axis, so it is never mixed with what has steps."""
    history = source.history("baseline", ["system.*", "train/loss"])
    assert "train/loss" not in history.to_arrow(system=True).column_names
    assert history.to_arrow(system=True).column_names[0] == "_runtime"
    assert history.to_arrow().column_names == ["_step", "train/loss"]


def test_statistics_are_those_of_the_command(source: OpenedSource) -> None:
    """`metrics` gives the document of `wandb-plot metrics --json`, of what matches."""
    documents = source.metrics("baseline", "unst*")
    assert list(documents) == ["unstable"]
    assert (documents["unstable"]["points"], documents["unstable"]["first_nan_step"]) == (30, 15)
    assert "system.cpu" in source.metrics("baseline", "system.*", include_system=True)
    assert source.metrics("baseline", "nothing*") == {}


def test_warnings_are_warnings_of_python(recorded: Path) -> None:
    """What a command says on stderr arrives as a WandbPlotWarning."""
    segments = open_source(str(recorded.parent / "segments" / "wandb"))
    with pytest.warns(WandbPlotWarning, match="run goeson was joined from 2 folders"):
        assert len(segments.history("goeson", "loss")["loss"].steps) == 20


def test_what_is_read_can_be_followed(recorded: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Loggers are named after modules, below `wandb_plot`."""
    with caplog.at_level(logging.INFO, "wandb_plot"):
        open_source(str(recorded)).history("baseline", "train/loss")
    assert any(
        record.name.startswith("wandb_plot.sources.") and "base0001" in record.message for record in caplog.records
    )


def test_a_script_is_not_run_again_by_processes(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is to read, a library reads it in the process that asked."""
    monkeypatch.setattr("wandb_plot.engines.lazy_engine._WORTH_SECONDS", 0)
    monkeypatch.setattr("wandb_plot.engines.loading.open_engine", lambda *_, **__: pytest.fail("an engine was opened"))
    with open_source(str(study)) as source:
        assert len(source.runs(filters=["train/loss:min<0.2"])) > 1


def test_importing_the_package_imports_nothing_heavy() -> None:
    """Its names load on first use, and all of them are there."""
    program = (
        "import sys, wandb_plot; assert not {'numpy', 'click', 'pluggy'} & set(sys.modules);"
        "print(*(name for name in wandb_plot.__all__ if getattr(wandb_plot, name) is None));"
        "print(wandb_plot.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [wandb_plot.__version__]
    assert dir(wandb_plot) == sorted(wandb_plot.__all__)


def test_a_server_is_read_from_a_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filters, histories and statistics as from disk; the caller's process never imports the client."""
    imported = "wandb" in sys.modules
    with TestServer(study_contents()) as server:
        for name, value in (private_environment(tmp_path / "home") | server.env).items():
            monkeypatch.setenv(name, value)
        with open_source("acme/vision") as source:
            (best,) = source.runs(filters=["config.arch=vit"], sort="-val/acc:max", limit=1)
            history = source.history(best, "train/*")
            statistics = source.metrics("vit-low-2", "val/*")
    assert best.id == "s15"
    assert history["train/loss"].values.max() == 60.0
    assert statistics["val/acc"]["points"] == 20
    assert ("wandb" in sys.modules) is imported

"""Runs are read once where that is possible, and what is read is what was asked for."""

from pathlib import Path

import numpy as np
import pytest

from wandb_plot.actions.read_runs import RunReader, Wanted
from wandb_plot.model.queries.metric_selection import MetricSelection
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.derived_metrics import add_derived
from wandb_plot.sources.log import history_columns
from wandb_plot.sources.open_project import open_source


@pytest.mark.parametrize(
    ("wanted", "reads"),
    [
        (Wanted(texts=["train/loss,val/*"], axis="_runtime", findings=True), 1),
        (Wanted(texts=[], all_metrics=True, axis="_step"), 1),
        (Wanted(texts=["twice = 2 * train/loss"], axis="_step"), 2),
        (Wanted(texts=["*/*"], axis="_step", most=1), 2),
    ],
)
@pytest.mark.parametrize("small", [2**26, 0])
def test_a_run_is_read_once_where_names_are_enough(
    study: Path, monkeypatch: pytest.MonkeyPatch, wanted: Wanted, reads: int, small: int
) -> None:
    """Be the logs small or large.

    Formulas, and more metrics than may be drawn, are read when all metrics are known; the run that was read last may
    still be at hand then.
    """
    monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", small)
    count = []
    read_log = history_columns.read_log
    monkeypatch.setattr(history_columns, "read_log", lambda *a, **k: count.append(1) or read_log(*a, **k))
    with open_source(str(study), warn=print, timeout=1) as source:
        runs = source.runs(RunQuery(limit=5))
        reader = RunReader(source, runs, wanted, warn=print)
        named = add_derived(source, wanted.texts, reader.types, warn=print)
        selection = MetricSelection(named.types)
        names = selection.plain if wanted.all_metrics else selection.find_all(named.texts)
        histories = reader.histories(named.source, names, named.types)
        assert len(count) in {reads * len(runs), (reads - 1) * (len(runs) - 1) + len(runs)}
        for run, history in histories:
            axis = {"_runtime"} & {wanted.axis}
            expected = named.source.history(run, sorted({*names, *axis}), over=wanted.axis)
            assert list(history.columns) == list(expected.columns)
            assert all(np.array_equal(one.values, history[one.name].values) for one in expected.columns.values())

"""Numbers of runs: each run is read once where that is possible, and a text means the same for all of them."""

from collections import Counter
from pathlib import Path

import pytest

from tests.sources.log.log_writer import field, row, write_log
from wandb_plot.model.queries.run_query import RunQuery
from wandb_plot.sources.log import history_columns
from wandb_plot.sources.open_project import open_source
from wandb_plot.sources.reduced_runs import reduce_runs


@pytest.mark.parametrize(
    ("texts", "reads"),
    [(["train/loss:min"], 1), (["train/*:tail:5,val/acc"], 1), (["twice = 2 * train/loss"], 2)],
)
@pytest.mark.parametrize("small", [2**26, 0])
def test_a_run_is_read_once_where_names_are_enough(
    study: Path, monkeypatch: pytest.MonkeyPatch, texts: list[str], reads: int, small: int
) -> None:
    """Be the logs small or large. Formulas are read when all metrics are known; no log is read a third time."""
    monkeypatch.setattr("wandb_plot.sources.local.source._SMALL_BYTES", small)
    read: list[Path] = []
    read_log = history_columns.read_log
    monkeypatch.setattr(history_columns, "read_log", lambda log, *a, **k: read.append(log) or read_log(log, *a, **k))
    with open_source(str(study), warn=print, timeout=1) as source:
        runs = source.runs(RunQuery(limit=4))
        reduced = reduce_runs(source, runs, texts, lists=True, warn=print)
    times = Counter(read)
    assert len(times) == 4
    assert max(times.values()) == reads
    assert all(one.value is not None for row in reduced.by_run.values() for one in row)


def test_a_text_means_the_same_in_every_run(tmp_path: Path) -> None:
    """Where one run has logged a metric of that very name, `a:min` is no minimum, of no run."""
    logged = {"one": {"a": 5.0}, "two": {"a": 3.0, "a:min": 7.0}, "six": {"a": "text", "a:min": 1.0}}
    for number, (name, values) in enumerate(logged.items()):
        folder = tmp_path / "wandb" / f"offline-run-20260101_00000{number}-{name}"
        folder.mkdir(parents=True)
        write_log(folder / f"run-{name}.wandb", [field(17, field(1, name.encode())), row(0, **values)])
    with open_source(str(tmp_path / "wandb"), warn=print, timeout=1) as source:
        runs = source.runs(RunQuery(sort="created_at"))
        reduced = reduce_runs(source, runs, ["a:min", "a"], warn=print)
    told = {run_id: [one.value or one.reason for one in row] for run_id, row in reduced.by_run.items()}
    assert told == {"one": ["not logged", 5.0], "two": [7.0, 3.0], "six": [1.0, "logged as string"]}

"""Every format that columns are kept or sent in keeps all of them, and reads what other versions wrote."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from wandb_plot.model.history import Column, History
from wandb_plot.model.run import Run
from wandb_plot.sources.column_attributes import column_attributes, column_from_attributes
from wandb_plot.sources.parquet.files import read_stored_history, read_stored_run, write_run
from wandb_plot.sources.server.client.history.cache import HistoryCache, StoredHistory
from wandb_plot.sources.server.client.run import HistoryVersion
from wandb_plot.sources.server.history_ipc import from_ipc, to_ipc

STEPS = np.array([0.0, 2.0, 5.0])
HISTORY = History(
    {
        "a": Column("a", "mixed", STEPS, STEPS * 2, 7),
        "system.cpu": Column("system.cpu", "numeric", STEPS / 2, STEPS, 3, is_system=True),
    },
    rows=9,
    system_rows=3,
)
RUN = Run(id="a", name="a", entity="", project="", state="finished", created_at=None, summary={}, config={})


def test_every_format_keeps_all_of_a_column(tmp_path: Path) -> None:
    """Also a field that is added later."""
    cache, version = HistoryCache(tmp_path / "cache"), HistoryVersion("2026", "finished", 5, 9, None)
    cache.store(("a",), StoredHistory(version, HISTORY))
    cached = cache.load(("a",))
    assert cached
    write_run(tmp_path / "a.parquet", RUN, HISTORY)
    written = read_stored_run(tmp_path / "a.parquet")
    assert written
    for kept in (from_ipc(bytes(to_ipc(HISTORY))), cached.history, read_stored_history(written, None)):
        assert list(kept.columns) == list(HISTORY.columns)
        for column in HISTORY.columns.values():
            for field in fields(Column):
                np.testing.assert_array_equal(getattr(kept[column.name], field.name), getattr(column, field.name))


def test_what_another_version_wrote_is_read() -> None:
    """An attribute that it did not know has its default; one that is not known here is left out."""
    written = {"name": "a", "type": "numeric", "non_null": 3}
    assert column_attributes(column_from_attributes(written | {"unit": "s"}, STEPS, STEPS)) == written | {
        "is_system": False
    }


def test_a_parquet_file_says_of_a_metric_what_it_always_said(tmp_path: Path) -> None:
    """Programs of other versions find type and count under the name of the metric."""
    write_run(tmp_path / "a.parquet", RUN, HISTORY)
    facts = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"wandb-plot"])
    assert (facts["schema"], facts["columns"]) == (1, {"a": {"type": "mixed", "non_null": 7}})
    assert facts["system_columns"] == {"system.cpu": {"type": "numeric", "non_null": 3}}

"""Tables of values as files."""

import resource
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from wandb_plot.basics.arrow import repeat_text, to_arrow
from wandb_plot.errors import MachineError
from wandb_plot.output.value_files import values_text, write_values


def table(name: str) -> pa.Table:
    """Two rows: one value is missing, one is infinite."""
    values = to_arrow(np.array([0.1, np.inf]), np.array([True, False]))
    return pa.Table.from_arrays([repeat_text(name, 2), values], names=["name", 'a "value"'])


def test_texts_are_in_quotes_only_where_they_must_be() -> None:
    """A comma, a quote or a line break in a name makes no column; headings likewise."""
    assert values_text(table("plain"), "csv") == 'name,"a ""value"""\nplain,\nplain,inf\n'
    assert values_text(table('a,"b"'), "csv").splitlines()[1] == '"a,""b""",'
    assert values_text(table("a,b"), "tsv").splitlines()[2] == "a,b\tinf"


def test_json_lines_have_null_and_words() -> None:
    """Missing is null, infinity its word."""
    assert values_text(table("n"), "jsonl").splitlines() == [
        '{"name": "n", "a \\"value\\"": null}',
        '{"name": "n", "a \\"value\\"": "Infinity"}',
    ]


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """A write that fails leaves the old file, and nothing beside it; a new one has the rights that files have."""
    target = tmp_path / "values.csv"
    write_values(table("n"), target, "csv")
    (tmp_path / "touched").touch()
    assert target.stat().st_mode == (tmp_path / "touched").stat().st_mode
    kept = target.read_bytes()

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(MachineError, match="File too large"):
            write_values(table("m"), target, "jsonl")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert target.read_bytes() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["touched", "values.csv"]

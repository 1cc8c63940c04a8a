"""Tables of values as text and as files: CSV, TSV, JSON lines, Parquet.

Numbers are written so that they are read back exactly. An empty field is a missing value. Non-finite numbers are nan,
inf or -inf in CSV and TSV, and strings in JSON.
"""

import io
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, BinaryIO, Literal

from wandb_plot.basics.json_text import to_json
from wandb_plot.output.write_errors import filesystem_errors

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["csv", "tsv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = ("csv", "tsv", "jsonl", "parquet")

_SEPARATORS = {"csv": ",", "tsv": "\t"}
_ROWS_AT_ONCE = 10_000


def write_values(table: "pa.Table", path: Path, form: Format) -> None:
    """Write `table` to `path`, whole or not at all; its folder is made.

    Args:
        table: any.
        path: may end in anything.
        form: what to write.

    Raises:
        MachineError: it can't be written.
    """
    with filesystem_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        made = path.with_name(f".{path.name}.{token_hex(4)}")
        try:
            with made.open("xb") as stream:
                _write(table, stream, form)
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)


def values_text(table: "pa.Table", form: Format) -> str:
    """The table as text; not for Parquet, which is none."""
    stream = io.BytesIO()
    _write(table, stream, form)
    return stream.getvalue().decode()


def _write(table: "pa.Table", stream: BinaryIO, form: Format) -> None:
    if form == "parquet":
        from pyarrow import parquet

        parquet.write_table(table, stream)
    elif form == "jsonl":
        for start in range(0, table.num_rows, _ROWS_AT_ONCE):
            rows = table.slice(start, _ROWS_AT_ONCE).to_pylist()
            stream.write("".join(f"{to_json(row)}\n" for row in rows).encode())
    else:
        _write_separated(table, stream, _SEPARATORS[form])


def _write_separated(table: "pa.Table", stream: BinaryIO, separator: str) -> None:
    import csv as plain

    from pyarrow import csv

    # Arrow would put every heading in quotes.
    headings = io.StringIO()
    plain.writer(headings, delimiter=separator, lineterminator="\n").writerow(table.column_names)
    stream.write(headings.getvalue().encode())
    # Arrow puts all texts in quotes, or none.
    quoting = "needed" if _needs_quotes(table, separator) else "none"
    options = csv.WriteOptions(include_header=False, delimiter=separator, quoting_style=quoting)
    csv.write_csv(table, stream, options)


def _needs_quotes(table: "pa.Table", separator: str) -> bool:
    import pyarrow as pa
    from pyarrow import compute

    texts = (column for column in table.columns if pa.types.is_large_string(column.type))
    special = f'["\\r\\n{separator}]'
    return any(compute.any(compute.match_substring_regex(column, special)).as_py() for column in texts)

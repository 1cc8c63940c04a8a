"""One run in a Parquet file that any reader takes: a row a step, a column a metric, the run itself in its metadata.

`_run_id` and `_run_name` stand in every row, so that files of many runs can be read as one table. A metric is null
where it was not logged, and NaN where it was logged as NaN. Of metrics that aren't numbers only the type is kept. The
system stream has no steps, so it has a file of its own, in which `_runtime` stands for `_step`.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wandb_plot.basics.arrow import spread, to_arrow, to_axis, to_numpy, union
from wandb_plot.errors import MachineError
from wandb_plot.model.history import Column, FloatArray, History
from wandb_plot.model.metrics import RUNTIME, STEP
from wandb_plot.model.run import Run
from wandb_plot.sources.column_attributes import column_attributes, column_from_attributes

# The system streams lie in this folder beside the histories, in files of the same names.
SYSTEM_FOLDER = "system"
SUFFIX = ".parquet"

_KEY = b"wandb-plot"
_SCHEMA = 1
# Attributes of a column that are the key of its facts, and which of the two tables these are in.
_TOLD_BY_PLACE = ("name", "is_system")
_ABOUT_RUN = ("_run_id", "_run_name")
# The fields of runs that JSON makes lists of.
_TUPLES = tuple(field.name for field in fields(Run) if isinstance(field.default, tuple))


class RunFacts(TypedDict):
    """What a file says of its run."""

    schema: int
    digest: str
    run: dict[str, Any]
    rows: int
    system_rows: int
    columns: dict[str, dict[str, Any]]
    system_columns: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class StoredRun:
    """A run as its file has it.

    Attributes:
        path: the file of its history.
        facts: what the file says of it.
    """

    path: Path
    facts: RunFacts

    @property
    def run(self) -> Run:
        """The run itself."""
        known = {field.name for field in fields(Run)}
        said: dict[str, Any] = {key: value for key, value in self.facts["run"].items() if key in known}
        created_at = said.get("created_at")
        said |= {key: tuple(said[key]) for key in _TUPLES if key in said}
        said["created_at"] = datetime.fromisoformat(created_at) if created_at else None
        return Run(**said)

    @property
    def system_path(self) -> Path:
        """The file of the system stream; not there where the run has none."""
        return self.path.parent / SYSTEM_FOLDER / self.path.name


def digest_of(run: Run) -> str:
    """A digest of all that a run says of itself: a history of a run that says the same is taken for the same."""
    return hashlib.sha256(json.dumps(_document(run), sort_keys=True).encode()).hexdigest()


def write_run(path: Path, run: Run, history: History) -> None:
    """Write a whole history to `path`, and its system stream to a file of that name in the system folder.

    Pages have checksums, which `read_stored_history` looks at.
    """
    plain = {name: column for name, column in history.columns.items() if not column.is_system}
    system = {name: column for name, column in history.columns.items() if column.is_system}
    facts = RunFacts(
        schema=_SCHEMA,
        digest=digest_of(run),
        run=_document(run),
        rows=history.rows,
        system_rows=history.system_rows,
        columns=_facts(plain),
        system_columns=_facts(system),
    )
    if system:
        target = path.parent / SYSTEM_FOLDER / path.name
        target.parent.mkdir(exist_ok=True)
        _write(target, _table(run, system, RUNTIME), facts)
    _write(path, _table(run, plain, STEP), facts)


def read_stored_run(path: Path) -> StoredRun | None:
    """The run whose history a file holds; None where it is no file of ours.

    Raises:
        MachineError: it is damaged.
    """
    try:
        said = pq.read_schema(path).metadata or {}
        facts = json.loads(said[_KEY]) if _KEY in said else None
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from None
    if not isinstance(facts, dict) or facts.get("schema") != _SCHEMA:
        return None
    return StoredRun(path, facts)  # type: ignore[arg-type]  # written by `write_run`


def read_stored_history(stored: StoredRun, wanted: Collection[str] | None) -> History:
    """The numbers of a run.

    Args:
        stored: the run.
        wanted: names of the metrics; None for all.

    Raises:
        MachineError: a file is damaged or gone.
    """
    facts = stored.facts
    columns = _read(stored.path, STEP, facts["columns"], wanted)
    columns |= _read(stored.system_path, RUNTIME, facts["system_columns"], wanted)
    return History(dict(sorted(columns.items())), facts["rows"], facts["system_rows"])


def _document(run: Run) -> dict[str, Any]:
    said = asdict(run)
    said["created_at"] = run.created_at.isoformat() if run.created_at else None
    # As reading it gives it: lists for tuples, and text for all keys.
    document: dict[str, Any] = json.loads(json.dumps(said, default=str))
    return document


def _facts(columns: Mapping[str, Column]) -> dict[str, dict[str, Any]]:
    """The attributes of each column, without those that the place tells where they stand."""
    attributes = {name: column_attributes(column) for name, column in columns.items()}
    return {name: {key: of[key] for key in of if key not in _TOLD_BY_PLACE} for name, of in attributes.items()}


def _table(run: Run, columns: Mapping[str, Column], axis: str) -> pa.Table:
    x = union(column.steps for column in columns.values())
    about_run = (
        pa.DictionaryArray.from_arrays(to_arrow(np.zeros(len(x))).cast(pa.int32()), [text])
        for text in (run.id, run.name)
    )
    numeric = {name: column for name, column in columns.items() if column.is_numeric and name != axis}
    arrays = dict(zip(_ABOUT_RUN, about_run, strict=True)) | {axis: to_axis(x)}
    return pa.table(arrays | {name: spread(column.steps, column.values, x) for name, column in numeric.items()})


def _write(path: Path, table: pa.Table, facts: RunFacts) -> None:
    text = json.dumps(facts, ensure_ascii=False).encode(errors="surrogatepass")
    pq.write_table(table.replace_schema_metadata({_KEY: text}), path, compression="zstd", write_page_checksum=True)


def _read(
    path: Path, axis: str, facts: Mapping[str, Mapping[str, Any]], wanted: Collection[str] | None
) -> dict[str, Column]:
    chosen = [name for name in facts if wanted is None or name in wanted]
    if not chosen:
        return {}
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            held = [name for name in chosen if name in file.schema_arrow.names and name != axis]
            table = file.read(columns=[axis, *held])
            x = to_numpy(table[axis]).astype(float)
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from None
    return {name: _column(name, facts[name], x, table, axis, held) for name in chosen}


def _column(
    name: str, facts: Mapping[str, Any], x: FloatArray, table: pa.Table, axis: str, held: Collection[str]
) -> Column:
    steps, values = np.empty(0), np.empty(0)
    if name == axis:
        steps = values = x
    elif name in held:
        steps, values = x[to_numpy(table[name].is_valid())], to_numpy(table[name].drop_null())
    return column_from_attributes({**facts, "name": name, "is_system": axis == RUNTIME}, steps, values)


def _damaged(path: Path, error: Exception) -> MachineError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return MachineError(
        f"can't read {path}: {reason}", hint="delete it, and write it again with history", code="log_unreadable"
    )

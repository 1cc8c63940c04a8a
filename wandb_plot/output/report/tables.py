"""The tables of the report: runs, what tells them apart, and the numbers behind each figure; all cells are text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from wandb_plot.figures.comparison.differences import differ, value_text, values_by_key
from wandb_plot.figures.comparison.labels import labels_for
from wandb_plot.model.run import Run
from wandb_plot.numbers.formatting import number_text
from wandb_plot.output.names import run_path

Kind = Literal["config", "summary"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NOTHING = "–"  # noqa: RUF001 -- an en dash is what tables show for nothing

# Beyond this a value is no longer read but scrolled by: metadata of the run, such as a prompt or a list of files.
_VALUE_LENGTH = 300
_DROPS_TOLD = 5
_DIGITS = 6

# By their keys in metadata.json; the extremes come with their steps.
_STATISTICS = {
    "points": "Points",
    "first": "First",
    "last": "Last",
    "mean": "Mean",
    "std": "Std",
    "nan_count": "NaN",
    "inf_count": "Inf",
}


@dataclass(frozen=True)
class Row:
    """A row: its header, which may be a link, and a cell for each further column."""

    header: str
    cells: Sequence[str]
    url: str | None = None


@dataclass(frozen=True)
class Table:
    """A table whose first column holds the row headers.

    Attributes:
        caption: what it shows.
        columns: the column headers, that of the row headers first.
        rows: each with one cell less than there are columns.
        numeric: whether the cells are numbers, which are read from the right.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]
    numeric: bool = False


def runs_table(described: Mapping[str, Mapping[str, Any]], runs: Sequence[Run]) -> Table:
    """All runs of the folder, with group and tags where `runs` know of any.

    Args:
        described: by path of the run (`names.run_path`), as in the `runs` of metadata.json.
        runs: those that more is known of.
    """
    optional = {
        "Group": {run_path(run): run.group for run in runs if run.group},
        "Tags": {run_path(run): ", ".join(run.tags) for run in runs if run.tags},
    }
    told = {column: by_path for column, by_path in optional.items() if by_path}
    rows = []
    for path, run in described.items():
        cells = [run["id"], run.get("state") or NOTHING, _number(run.get("last_step"))]
        cells += [by_path.get(path, NOTHING) for by_path in told.values()]
        rows.append(Row(run.get("name") or run["id"], cells, _web_address(run.get("url"))))
    return Table("All runs", ["Name", "Id", "State", "Last step", *told], rows)


def difference_table(runs: Sequence[Run], kind: Kind) -> Table | None:
    """What differs between `runs`; None where nothing does.

    Keys or runs make the rows, whichever are more: a long table is easier to read than a wide one.
    """
    differences = {
        key: [_text(value, kind) for value in values]
        for key, values in values_by_key(_mappings(runs, kind)).items()
        if differ(values)
    }
    if not differences:
        return None
    caption = f"{kind.capitalize()}: what differs"
    labels = labels_for(runs)
    if len(runs) <= len(differences):
        return Table(caption, ["Key", *labels], [Row(key, values) for key, values in differences.items()])
    columns = list(differences.values())
    rows = [Row(label, [values[at] for values in columns]) for at, label in enumerate(labels)]
    return Table(caption, ["Run", *differences], rows)


def common_table(runs: Sequence[Run], kind: Kind) -> Table | None:
    """What `runs` have in common, which for a single run is everything; None where there is nothing."""
    common = {key: values[0] for key, values in values_by_key(_mappings(runs, kind)).items() if not differ(values)}
    if not common:
        return None
    of = f"of {runs[0]}" if len(runs) == 1 else f"common to these {len(runs)} runs"
    rows = [Row(key, [_text(value, kind)]) for key, value in common.items()]
    return Table(f"{kind.capitalize()} {of}", ["Key", "Value"], rows)


def statistics_table(entry: Mapping[str, Any], names: Mapping[str, str]) -> Table | None:
    """The numbers behind a figure; None where metadata.json has none.

    Args:
        entry: as in the `files` of metadata.json.
        names: what to call each run, by id.

    Returns:
        A row for each series; for a single series one for each number, which fits a narrow page.
    """
    series = entry.get("series") or []
    if not series:
        return None
    headers = [_series_name(one, series, names) for one in series]
    cells = [[*map(_number, map(one.get, _STATISTICS)), *_extremes(one)] for one in series]
    numbers = [*_STATISTICS.values(), "Min @ step", "Max @ step"]
    if len(series) == 1:
        rows = [Row(number, [cell]) for number, cell in zip(numbers, cells[0], strict=True)]
        return Table("Statistics", ["Of", *headers], rows, numeric=True)
    rows = [Row(header, row) for header, row in zip(headers, cells, strict=True)]
    return Table("Statistics", ["Series", *numbers], rows, numeric=True)


def groups_table(entry: Mapping[str, Any], names: Mapping[str, str]) -> Table | None:
    """The runs behind each line of a figure of groups; None for any other figure."""
    rows = []
    for group in entry.get("groups") or []:
        members = ", ".join(names.get(run_id, run_id) for run_id in group["run_ids"])
        rows.append(Row(group["label"], [group["metric"], members, _counts(group["n"]), group["alignment"]]))
    return Table("Groups", ["Group", "Metric", "Runs", "How many", "Alignment"], rows) if rows else None


def _number(number: float | None) -> str:
    return NOTHING if number is None else number_text(number, _DIGITS)


def _series_name(one: Mapping[str, Any], series: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    """The run, the metric, or both: what tells one series from the others."""
    metric, name = str(one["metric"]), names.get(one["run_id"], str(one["run_id"]))
    if {other["metric"] for other in series} == {metric}:
        return name
    return metric if len({other["run_id"] for other in series}) == 1 else f"{metric} · {name}"


def _extremes(one: Mapping[str, Any]) -> list[str]:
    return [
        NOTHING if one.get(end) is None else f"{_number(one[end])} @ {_number(one.get(f'{end}_step'))}"
        for end in ("min", "max")
    ]


def _counts(n: Mapping[str, Any]) -> str:
    """From how many runs to how many a line goes, and where they become fewer."""
    drops = [f"{drop['n']} from {_number(drop['x'])}" for drop in n["drops"][:_DROPS_TOLD]]
    if len(n["drops"]) > _DROPS_TOLD:
        drops.append(f"{len(n['drops']) - _DROPS_TOLD} more drops")
    ends = str(n["first"]) if n["first"] == n["last"] else f"{n['first']} to {n['last']}"
    return f"{ends} ({', '.join(drops)})" if drops else ends


def _mappings(runs: Sequence[Run], kind: Kind) -> Sequence[Mapping[str, Any]]:
    return [run.config if kind == "config" else _told(run.summary) for run in runs]


def _told(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A summary without W&B's own keys, and without media: what it says of those are names of files."""
    return {
        key: _told(value) if isinstance(value, Mapping) else value
        for key, value in summary.items()
        if not key.startswith("_") and not (isinstance(value, Mapping) and "_type" in value)
    }


def _text(value: Any, kind: Kind) -> str:
    if value is None:
        return NOTHING
    if kind == "summary" and isinstance(value, float) and math.isfinite(value):
        return _number(value)
    text = value_text(value)
    return text if len(text) <= _VALUE_LENGTH else f"{text[: _VALUE_LENGTH - 1]}…"


def _web_address(url: str | None) -> str | None:
    # A page may name any scheme, and some of them run scripts.
    return url if url and url.startswith(("https://", "http://")) else None

"""The numbers behind a figure: of each series, and of each group of runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from wandb_plot.model.metadata_types import PlotEntry, RunCounts, RunSeriesEntry
from wandb_plot.output.report.table import NOTHING, ReportCell, ReportRow, ReportTable, cell_text

_DROPS_TOLD = 5

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


def statistics_table(entry: PlotEntry, names: Mapping[str, str]) -> ReportTable | None:
    """The numbers behind a figure; None where metadata.json has none.

    Args:
        entry: as in the `files` of metadata.json.
        names: what to call each run, by id.

    Returns:
        A row for each series; for a single series one for each number, which fits a narrow page.
    """
    series = entry.get("series", [])
    if not series:
        return None
    headers = [_series_name(one, series, names) for one in series]
    cells = [[*_statistics(one), *_extremes(one)] for one in series]
    columns = [*_STATISTICS.values(), "Min @ step", "Max @ step"]
    if len(series) == 1:
        rows = [ReportRow(column, [cell]) for column, cell in zip(columns, cells[0], strict=True)]
        return ReportTable("Statistics", ["Of", *headers], rows, numeric=True)
    rows = [ReportRow(header, row) for header, row in zip(headers, cells, strict=True)]
    return ReportTable("Statistics", ["Series", *columns], rows, numeric=True)


def groups_table(entry: PlotEntry, names: Mapping[str, str]) -> ReportTable | None:
    """The runs behind each line of a figure of groups; None for any other figure."""
    rows = []
    for group in entry.get("groups", []):
        members = ", ".join(names.get(run_id, run_id) for run_id in group["run_ids"])
        rows.append(ReportRow(group["label"], [group["metric"], members, _counts(group["n"]), group["alignment"]]))
    return ReportTable("Groups", ["Group", "Metric", "Runs", "How many", "Alignment"], rows) if rows else None


def _statistics(one: Mapping[str, Any]) -> list[str | ReportCell]:
    """The statistics; what isn't finite in a colour of its own."""
    values = {key: cell_text(one.get(key)) for key in _STATISTICS}
    odd = {key: ReportCell("", alarm=values[key]) for key in ("nan_count", "inf_count") if one.get(key)}
    return list((values | odd).values())


def _series_name(one: RunSeriesEntry, series: Sequence[RunSeriesEntry], names: Mapping[str, str]) -> str:
    """The run, the metric, or both: what tells one series from the others."""
    metric, name = one["metric"], names.get(one["run_id"], one["run_id"])
    if {other["metric"] for other in series} == {metric}:
        return name
    return metric if len({other["run_id"] for other in series}) == 1 else f"{metric} · {name}"


def _extremes(one: Mapping[str, Any]) -> list[str]:
    return [
        NOTHING if one.get(end) is None else f"{cell_text(one[end])} @ {cell_text(one.get(f'{end}_step'))}"
        for end in ("min", "max")
    ]


def _counts(n: RunCounts) -> str:
    """From how many runs to how many a line goes, and where they become fewer."""
    drops = [f"{drop['n']} from {cell_text(drop['x'])}" for drop in n["drops"][:_DROPS_TOLD]]
    more = len(n["drops"][_DROPS_TOLD:]) + n.get("more_drops", 0)
    if more:
        drops.append(f"{more} more drops")
    ends = str(n["first"]) if n["first"] == n["last"] else f"{n['first']} to {n['last']}"
    return f"{ends} ({', '.join(drops)})" if drops else ends

"""The table of runs: how each ended, and for each metric its last value, its best, and what went wrong."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, cast

from wandb_plot.basics.natural_order import natural_key
from wandb_plot.model.metadata_types import FolderDocument, PlotEntry, RunEntry, RunSeriesEntry
from wandb_plot.model.metrics import SYSTEM_PREFIX
from wandb_plot.model.run import ENDED_EARLY, Run
from wandb_plot.output.file_names import id_in_path, run_path
from wandb_plot.output.metadata_merging import Metadata
from wandb_plot.output.report.table import NOTHING, ReportCell, ReportRow, ReportTable, cell_text

Tone = Literal["", "good", "busy", "bad"]

# More columns than these are no table of runs any more: every figure has its own numbers.
_METRICS_SHOWN = 8

_TONES: Mapping[str, Tone] = {
    "finished": "good",
    "running": "busy",
    "pending": "busy",
    **dict.fromkeys(ENDED_EARLY, "bad"),
}

# Parts of a metric's last name that say in which direction it gets better.
_LESS = {"loss", "err", "error", "ppl", "perplexity", "nll", "mse", "rmse", "mae", "wer", "cer", "fid", "bpc", "bpb"}
_MORE = {"acc", "accuracy", "f1", "auc", "auroc", "iou", "miou", "dice", "bleu", "reward", "return", "recall",
         "precision", "psnr", "ssim", "r2"}  # fmt: skip
_HELD_OUT = {"val", "valid", "validation", "test", "eval"}


class Logged(NamedTuple):
    """The numbers of a metric of a run; `sampled` where they are those of a sample of its points."""

    series: RunSeriesEntry
    sampled: bool


def numbers_by_run(metadata: FolderDocument) -> dict[str, dict[str, Logged]]:
    """The numbers behind the figures of a folder, by path of the run and by metric; exact ones where there are any."""
    found: dict[str, dict[str, Logged]] = {}
    owners = Metadata(metadata).owners()
    for file, stored in metadata["files"].items():
        if stored.get("kind") != "plot":
            continue
        entry = cast("PlotEntry", stored)
        is_sample = entry.get("resolution", {}).get("kind") == "sampled"
        paths = {id_in_path(path): path for path in owners[file].runs}
        for series in entry.get("series", []):
            of_run = found.setdefault(paths.get(series["run_id"], series["run_id"]), {})
            if series["metric"] not in of_run or not is_sample:
                of_run[series["metric"]] = Logged(series, is_sample)
    return found


def only_counts(series: RunSeriesEntry) -> bool:
    """Whether a metric only counts, such as epochs: it rises evenly from its first value to its last.

    Of evenly spaced numbers, mean and standard deviation follow from the ends and the count.
    """
    first, last, mean, std = series.get("first"), series.get("last"), series.get("mean"), series.get("std")
    count = series.get("points", 0)
    if first is None or last is None or mean is None or std is None or not first < last or count <= 1:
        return False
    even_mean, even_std = (first + last) / 2, (last - first) / (count - 1) * (count * (count + 1) / 12) ** 0.5
    tolerance = (last - first) / 100
    ends_are_extremes = series["min"] == first and series["max"] == last
    return ends_are_extremes and abs(mean - even_mean) < tolerance and abs(std - even_std) < tolerance


def runs_table(
    described: Mapping[str, RunEntry],
    runs: Sequence[Run],
    logged: Mapping[str, Mapping[str, Logged]],
    names: Mapping[str, str],
) -> ReportTable:
    """All runs of the folder: how they ended, and the metrics that people look at first.

    Args:
        described: by path of the run (`file_names.run_path`), as in the `runs` of metadata.json.
        runs: those that more is known of; group and tags are shown where they have any.
        logged: from `numbers_by_run`.
        names: what to call each run, by path.
    """
    optional = {
        "Group": {run_path(run): run.group for run in runs if run.group},
        "Tags": {run_path(run): ", ".join(run.tags) for run in runs if run.tags},
    }
    told = {column: by_path for column, by_path in optional.items() if by_path}
    metrics = _shown(logged) if len(described) > 1 else []
    rows = []
    for path, run in described.items():
        step = f"step {cell_text(run['last_step'])}" if run.get("last_step") is not None else ""
        state = run.get("state", NOTHING)
        cells: list[str | ReportCell] = [ReportCell(state, detail=step, tone=_TONES.get(state, ""))]
        cells += [_numbers(metric, logged.get(path, {}).get(metric)) for metric in metrics]
        cells += [by_path.get(path, NOTHING) for by_path in told.values()]
        rows.append(ReportRow(names[path], [*cells, run["id"]], _web_address(run.get("url"))))
    return ReportTable("All runs", ["Name", "State", *metrics, *told, "Id"], rows)


def metrics_table(logged: Mapping[str, Mapping[str, Logged]]) -> ReportTable | None:
    """Every metric of the only run of a folder; None where there are several, or no metrics."""
    if len(logged) != 1:
        return None
    (by_metric,) = logged.values()
    ordered = sorted(by_metric, key=lambda metric: (_is_aside(metric, by_metric[metric].series), _rank(metric)))
    rows = [ReportRow(metric, [_numbers(metric, by_metric[metric])]) for metric in ordered]
    return ReportTable("Last values", ["Metric", "Last"], rows, numeric=True) if rows else None


def odd_values(series: RunSeriesEntry) -> str:
    """How many values aren't finite, or from where on none is; empty where all are."""
    if "nan_from" in series:
        return f"not finite from {cell_text(series['nan_from'])}"
    kinds = (("NaN", series.get("nan_count")), ("infinite", series.get("inf_count")))
    return ", ".join(f"{count} {kind}" for kind, count in kinds if count)


def _shown(logged: Mapping[str, Mapping[str, Logged]]) -> list[str]:
    names = {
        metric for of_run in logged.values() for metric, one in of_run.items() if not _is_aside(metric, one.series)
    }
    return sorted(names, key=_rank)[:_METRICS_SHOWN]


def _is_aside(metric: str, series: RunSeriesEntry) -> bool:
    """Whether it says nothing of how good a run is."""
    return metric.startswith(SYSTEM_PREFIX) or only_counts(series)


def _rank(metric: str) -> tuple[bool, bool, object]:
    """First what says how good a run is, on held-out data before that on its own."""
    return _better(metric) is None, not _parts(metric) & _HELD_OUT, natural_key(metric)


def _numbers(metric: str, one: Logged | None) -> ReportCell:
    if one is None:
        return ReportCell(NOTHING)
    series = one.series
    low, high = series.get("min"), series.get("max")
    direction = _better(metric)
    if low is None or high is None or low == high:
        detail = ""
    elif direction is None:
        detail = f"{cell_text(low)} to {cell_text(high)}"
    else:
        best, step = (low, series.get("min_step")) if direction == "min" else (high, series.get("max_step"))
        detail = f"{direction} {cell_text(best)} at {cell_text(step)}"
    detail += " of the points read" if one.sampled and detail else ""
    return ReportCell(cell_text(series.get("last")), detail=detail, alarm=odd_values(series))


def _better(metric: str) -> Literal["min", "max"] | None:
    parts = _parts(metric.rpartition("/")[2])
    if bool(parts & _LESS) == bool(parts & _MORE):
        return None
    return "min" if parts & _LESS else "max"


def _parts(text: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", text.lower()))


def _web_address(url: str | None) -> str | None:
    # A page may name any scheme, and some of them run scripts.
    return url if url and url.startswith(("https://", "http://")) else None

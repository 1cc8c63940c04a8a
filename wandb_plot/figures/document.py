"""What metadata.json says of a figure: where its numbers come from, what they are, and the picture in words."""

from collections.abc import Mapping, Sequence

import numpy as np

from wandb_plot.figures.alt_text import SeriesFacts, alt_text
from wandb_plot.figures.axes import axis_of
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.run_series import Histories, RunSeries
from wandb_plot.model.documents import FigureDocument, GroupEntry, Resolution
from wandb_plot.model.figure import Figure, Series
from wandb_plot.numbers.statistics import series_document, summarize


def figure_document(
    figure: Figure,
    lines: Sequence[RunSeries],
    histories: Histories,
    options: FigureOptions,
    groups: Mapping[Series, GroupEntry],
) -> FigureDocument:
    """The entry of one figure, but for what depends on how it was drawn and stored.

    Args:
        figure: what is drawn.
        lines: what it was made from; each has its statistics in the entry.
        histories: what was read.
        options: what was chosen.
        groups: of every group that makes a series, before log scales took anything from it, what to say of it.
    """
    facts = _group_facts(groups, lines, options) if groups else _line_facts(lines, options)
    axis = axis_of(lines[0].column, options.x_axis)
    smoothing = str(options.smoothing) if options.smoothing else None
    document: FigureDocument = {
        "metrics": list(dict.fromkeys(line.metric for line in lines)),
        "x_axis": axis,
        "resolution": _resolution(lines, histories),
        "smoothing": smoothing,
        "alt": alt_text(
            facts,
            x_axis=axis,
            xscale=figure.xscale,
            yscale=figure.yscale,
            smoothing=smoothing,
            aggregate=options.aggregate if groups else None,
            band=options.band,
        ),
        "series": [series_document(line.run.id, line.metric, line.column.steps, line.column.values) for line in lines],
    }
    if groups:
        document["groups"] = list(groups.values())
    return document


def _line_facts(lines: Sequence[RunSeries], options: FigureOptions) -> list[SeriesFacts]:
    return [
        SeriesFacts(
            label=str(line.run),
            metric=line.metric,
            summary=summarize(line.x, line.values),
            sampled=line.sampled,
            undrawable=int(np.sum(options.undrawable(line.x, line.y))),
        )
        for line in lines
    ]


def _group_facts(
    groups: Mapping[Series, GroupEntry], lines: Sequence[RunSeries], options: FigureOptions
) -> list[SeriesFacts]:
    sampled = {(line.metric, line.run.id) for line in lines if line.sampled}
    return [
        SeriesFacts(
            label=group["label"],
            metric=series.metric,
            summary=summarize(series.x, series.y),
            runs=len(series.run_ids),
            sampled=any((series.metric, run_id) in sampled for run_id in series.run_ids),
            undrawable=int(np.sum(options.undrawable(series.x, series.y))),
            left_out=sum(int(np.sum(~np.isfinite(line.y))) for line in lines if _is_behind(line, series)),
        )
        for series, group in groups.items()
    ]


def _is_behind(line: RunSeries, series: Series) -> bool:
    return line.metric == series.metric and line.run.id in series.run_ids


def _resolution(lines: Sequence[RunSeries], histories: Histories) -> Resolution:
    points = sum(len(line.column.steps) for line in lines)
    if not any(line.sampled for line in lines):
        return {"kind": "full", "points": points}
    by_run = {run.id: history for run, history in histories}
    # How many points a sample is of is not known; there is at most one a row.
    of = (by_run[line.run.id].rows_of(line.metric) if line.sampled else len(line.column.steps) for line in lines)
    return {"kind": "sampled", "points": points, "of": sum(of)}

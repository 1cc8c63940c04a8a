"""What metadata.json says of a figure: where its numbers come from, what they are, and the picture in words."""

from collections.abc import Sequence
from typing import cast

from wandb_plot.basics.formatting import plain_number
from wandb_plot.figures.lines.group_line import GroupLine
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.lines.run_series import Histories, RunSeries
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.view.limits import WHOLE_VIEW, View
from wandb_plot.figures.view.panels import BY_METRIC
from wandb_plot.figures.words.alt_text import alt_text
from wandb_plot.figures.words.alt_text_facts import FigureFacts, crossings, facts_of
from wandb_plot.model.figure import Figure
from wandb_plot.model.metadata_types import FigureDocument, GroupEntry, Resolution, RunEnd, RunSeriesEntry, ViewEntry
from wandb_plot.model.run import ENDED_EARLY
from wandb_plot.numbers.alignment import run_counts


def figure_document(
    figure: Figure,
    panels: Sequence[tuple[Sequence[Line], View]],
    found: Sequence[RunSeries],
    resolution: Resolution,
    axis: str,
    options: FigureOptions,
) -> FigureDocument:
    """The entry of one figure, but for what depends on how it was drawn and stored.

    Args:
        figure: what is drawn.
        panels: the lines of each pair of axes, and what is seen of them.
        found: what they were made from; each has its statistics in the entry.
        resolution: how much of it was read.
        axis: what x is.
        options: what was chosen.
    """
    lines = [line for own, _ in panels for line in own]
    views = [view for _, view in panels]
    document: FigureDocument = {
        "metrics": list(dict.fromkeys(one.metric for one in found)),
        "x_axis": axis,
        "resolution": resolution,
        "smoothing": str(options.smoothing) if options.smoothing else None,
        "alt": _alt_text(figure, panels, axis, options),
        "series": [_series_entry(one) for one in found],
    }
    if options.group_by is not None:
        document["groups"] = [_group_entry(line, line.group_line, options) for line in lines if line.group_line]
    if figure.panels:
        document["panels"] = [panel.title for panel in figure.panels]
    if any(view != WHOLE_VIEW for view in views):
        document["limits"] = [_view_entry(view) for view in views]
    return document


def resolution_of(found: Sequence[RunSeries], histories: Histories) -> Resolution:
    """How much of what was logged was read."""
    points = sum(len(one.column.steps) for one in found)
    if not any(one.sampled for one in found):
        return {"kind": "full", "points": points}
    by_run = {run.id: history for run, history in histories}
    logged = [_logged_points(one) for one in found]
    # There is at most one point a row.
    of = (
        by_run[one.run.id].rows_of(one.metric) if count is None else count
        for one, count in zip(found, logged, strict=True)
    )
    resolution: Resolution = {"kind": "sampled", "points": points, "of": sum(of)}
    if None in logged:
        resolution["at_most"] = True
    return resolution


def _logged_points(one: RunSeries) -> int | None:
    """How many points were logged; None for a sample of a source that doesn't say."""
    read = len(one.column.steps)
    if not one.sampled:
        return read
    return one.column.non_null if one.column.non_null > read else None


def _view_entry(view: View) -> ViewEntry:
    entry: ViewEntry = {"x": list(view.xlim), "y": list(view.ylim), "outside": view.outside}
    if view.band_outside:
        entry["band_outside"] = view.band_outside
    return entry


def _alt_text(figure: Figure, panels: Sequence[tuple[Sequence[Line], View]], axis: str, options: FigureOptions) -> str:
    lines = [line for own, _ in panels for line in own]
    views = [view for _, view in panels]
    titles = [""] * len(panels) if options.panels in (None, BY_METRIC) else [panel.title for panel in figure.panels]
    facts = [
        facts_of(line, view, title, figure.xscale, options.yscale)
        for (own, view), title in zip(panels, titles, strict=True)
        for line in own
    ]
    figure_facts = FigureFacts(
        x_axis=axis,
        xscale=figure.xscale,
        yscale=options.yscale,
        smoothing=str(options.smoothing) if options.smoothing else None,
        aggregate=None if options.group_by is None else options.aggregate,
        band=options.band,
        panels=(len(figure.panels), str(options.panels)) if figure.panels else None,
        views=views,
        crossings=crossings(lines, views[0]) if len(panels) == len({line.metric for line in lines}) == 1 else None,
    )
    return alt_text(facts, figure_facts)


def _group_entry(line: Line, group: GroupLine, options: FigureOptions) -> GroupEntry:
    return GroupEntry(
        label=line.subject.full_name,
        metric=line.metric,
        run_ids=[one.run.id for one in group.members],
        aggregate=options.aggregate,
        band=options.band,
        alignment=group.alignment,
        incomplete=options.incomplete,
        n=run_counts(group.x, group.counts),
        diverged=[RunEnd(run_id=run_id, x=plain_number(x)) for run_id, x in group.diverged.items()],
        ended=[RunEnd(run_id=run_id, x=plain_number(x)) for run_id, x in group.ended.items()],
        left_out=list(group.left_out),
    )


def _series_entry(one: RunSeries) -> RunSeriesEntry:
    findings = one.findings
    who = {"run_id": one.run.id, "metric": one.metric, "points": len(one.column.values)}
    entry = cast("RunSeriesEntry", {**who, **findings.statistics})
    if findings.divergence:
        entry["nan_from"] = plain_number(findings.divergence.start)
    if findings.spikes:
        entry["spikes"] = len(findings.spikes)
        entry["spike_step"] = plain_number(findings.spikes[0].x)
    if findings.end and findings.end.trend != "level":
        entry["end"] = findings.end.trend
    if one.run.state in ENDED_EARLY:
        entry["state"] = one.run.state
    return entry

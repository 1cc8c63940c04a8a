"""Histories to figures: which lines, over which axis, grouped and smoothed how, on which axes.

The numbers are made here, so that every renderer shows the same ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from wandb_plot.basics.formatting import count_text
from wandb_plot.errors import NotFoundError
from wandb_plot.figures.axes import axis_label, axis_of, in_readable_unit, require_one
from wandb_plot.figures.lines.line import Line, make_lines, marked, smoothed, subjects_of
from wandb_plot.figures.lines.run_series import Histories, RunSeries, run_series
from wandb_plot.figures.metadata_entry import figure_document, resolution_of
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.run_groups import group_runs
from wandb_plot.figures.view.limits import WHOLE_VIEW, View, find_view
from wandb_plot.figures.view.panels import PanelContent, keys_within, panel_contents, panels_across, size_of
from wandb_plot.figures.view.scales import on_scales
from wandb_plot.figures.words.legend import in_order_of_ends, labelled, legend_title, ordered
from wandb_plot.figures.words.mark_labels import with_mark_labels
from wandb_plot.figures.words.title import figure_title
from wandb_plot.figures.words.warnings_and_hints import advice_on, crowded, scales_apart, stretched, warnings_of
from wandb_plot.model.figure import Figure
from wandb_plot.model.figure_choices import XScale
from wandb_plot.model.metadata_types import FigureDocument, Resolution
from wandb_plot.model.metrics import TIMESTAMP
from wandb_plot.model.run import Run


@dataclass(frozen=True, eq=False)
class Assembled:
    """A figure with what metadata.json says of it, and what its user should be told.

    Attributes:
        lines: what its series were made of, in their order.
        warnings: what isn't as it might be thought to be.
        hints: what could be done better.
    """

    figure: Figure
    document: FigureDocument
    lines: Sequence[Line]
    warnings: Sequence[str]
    hints: Sequence[str]


@dataclass(frozen=True, eq=False)
class Panel:
    """A pair of axes, the only one of a figure or one of several.

    Attributes:
        content: what is drawn there.
        lines: drawn there.
        view: what is seen of them.
        floor: where a band ends that reaches below zero on a log scale, and the axis with it; None where none does.
    """

    content: PanelContent
    lines: Sequence[Line]
    view: View = WHOLE_VIEW
    floor: float | None = None


def assemble(
    metrics: Sequence[str], histories: Histories, options: FigureOptions, *, in_seconds: bool = False
) -> Assembled:
    """One figure of `metrics`, with a line for each run or group, on one pair of axes or in panels.

    Args:
        metrics: one, or several for a combined figure or for panels.
        histories: the runs and what was read of each, in the order of their colours.
        options: how it shall look.
        in_seconds: keep a long runtime in seconds, as the data has it; else it is turned into minutes, hours or days.

    Raises:
        NotFoundError: no run has anything of it to draw.
        UsageError: the axis and the metrics don't go together, or a key or limit means nothing here.
    """
    found, warnings = run_series(metrics, histories, options.x_axis)
    axis = _common_axis(found, metrics, options, warnings)
    panels, lost = _panels(metrics, [run for run, _ in histories], found, axis, options)
    if not panels:
        raise NotFoundError(
            f"no group has a run that lasts to the end of {', '.join(metrics)}",
            hint="leave out --incomplete drop",
            code="metric_not_found",
        )
    xscale: XScale = options.xscale or ("time" if axis == TIMESTAMP else "linear")
    warnings += [*lost, *warnings_of([line for panel in panels for line in panel.lines], xscale, options)]
    warnings += [warning for panel in panels for warning in scales_apart(panel.lines)]
    hints = [hint for advise in (crowded, stretched) for panel in panels for hint in advise(panel.lines, options)]
    panels = _seen(_scaled(panels, xscale, options), xscale, options)
    figure = _figure(panels, axis, xscale, options)
    resolution = resolution_of(found, histories)
    figure = replace(figure, note=_with_sampling(figure.note, resolution))
    shown = [(panel.lines, panel.view) for panel in panels]
    lines = [line for panel in panels for line in panel.lines]
    document = figure_document(figure, shown, found, resolution, axis, options)
    keep = in_seconds or options.presentation.xlabel is not None  # the label may name the unit
    figure = in_readable_unit(replace(figure, alt=document["alt"]), axis, keep=keep)
    return Assembled(figure, document, lines, warnings, [*dict.fromkeys(hints), *advice_on(lines, options)])


def _common_axis(
    found: Sequence[RunSeries], metrics: Sequence[str], options: FigureOptions, warnings: Sequence[str]
) -> str:
    columns = {axis_of(one.column, options.x_axis) for one in found}
    require_one(columns)
    if not columns:
        raise NotFoundError(
            f"nothing of {', '.join(metrics)} can be drawn over {options.x_axis}",
            hint="; ".join(warnings),
            code="metric_not_found",
        )
    return columns.pop()


def _panels(
    metrics: Sequence[str], runs: Sequence[Run], found: Sequence[RunSeries], axis: str, options: FigureOptions
) -> tuple[list[Panel], list[str]]:
    """The panels that have any line, and a warning for each line that nothing is left of."""
    keys = keys_within(runs, options)
    subjects = subjects_of(runs, None if keys is None else group_runs(runs, keys))
    contents = panel_contents(metrics, runs, options)
    warnings: list[str] = []
    made: list[tuple[PanelContent, list[Line]]] = []
    for content in contents:
        own = {(one.metric, one.run.id): one for one in found if one.run.id in content.run_ids}
        lines, lost = make_lines(content.metrics, subjects, own, options)
        warnings += lost
        made += [(content, lines)] if lines else []
    lines = [line for _, own_lines in made for line in own_lines]
    if lines and options.smoothing:
        # The range of the whole figure: the same x-distance smooths alike in all of its lines.
        x_range = max(line.series.x.max() for line in lines) - min(line.series.x.min() for line in lines)
        made = [(content, smoothed(own_lines, options.smoothing, x_range)) for content, own_lines in made]
    panels = [Panel(content, [marked(line) for line in own_lines]) for content, own_lines in made]
    return _named(panels, axis, options), warnings


def _named(panels: Sequence[Panel], axis: str, options: FigureOptions) -> list[Panel]:
    """The panels, with the labels that their lines have in the whole figure."""
    several = any(len(panel.content.metrics) > 1 for panel in panels)
    lines = iter(labelled([line for panel in panels for line in panel.lines], axis, options, several_metrics=several))
    order = options.presentation.order
    return [replace(panel, lines=ordered([next(lines) for _ in panel.lines], order)) for panel in panels]


def _scaled(panels: Sequence[Panel], xscale: XScale, options: FigureOptions) -> list[Panel]:
    """The panels on their scales; those that share y share its floor too."""
    scaled = []
    for sharing in [panels] if options.share_y else [[panel] for panel in panels]:
        series, floor = on_scales([line.series for panel in sharing for line in panel.lines], xscale, options.yscale)
        each = iter(series)
        for panel in sharing:
            lines = [replace(line, series=next(each)) for line in panel.lines]
            scaled.append(replace(panel, lines=lines, floor=floor))
    return scaled


def _seen(panels: Sequence[Panel], xscale: XScale, options: FigureOptions) -> list[Panel]:
    """The panels with what is seen of each, and labels that leave one another room there."""
    logs = {"log_x": xscale == "log", "log_y": options.yscale == "log"}
    sharing = [line.series for panel in panels for line in panel.lines] if options.share_y else []
    views = [
        find_view([line.series for line in panel.lines], options.xlim, options.ylim, **logs, sharing=sharing)
        for panel in panels
    ]
    return [
        replace(
            panel,
            lines=with_mark_labels(panel.lines, own.xlim, xscale),
            view=_on_floor(own, panel.floor, options),
        )
        for panel, own in zip(panels, views, strict=True)
    ]


def _on_floor(view: View, floor: float | None, options: FigureOptions) -> View:
    """The view, with y down to the floor of its bands where that end fits what is seen."""
    low, high = view.ylim
    if floor is None or low is None or options.ylim[0] is not None:
        return view
    return replace(view, ylim=(floor, high))


def _figure(panels: Sequence[Panel], axis: str, xscale: XScale, options: FigureOptions) -> Figure:
    lines = [line for panel in panels for line in panel.lines]
    whole = _panel_figure(panels[0], axis, xscale, options)
    metrics = list(dict.fromkeys(metric for panel in panels for metric in panel.content.metrics))
    given = options.presentation.title
    title = figure_title(metrics, lines, options) if given is None else given
    whole = replace(whole, legend_title=legend_title(lines, options), title=title)
    if options.panels is None:
        return whole
    drawn = tuple(_panel_figure(panel, axis, xscale, options) for panel in panels)
    columns = panels_across(len(drawn), options.across)
    size = options.size or size_of(len(drawn), columns, options.style)
    whole = replace(whole, series=(), note="", panels=drawn, across=columns, share_y=options.share_y)
    return replace(whole, size=size)


def _panel_figure(panel: Panel, axis: str, xscale: XScale, options: FigureOptions) -> Figure:
    given = options.presentation
    metrics = panel.content.metrics
    low, high = panel.view.ylim
    return Figure(
        title=panel.content.title,
        xlabel=axis_label(axis) if given.xlabel is None else given.xlabel,
        ylabel=given.ylabel if given.ylabel is not None else given.metric(metrics[0]) if len(metrics) == 1 else "",
        series=tuple(line.series for line in in_order_of_ends(panel.lines, panel.view.xlim, given.order)),
        xscale=xscale,
        yscale=options.yscale,
        xlim=panel.view.xlim,
        ylim=(panel.floor if low is None else low, high),
        size=options.size or size_of(0, 0, options.style),
        dpi=options.dpi,
        style=options.style,
        note=_outside_text(panel.view),
    )


def _outside_text(view: View) -> str:
    points, of_bands = view.outside, view.band_outside
    told = [f"{count_text(points, 'point')} outside"] if points else []
    told += [f"{count_text(of_bands, 'point')} of the band outside"] if of_bands else []
    return ", ".join(told)


def _with_sampling(note: str, resolution: Resolution) -> str:
    if resolution["kind"] == "full":
        return note
    at_most = "at most " if resolution.get("at_most") else ""
    told = f"{resolution['points']:,} of {at_most}{resolution['of']:,} points"
    return f"{told}, {note}" if note else told

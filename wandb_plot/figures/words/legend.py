"""What lines are called, in which order and colours they come."""

import re
import string
from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import numpy as np

from wandb_plot.basics.formatting import value_text
from wandb_plot.errors import UsageError
from wandb_plot.figures.lines.line import Line, Subject
from wandb_plot.figures.options import FigureOptions, Presentation
from wandb_plot.figures.view.limits import Bounds, within
from wandb_plot.figures.words.group_extent import common_count, extent_text
from wandb_plot.figures.words.shortening import shorten
from wandb_plot.model.figure_choices import BandKind
from wandb_plot.model.queries.keys import absent_keys, value_of
from wandb_plot.model.run import Run

# Longer labels leave no room for the axes beside them.
_LABEL_LENGTH, _TEMPLATE_LENGTH = 32, 80
# So many names leave the axes room only where they are short, and so many lines are hard to tell apart.
MANY_LINES = 12
_SEPARATOR = " · "
# One of so many points of a line belongs to its end.
_POINTS_AN_END = 20
_EXTENT = re.compile(r" \((n=|to )[^()]+\)$")

_BANDS: dict[BandKind, str] = {
    "none": "",
    "std": " ± std",
    "stderr": " ± stderr",
    "minmax": ", min to max",
    "ci": ", 95% CI",
}


def labelled(lines: Sequence[Line], axis: str, options: FigureOptions, *, several_metrics: bool) -> list[Line]:
    """Give lines their labels, which differ where their runs do, and the colours that were chosen.

    Args:
        lines: all those of the figure.
        axis: what x is.
        options: templates, names and colours.
        several_metrics: whether lines of several metrics share a pair of axes.
    """
    given = options.presentation
    whole = [label_from(given.label, line.subject) if given.label else line.subject.legend_name for line in lines]
    # The user wrote each word of a template, so such labels may be longer.
    length = _TEMPLATE_LENGTH if given.label else _LABEL_LENGTH
    many = len({line.subject for line in lines}) > MANY_LINES
    names = shorten(_apart(whole, lines), length, bare=many and not given.label)
    metrics = shorten([given.metric(line.metric) for line in lines], _LABEL_LENGTH)
    of_several = len({line.subject for line in lines}) > 1
    counted = options.group_by is not None and given.label is None and common_count(lines) is None
    labelled_lines = []
    for line, name, metric in zip(lines, names, metrics, strict=True):
        label = name if not several_metrics else f"{metric}{_SEPARATOR}{name}" if of_several else metric
        if line.group_line:
            label += extent_text(_of_one_label(line, lines, several_metrics=several_metrics), axis, counted=counted)
        series = replace(line.series, label=label, color=_color(line, label, given))
        labelled_lines.append(replace(line, series=series))
    return labelled_lines


def ordered(lines: Sequence[Line], order: Sequence[str]) -> list[Line]:
    """Put the lines that `order` names first, in its order."""
    return sorted(lines, key=lambda line: _rank(line, order))


def in_order_of_ends(lines: Sequence[Line], xlim: Bounds, order: Sequence[str]) -> list[Line]:
    """Put lines in the order that legends have: those that `order` names, then from the highest end to the lowest.

    An end is where a line is seen to end: the median of its last points between the limits `xlim`, since a single one
    of noisy lines is chance.
    """

    def end(line: Line) -> float:
        series = line.series
        values = series.y if series.smooth is None else series.smooth
        seen = values[np.isfinite(values) & within(series.x, xlim)]
        return float(np.median(seen[-max(1, len(seen) // _POINTS_AN_END) :])) if seen.size else -np.inf

    return ordered(sorted(lines, key=end, reverse=True), order)


def unmatched(lines: Sequence[Line], presentation: Presentation) -> list[str]:
    """A message for each name in `--order` and `--color` that no line has."""
    given = [("--order", name) for name in presentation.order] + [("--color", name) for name, _ in presentation.colors]
    return [
        f"{option}: no line is called {name!r}"
        for option, name in given
        if not any(_is_called(line, line.series.label, name) for line in lines)
    ]


def legend_title(lines: Sequence[Line], options: FigureOptions) -> str:
    """What all labels have in common: the keys of the groups, what the lines and bands are, how they are smoothed."""
    parts = []
    if options.group_by:
        groups = [line.subject.group for line in lines if line.subject.group]
        if not options.presentation.label:
            parts.append(", ".join(groups[0].short_keys))
        parts.append(statistic_text(lines, options))
    if options.smoothing:
        parts.append(str(options.smoothing).replace(":", " "))
    return _SEPARATOR.join(filter(None, parts))


def statistic_text(lines: Sequence[Line], options: FigureOptions) -> str:
    """What lines and bands of groups are, such as `mean ± std (n=6)`."""
    center = "IQM" if options.aggregate == "iqm" else options.aggregate
    count = common_count(lines)
    return f"{center}{_BANDS[options.band]}" + (f" ({count})" if count else "")


def label_from(template: str, subject: Subject) -> str:
    """The label that a template such as `{config.arch} (lr {config.lr:g})` makes for a run or group.

    Fields are keys of runs, with the formats of Python's `format`; where the runs of a group differ, the field is
    `mixed`, and where they say nothing `unset`.

    Raises:
        UsageError: the template can't be read, or a value doesn't take its format.
    """
    parts = []
    for text, key, form, _conversion in _fields(template):
        parts.append(text)
        if key is None:
            continue
        values = [value_of(run, key) for run in subject.runs]
        if len(set(map(value_text, values))) > 1:
            parts.append("mixed")
        elif values[0] is None:
            parts.append("unset")
        else:
            parts.append(_formatted(values[0], form or "", template))
    return "".join(parts)


def check_template(template: str, runs: Sequence[Run]) -> None:
    """Refuse a template that can't be read, or that names a key which no run has.

    Raises:
        UsageError: as above.
    """
    keys = [key for _, key, _, _ in _fields(template) if key is not None]
    known = {key for key in keys if any(value_of(run, key) is not None for run in runs)}
    for key in keys:
        if key not in known:
            nearest = absent_keys([key], runs).get(key, [])
            hint = (
                f"did you mean {' or '.join(nearest)}" if nearest else "fields are keys of runs: {name}, {config.lr:g}"
            )
            raise UsageError(f"--label: no run has {key!r}", hint=hint, candidates=nearest)


def _fields(template: str) -> list[tuple[str, str | None, str | None, str | None]]:
    try:
        return list(string.Formatter().parse(template))
    except ValueError as error:
        raise UsageError(f"--label {template!r}: {error}", hint="write '{config.arch} (lr {config.lr:g})'") from None


def _formatted(value: Any, form: str, template: str) -> str:
    try:
        return format(value, form) if form else value_text(value)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"--label {template!r}: {value_text(value)} doesn't take the format {form!r}: {error}",
            hint="leave the format out, or use one for that type",
        ) from None


def _of_one_label(line: Line, lines: Sequence[Line], *, several_metrics: bool) -> list[Line]:
    """The lines that have one entry of the legend with `line`: one in each panel."""
    return [one for one in lines if one.subject is line.subject and (one.metric == line.metric or not several_metrics)]


def _apart(labels: Sequence[str], lines: Sequence[Line]) -> list[str]:
    """Add the name of the run or group to labels that lines of different runs would share."""
    details: tuple[Callable[[Subject], str], ...] = (attrgetter("legend_name"), attrgetter("full_name"))
    for detail in details:
        owners: dict[str, set[Subject]] = {}
        for label, line in zip(labels, lines, strict=True):
            owners.setdefault(label, set()).add(line.subject)
        labels = [
            f"{label} ({detail(line.subject)})" if len(owners[label]) > 1 else label
            for label, line in zip(labels, lines, strict=True)
        ]
    return list(labels)


def _is_called(line: Line, label: str, name: str) -> bool:
    """Whether `name` is a label, a metric, a run or a value of the line, or `KEY=VALUE` of all its runs."""
    subject = line.subject
    # The label as the legend has it, and without its metric, its number of runs and where it stops.
    bare = _EXTENT.sub("", label)
    shown = {label, bare, bare.rpartition(_SEPARATOR)[2]}
    names = {*shown, line.metric, subject.full_name, subject.legend_name, *(run.id for run in subject.runs)}
    if name in names or all(run.name == name for run in subject.runs):
        return True
    key, equals, value = name.partition("=")
    return bool(equals) and all(_says(run, key, value) for run in subject.runs)


def _says(run: Run, key: str, value: str) -> bool:
    found = (value_of(run, key), value_of(run, f"config.{key}"))
    return value in [value_text(one) for one in found if one is not None]


def _color(line: Line, label: str, presentation: Presentation) -> str | None:
    colors = (color for name, color in presentation.colors if _is_called(line, label, name))
    return next(colors, None)


def _rank(line: Line, order: Sequence[str]) -> int:
    ranks = (at for at, name in enumerate(order) if _is_called(line, line.series.label, name))
    return next(ranks, len(order))

"""The lines of a pair of axes: one for each metric of each run or group, with its colour, marks and smoothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wandb_plot.figures.lines.group_line import GroupLine, group_line, run_count_text
from wandb_plot.figures.lines.run_series import RunSeries
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.run_groups import Group
from wandb_plot.figures.run_labels import labels_for
from wandb_plot.model.figure import Mark, Series
from wandb_plot.model.run import ENDED_EARLY, Run
from wandb_plot.numbers.smoothing import Smoothing, smooth


@dataclass(frozen=True, eq=False)
class Subject:
    """What a line stands for: a run, or a group of runs.

    Attributes:
        full_name: its name in sentences.
        legend_name: its name in legends, without what all others have too.
        runs: one, or those of the group.
        number: its index among all subjects of the figure.
        group: None for a run.
    """

    full_name: str
    legend_name: str
    runs: tuple[Run, ...]
    number: int
    group: Group | None = None


@dataclass(frozen=True, eq=False)
class Line:
    """A series on its way into a figure, with what it was made of.

    Attributes:
        series: what is drawn; its label is preliminary, see `figures.words.legend.labelled`.
        subject: the run or group it stands for.
        members: the series of runs that it was made of.
        group_line: how the group was made one line; None for a run.
    """

    series: Series
    subject: Subject
    members: tuple[RunSeries, ...]
    group_line: GroupLine | None = None

    @property
    def metric(self) -> str:
        """Its logged name."""
        return self.series.metric

    @property
    def incomplete_runs(self) -> list[tuple[str, str, float]]:
        """The runs of a group without a value up to its end: the name, what became of it, and where."""
        if self.group_line is None:
            return []
        names = {run.id: str(run) for run in self.subject.runs}
        return [
            *((names[run_id], "not finite from", x) for run_id, x in self.group_line.diverged.items()),
            *((names[run_id], "ends at", x) for run_id, x in self.group_line.ended.items()),
        ]


def subjects_of(runs: Sequence[Run], groups: Sequence[Group] | None) -> list[Subject]:
    """What the lines of a figure stand for: each group, or each run where `groups` is None."""
    if groups is not None:
        return [Subject(group.label, group.short, group.runs, number, group) for number, group in enumerate(groups)]
    labels = labels_for(runs)
    pairs = zip(runs, labels, strict=True)
    return [Subject(str(run), label, (run,), number) for number, (run, label) in enumerate(pairs)]


def make_lines(
    metrics: Sequence[str],
    subjects: Sequence[Subject],
    found: Mapping[tuple[str, str], RunSeries],
    options: FigureOptions,
) -> tuple[list[Line], list[str]]:
    """Make the lines of one pair of axes, and a warning for each group of which no run is left.

    Args:
        metrics: drawn on these axes; where there are several, each has its own colours.
        subjects: those of the whole figure.
        found: the series of runs on these axes, by metric and run id.
        options: how groups are made.
    """
    lines, warnings = [], []
    for nth, metric in enumerate(metrics):
        for subject in subjects:
            members = [found[metric, run.id] for run in subject.runs if (metric, run.id) in found]
            if not members:
                continue
            slot = nth * len(subjects) + subject.number
            line = (
                _group_line(subject, slot, members, options) if subject.group else _run_line(subject, slot, members[0])
            )
            if line is None:
                warnings.append(
                    f"{subject.full_name}: every run of it ended early or diverged in {metric}, and is left out"
                )
            else:
                lines.append(line)
    return lines, warnings


def smoothed(lines: Sequence[Line], smoothing: Smoothing, x_range: float) -> list[Line]:
    """Add a smoothed line to each, and smooth the edges of its band in the same way."""

    def smooth_series(series: Series) -> Series:
        made = {
            name: smooth(smoothing, series.x, edge, x_range)
            for name, edge in (("smooth", series.y), ("low", series.low), ("high", series.high))
            if edge is not None
        }
        return replace(series, smooth=made["smooth"], low=made.get("low"), high=made.get("high"))

    return [replace(line, series=smooth_series(line.series)) for line in lines]


def marked(line: Line) -> Line:
    """Add a mark to a line wherever the number of its runs changes, or where its run ended early."""
    height = line.series.y if line.series.smooth is None else line.series.smooth
    marks = []
    if line.group_line:
        counts = line.group_line.counts
        for at in line.group_line.changes():
            if np.isfinite(height[at]):
                text = run_count_text(counts[at - 1 : at + 1])
                marks.append(Mark(kind="runs", x=float(line.series.x[at]), y=float(height[at]), text=text))
    elif line.subject.runs[0].state in ENDED_EARLY and np.isfinite(height).any():
        at = int(np.flatnonzero(np.isfinite(height))[-1])
        mark = Mark(kind="crashed", x=float(line.series.x[at]), y=float(height[at]), text=line.subject.runs[0].state)
        marks.append(mark)
    return replace(line, series=replace(line.series, marks=tuple(marks)))


def _run_line(subject: Subject, slot: int, member: RunSeries) -> Line:
    series = Series(
        label=subject.legend_name, metric=member.metric, run_ids=(member.run.id,), slot=slot, x=member.x, y=member.y
    )
    return Line(series, subject, (member,))


def _group_line(subject: Subject, slot: int, members: Sequence[RunSeries], options: FigureOptions) -> Line | None:
    group = group_line(members, options)
    if group is None:
        return None
    series = Series(
        label=subject.legend_name,
        metric=members[0].metric,
        run_ids=tuple(one.run.id for one in group.members),
        slot=slot,
        x=group.x,
        y=group.y,
        low=group.low,
        high=group.high,
    )
    return Line(series, subject, group.members, group)

"""What there is to tell of each line: found once, for the words and for metadata.json."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from wandb_plot.figures.lines.group_line import GroupLine, run_count_text
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.lines.series_findings import SeriesFindings, findings_of
from wandb_plot.figures.view.limits import View, within
from wandb_plot.figures.view.scales import undrawable
from wandb_plot.model.config_differences import config_differences
from wandb_plot.model.figure_choices import XScale, YScale
from wandb_plot.model.history import FloatArray
from wandb_plot.model.metrics import STEP
from wandb_plot.model.run import ENDED_EARLY
from wandb_plot.numbers.alignment import align
from wandb_plot.numbers.findings.spikes import Spike


@dataclass(frozen=True, kw_only=True)
class SeriesFacts:
    """What there is to tell of one line, between the limits of x.

    Attributes:
        label: the run, as `baseline (abc)`, or the group.
        metric: the logged name.
        findings: what its values do.
        runs: how many runs the line stands for.
        run_count_text: the same along a group's line, such as `n=6→4`; empty for a run.
        runs_change: whether that number changes along the line.
        stops_at: where a group's line ends before its longest run, since the first one ends there; None elsewhere.
        sampled: whether only a sample of the logged points was read.
        undrawable: finite points left out because a log axis has no place for them.
        non_finite: values of a group's runs that aren't finite, which the group's line goes without.
        smooth_last: the last value of the smoothed line.
        incomplete_runs: runs of the group without a value up to its end, each with what became of it and where.
        state: of a run that ended before it was done: one of `ENDED_EARLY`.
        panel: the title of its panel, where that says what the label doesn't.
        short: the group's values of `keys`, as the legend has them.
        keys: by which the runs are grouped.
        varying: the config keys in which the runs of the group differ.
        band_end: the band's lower and upper edge at the last value, from raw values.
        spike_runs: for each spike of a group's line, the runs that are as far out as the line, with their values.
    """

    label: str
    metric: str
    findings: SeriesFindings
    runs: int = 1
    run_count_text: str = ""
    runs_change: bool = False
    stops_at: float | None = None
    sampled: bool = False
    undrawable: int = 0
    non_finite: int = 0
    smooth_last: float | None = None
    incomplete_runs: tuple[tuple[str, str, float], ...] = ()
    state: str = ""
    panel: str = ""
    short: str = ""
    keys: tuple[str, ...] = ()
    varying: tuple[str, ...] = ()
    band_end: tuple[float, float] | None = None
    spike_runs: tuple[tuple[tuple[str, float], ...], ...] = ()

    @property
    def is_notable(self) -> bool:
        """Whether it did something that nobody should miss."""
        findings = self.findings
        return bool(findings.divergence or findings.spikes or findings.explosion or self.state or self.incomplete_runs)


@dataclass(frozen=True)
class Crossings:
    """Where two lines meet.

    Attributes:
        x: where, ascending.
        lower: which of the two, 0 or 1, is lower after the last of them; None where they are equal.
    """

    x: tuple[float, ...]
    lower: int | None


@dataclass(frozen=True, kw_only=True)
class FigureFacts:
    """What there is to tell of a figure beside its lines.

    Attributes:
        x_axis: name of what x is.
        xscale: of the figure; with `time`, places on the x axis are told as UTC times.
        yscale: of the figure.
        smoothing: its name, such as `twema:0.9`, where a smoothed line is drawn too.
        aggregate: `mean`, `median` or `iqm` where lines stand for groups.
        band: what is drawn about them, such as `std`; None or `none` for nothing.
        panels: how many panels there are, and by what, such as `metric`.
        views: what is seen of each pair of axes.
        crossings: where the two lines of the figure cross.
    """

    x_axis: str = STEP
    xscale: XScale = "linear"
    yscale: YScale = "linear"
    smoothing: str | None = None
    aggregate: str | None = None
    band: str | None = None
    panels: tuple[int, str] | None = None
    views: Sequence[View] = field(default_factory=tuple)
    crossings: Crossings | None = None


def facts_of(line: Line, view: View, panel: str, xscale: XScale, yscale: YScale) -> SeriesFacts:
    """What there is to tell of a line that is drawn."""
    x, values = (
        (line.group_line.x, line.group_line.y) if line.group_line else (line.members[0].x, line.members[0].values)
    )
    seen = within(x, view.xlim)
    run = line.subject.runs[0]
    group = line.subject.group
    findings = _findings(line, x[seen], values[seen])
    return SeriesFacts(
        label=line.subject.full_name,
        metric=line.metric,
        findings=findings,
        runs=len(line.members) if line.group_line else 1,
        run_count_text=run_count_text(line.group_line.counts) if line.group_line else "",
        runs_change=line.group_line is not None and len(np.unique(line.group_line.counts)) > 1,
        stops_at=float(line.group_line.x[-1]) if line.group_line and line.group_line.is_stopped else None,
        sampled=any(member.sampled for member in line.members),
        undrawable=int(np.sum(undrawable(x[seen], values[seen], xscale, yscale))),
        non_finite=sum(int(np.sum(~np.isfinite(member.values))) for member in line.members) if line.group_line else 0,
        smooth_last=_smooth_last(line, view),
        incomplete_runs=_incomplete_runs(line),
        state=run.state if run.state in ENDED_EARLY and not line.group_line else "",
        panel=panel,
        short=line.subject.legend_name if group else "",
        keys=tuple(group.keys) if group else (),
        varying=_varying(line.group_line) if line.group_line else (),
        band_end=_band_end(line.group_line, view) if line.group_line else None,
        spike_runs=tuple(_spike_runs(line.group_line, spike) for spike in findings.spikes) if line.group_line else (),
    )


def _incomplete_runs(line: Line) -> tuple[tuple[str, str, float], ...]:
    left_out = "left out: " if line.group_line and line.group_line.left_out else ""
    return tuple((name, left_out + what, x) for name, what, x in line.incomplete_runs)


def _varying(group: GroupLine) -> tuple[str, ...]:
    return tuple(config_differences([one.run for one in group.members]))


def _band_end(group: GroupLine, view: View) -> tuple[float, float] | None:
    """The band at the last value that is seen; None where a single run leaves it without one."""
    seen = np.flatnonzero(within(group.x, view.xlim) & np.isfinite(group.y))
    if group.low is None or group.high is None or not len(seen):
        return None
    low, high = float(group.low[seen[-1]]), float(group.high[seen[-1]])
    return (low, high) if np.isfinite([low, high]).all() else None


def _spike_runs(group: GroupLine, spike: Spike) -> tuple[tuple[str, float], ...]:
    """The runs with a value of their own at a spike that is as far out as the group's line, the furthest first."""
    sign = 1.0 if spike.value > spike.around else -1.0
    found = []
    for one in group.members:
        own = one.values[(one.x == spike.x) & np.isfinite(one.values)]
        if len(own) and sign * (own[-1] - spike.value) >= 0:
            found.append((str(one.run), float(own[-1])))
    return tuple(sorted(found, key=lambda pair: -sign * pair[1]))


def _findings(line: Line, x: FloatArray, values: FloatArray) -> SeriesFindings:
    member = line.members[0]
    # A run's series over all of its own steps has been described already.
    if not line.group_line and np.array_equal(x, member.column.steps):
        return member.findings
    return findings_of(x, values)


def _smooth_last(line: Line, view: View) -> float | None:
    smooth = line.series.smooth
    if smooth is None:
        return None
    seen = smooth[np.isfinite(smooth) & within(line.series.x, view.xlim)]
    return float(seen[-1]) if len(seen) else None


def crossings(lines: Sequence[Line], view: View) -> Crossings | None:
    """Where the two lines of a pair of axes cross; None where there aren't two, or they share no x."""
    if len(lines) != 2:  # noqa: PLR2004 -- of more, nobody wants to read every pair
        return None
    strongest = [(one.x, one.y if one.smooth is None else one.smooth) for one in (line.series for line in lines)]
    aligned = align(strongest)
    seen = ~np.isnan(aligned.values).any(axis=0) & within(aligned.x, view.xlim)
    first, second = aligned.values[:, seen]
    # Compare, don't subtract: the difference of two tiny floats can round to 0.
    x, signs = aligned.x[seen], np.where(first < second, -1, first > second)
    if not len(x):
        return None
    x, signs = x[signs != 0], signs[signs != 0]
    crossed = x[1:][np.diff(signs) != 0]
    return Crossings(tuple(crossed.tolist()), None if not len(signs) else 0 if signs[-1] < 0 else 1)

"""A figure in words: the alternative text of an image, for those who can't see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wandb_plot.model.documents import Summary
from wandb_plot.model.figure import XScale, YScale
from wandb_plot.model.history import STEP
from wandb_plot.numbers.formatting import number_text

# The rest are counted, so that no text outgrows the figure it stands for.
_LINES_TOLD = 8
_METRICS_TOLD = 3
_NAME_LENGTH = 80


@dataclass(frozen=True, kw_only=True)
class SeriesFacts:
    """What there is to tell of one line.

    Attributes:
        label: the run, as `baseline (abc)`, or the group.
        metric: the logged name.
        summary: of the values over the drawn x: `summarize(x, y)`, its steps being places on the x axis.
        runs: how many runs the line stands for.
        sampled: whether only a sample of the logged points was read.
        undrawable: finite points left out because a log axis has no place for them.
        left_out: values of a group's runs that aren't finite, which the group's line goes without.
    """

    label: str
    metric: str
    summary: Summary
    runs: int = 1
    sampled: bool = False
    undrawable: int = 0
    left_out: int = 0


def alt_text(
    lines: Sequence[SeriesFacts],
    *,
    x_axis: str = STEP,
    xscale: XScale = "linear",
    yscale: YScale = "linear",
    smoothing: str | None = None,
    aggregate: str | None = None,
    band: str | None = None,
) -> str:
    """What a figure shows, in sentences: from where to where each line goes, its extremes, and its gaps.

    Args:
        lines: at least one; the first 8 are told one by one.
        x_axis: name of what x is.
        xscale: of the figure; with `time`, places on the x axis are told as UTC times.
        yscale: of the figure.
        smoothing: its name, such as `twema:0.9`, where a smoothed line is drawn too.
        aggregate: `mean` or `median` where lines stand for groups.
        band: what is drawn about them, such as `std`; None or `none` for nothing.

    Returns:
        Plain text without line breaks, such as "Line chart of train/loss over _step for baseline (abc): 2.31 -> 0.41,
        minimum 0.39 at 9200."
    """
    several = len(lines) > 1
    told = [
        f"{_line_name(line, lines)}: {_course(line, xscale)}" if several else _course(line, xscale)
        for line in lines[:_LINES_TOLD]
    ]
    if len(lines) > _LINES_TOLD:
        told.append(_rest(lines[_LINES_TOLD:]))
    sentences = [f"Line chart of {_metrics(lines)} over {_name(x_axis)} for {_subject(lines)}: {'; '.join(told)}."]
    if aggregate:
        about = "" if band in (None, "none") else f", with the {_BANDS.get(str(band), str(band))} as a band"
        sentences.append(f"Each line is the {aggregate} of its runs{about}.")
    if smoothing:
        sentences.append(f"A smoothed line ({smoothing}) is drawn too; the numbers are those of the raw values.")
    logarithmic = [axis for axis, scale in (("x", xscale), ("y", yscale)) if scale == "log"]
    if logarithmic:
        sentences.append(f"Log scale on {' and '.join(logarithmic)}.")
    return " ".join(sentences)


_BANDS = {
    "std": "standard deviation",
    "stderr": "standard error",
    "minmax": "range from minimum to maximum",
    "ci": "95% confidence interval",
}


def _metrics(lines: Sequence[SeriesFacts]) -> str:
    names = [_name(metric) for metric in dict.fromkeys(line.metric for line in lines)]
    if len(names) > _METRICS_TOLD:
        names[_METRICS_TOLD:] = [f"{len(names) - _METRICS_TOLD} more metrics"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _subject(lines: Sequence[SeriesFacts]) -> str:
    labels = list(dict.fromkeys(line.label for line in lines))
    grouped = any(line.runs > 1 for line in lines)
    if len(labels) > 1:
        return f"{len(labels)} {'groups of runs' if grouped else 'runs'}"
    return _name(labels[0]) + _members(lines[0])


def _line_name(line: SeriesFacts, lines: Sequence[SeriesFacts]) -> str:
    if len({other.label for other in lines}) == 1:
        return _name(line.metric)
    who = _name(line.label) + _members(line)
    return who if len({other.metric for other in lines}) == 1 else f"{_name(line.metric)} of {who}"


def _members(line: SeriesFacts) -> str:
    return f" ({line.runs} runs)" if line.runs > 1 else ""


def _course(line: SeriesFacts, xscale: XScale) -> str:
    """The trend of a line, its extremes, and its gaps."""
    return ", ".join([_trend(line, xscale), *_gaps(line)])


def _trend(line: SeriesFacts, xscale: XScale) -> str:
    summary = line.summary
    first, last, low, high = (summary[key] for key in ("first", "last", "min", "max"))
    if first is None or last is None or low is None or high is None:
        return "no finite values"
    if summary["std"] is None:
        return f"a single point, {number_text(first)} at {_place(summary['min_step'], xscale)}"
    if low == high:
        return f"constant at {number_text(low)}{' in the sample' if line.sampled else ''}"
    of_sample = " of the sample" if line.sampled else ""
    words = f"{number_text(first)} -> {number_text(last)}"
    words += f", minimum{of_sample} {number_text(low)} at {_place(summary['min_step'], xscale)}"
    if high not in (first, last):
        words += f", maximum{of_sample} {number_text(high)} at {_place(summary['max_step'], xscale)}"
    return words


def _gaps(line: SeriesFacts) -> list[str]:
    kinds = (("NaN", line.summary["nan_count"]), ("infinite", line.summary["inf_count"]))
    counted = [f"{number_text(count)} {kind}" for kind, count in kinds if count]
    one = sum(count for _, count in kinds) == 1
    gaps = []
    if counted:
        gaps.append(f"{' and '.join(counted)} {'value shown as a gap' if one else 'values shown as gaps'}")
    if line.undrawable:
        points = "point" if line.undrawable == 1 else "points"
        gaps.append(f"{line.undrawable} {points} not above zero left out by the log scale")
    if line.left_out:
        gaps.append(f"{line.left_out} non-finite {'value' if line.left_out == 1 else 'values'} of its runs left out")
    return gaps


def _rest(lines: Sequence[SeriesFacts]) -> str:
    ends = [last for line in lines if (last := line.summary["last"]) is not None]
    words = f"and {len(lines)} more"
    return f"{words}, ending between {number_text(min(ends))} and {number_text(max(ends))}" if ends else words


def _place(x: float | None, xscale: XScale) -> str:
    if x is None:
        return "an unknown place"
    if xscale == "time":
        try:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=x)
        except OverflowError:
            return number_text(x, digits=6)
        return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
    return number_text(x, digits=6)


def _name(text: str) -> str:
    """A logged name on one line and of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= _NAME_LENGTH else f"{line[: _NAME_LENGTH - 1]}…"

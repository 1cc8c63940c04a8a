"""What labels say of how far groups reach: how many runs their lines are of, and where they stop."""

from collections.abc import Sequence

from wandb_plot.figures.lines.group_line import run_count_text
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.words.places import x_text
from wandb_plot.model.metrics import RUNTIME, TIMESTAMP


def common_count(lines: Sequence[Line]) -> str | None:
    """`n=6` where every point of every line is of six runs; else None."""
    counts = {count for line in lines if line.group_line for count in line.group_line.counts.tolist()}
    return f"n={counts.pop()}" if len(counts) == 1 else None


def extent_text(lines: Sequence[Line], axis: str, *, counted: bool) -> str:
    """What follows the label of a group, such as ` (n=6→4)` or ` (n=5, to 850)`; empty where that says nothing.

    Args:
        lines: those that share the label, one in each panel.
        axis: what x is.
        counted: whether the number of runs is told here, not for all groups at once.
    """
    told = [_counts_of(lines) if counted else "", _stop_of(lines, axis)]
    return f" ({', '.join(filter(None, told))})" if any(told) else ""


def _counts_of(lines: Sequence[Line]) -> str:
    """The number of runs in all panels: `n=6→4` where it begins with 6 in each and falls in any, else `n=4..6`."""
    counts = [line.group_line.counts for line in lines if line.group_line]
    told = {run_count_text(own) for own in counts}
    if len(told) == 1:
        return told.pop()
    least, most = min(own.min() for own in counts), max(own.max() for own in counts)
    falls = {own[0] for own in counts} == {most} and least in {own[-1] for own in counts}
    return f"n={most}→{least}" if falls else f"n={least}..{most}"


def _stop_of(lines: Sequence[Line], axis: str) -> str:
    """Where the lines of a group end before its longest run does, such as `to 850`; empty where they don't."""
    ends = sorted({float(line.group_line.x[-1]) for line in lines if line.group_line and line.group_line.is_stopped})
    told = dict.fromkeys(x_text(end, "time" if axis == TIMESTAMP else "linear") for end in ends[:1] + ends[-1:])
    return f"to {'..'.join(told)}{' s' if axis == RUNTIME else ''}" if ends else ""

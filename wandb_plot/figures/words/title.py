"""The title that a figure has unless its user gives one."""

from collections.abc import Sequence

from wandb_plot.basics.formatting import count_text
from wandb_plot.figures.lines.line import Line
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.view.panels import BY_METRIC

# More names make no title.
_METRICS_TOLD, _KEYS_TOLD = 3, 3


def figure_title(metrics: Sequence[str], lines: Sequence[Line], options: FigureOptions) -> str:
    """The metrics, then whose they are: `loss · baseline`, `loss of 4 runs` or `loss by arch`.

    Panels that each show a metric name it themselves: what is left is the run or group, where there is only one.
    """
    subjects = {line.subject for line in lines}
    alone = subjects.pop().legend_name if len(subjects) == 1 else ""
    if options.panels == BY_METRIC:
        return alone
    told = _listed([options.presentation.metric(metric) for metric in metrics], _METRICS_TOLD, "metric")
    if alone:
        return f"{told} · {alone}"
    group = next(iter(subjects)).group
    if group is None:
        return f"{told} of {count_text(len(subjects), 'run')}"
    return f"{told} by {_listed(group.short_keys, _KEYS_TOLD, 'key')}"


def _listed(names: Sequence[str], most: int, noun: str) -> str:
    return ", ".join(names) if len(names) <= most else count_text(len(names), noun)

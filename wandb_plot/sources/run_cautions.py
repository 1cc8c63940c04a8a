"""What to know of runs before trusting their numbers: whose log is cut, which lack a number, which diverged."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from wandb_plot.basics.dotted_names import flatten
from wandb_plot.basics.formatting import names_text
from wandb_plot.model.metrics import STEP
from wandb_plot.model.run import ENDED_EARLY, PRESUMED_FINISHED, Run
from wandb_plot.sources.logged_values import is_non_finite
from wandb_plot.sources.source_protocol import Warn

if TYPE_CHECKING:
    from wandb_plot.numbers.reductions import Reduced
    from wandb_plot.sources.reduced_runs import ReducedMetric, ReducedRuns


def warn_of_cut_logs(runs: Sequence[Run], warn: Warn) -> None:
    """Tell, in one line, whose log was cut: it ends inside a record, or before the row that its summary is of.

    The SDK writes a summary before that row, so that a cut may fall between the two.
    """
    cut = [run for run in runs if run.truncated or (run.segments and _summary_ahead(run))]
    if cut:
        log, are = ("log was", "is") if len(cut) == 1 else ("logs were", "are")
        maybe_growing = any(run.state not in ENDED_EARLY for run in cut)
        or_growing = f", or {are} still being written" if maybe_growing else ""
        warn(f"{len(cut)} {log} cut off{or_growing}: {names_text([_last_steps(run) for run in cut])}")


def _last_steps(run: Run) -> str:
    if _summary_ahead(run):
        return f"{run.id} (rows to step {run.last_step}, summary of step {run.summary[STEP]})"
    return run.id


def _summary_ahead(run: Run) -> bool:
    """Whether the summary is of a later step than the last row."""
    step = run.summary.get(STEP)
    return isinstance(step, int) and run.last_step is not None and step > run.last_step


def absence_words(metric: "ReducedMetric", numbers: "Mapping[str, Reduced]") -> str:
    """How many runs have no such number, why, and which; empty where all have one."""
    from wandb_plot.numbers.reductions import missing_by_reason

    reasons = missing_by_reason(numbers)
    if not reasons:
        return ""
    count = sum(map(len, reasons.values()))
    said = "; ".join(f"{reason}: {names_text(ids)}" for reason, ids in reasons.items())
    return f"{_of_runs(count, len(numbers))} {'has' if count == 1 else 'have'} no {metric.text} ({said})"


def cautions(runs: Sequence[Run], numbers: "ReducedRuns") -> Iterator[str]:
    """What one should know of numbers over runs: which lack one, which diverged, which did not finish.

    Args:
        runs: all that count.
        numbers: of each of them.
    """
    diverged: dict[str, list[str]] = {}
    for index, metric in enumerate(numbers.metrics):
        column = numbers.column(index)
        if words := absence_words(metric, column):
            yield f"{words}."
        ids = [run_id for run_id, one in column.items() if one.diverged]
        # How many are NaN is no number of the finite ones.
        if ids and metric.reduction.name != "nan":
            diverged.setdefault(metric.metric, ids)
    for metric_name, ids in diverged.items():
        end = "ends" if len(ids) == 1 else "end"
        yield (
            f"{_of_runs(len(ids), len(runs))} {end} in NaN or infinity in {metric_name} ({names_text(ids)}): "
            "only finite values count there."
        )
    elsewhere = _diverged_elsewhere(runs, {metric.metric for metric in numbers.metrics})
    if elsewhere:
        end = "ends" if len(elsewhere) == 1 else "end"
        yield (
            f"{_of_runs(len(elsewhere), len(runs))} {end} in NaN or infinity in another metric, by its summary "
            f"({names_text(elsewhere)}), and {_counts(elsewhere)}."
        )
    unfinished = [f"{run.id} {run.state}" for run in runs if run.state not in PRESUMED_FINISHED]
    if unfinished:
        yield (
            f"{_of_runs(len(unfinished), len(runs))} did not finish ({names_text(unfinished)}), and "
            f"{_counts(unfinished)}; --state finished leaves {'it' if len(unfinished) == 1 else 'them'} out."
        )


def _diverged_elsewhere(runs: Sequence[Run], asked: Collection[str]) -> list[str]:
    """Runs with the metrics, but those asked for, that their summaries say are not finite: no history is read."""
    found = []
    for run in runs:
        values = ((name, value) for name, value in flatten(run.summary) if not name.startswith("_"))
        names = [name for name, value in values if name not in asked and is_non_finite(value)]
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            found.append(f"{run.id} {names[0]}{more}")
    return found


def _counts(runs: Sequence[str]) -> str:
    return f"count{'s' if len(runs) == 1 else ''} all the same"


def _of_runs(some: int, all_runs: int) -> str:
    return f"{some} of {all_runs} {'run' if all_runs == 1 else 'runs'}"

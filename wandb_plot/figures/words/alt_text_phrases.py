"""Phrases about one line: what its values do, how it ends, and what stands out in it."""

from collections.abc import Iterator, Sequence

from wandb_plot.basics.formatting import count_text, number_text
from wandb_plot.figures.words.alt_text_facts import SeriesFacts
from wandb_plot.figures.words.places import x_text
from wandb_plot.model.figure_choices import XScale
from wandb_plot.numbers.findings.spikes import Spike

_SPIKES_TOLD = 2
_RUNS_TOLD = 4
_SPIKE_RUNS_TOLD = 2
# So many times and more are told without tenths.
_WHOLE_TIMES = 10
# States that others bring about; a run crashes and fails by itself.
_BY_OTHERS = {"killed": "was killed", "preempted": "was preempted"}
_NOT_FINITE = {"nan": "NaN", "inf": "infinite", "both": "NaN or infinite"}


def description(facts: SeriesFacts, xscale: XScale) -> str:
    """From where to where a line goes, its extremes and its end, what stands out, and its gaps."""
    told = ", ".join([*_trend(facts, xscale), *outstanding(facts, xscale), *_gaps(facts)])
    divergence = _divergence(facts, xscale)
    return f"{divergence} (before that {told})" if divergence else told


def course(facts: SeriesFacts, xscale: XScale) -> str:
    """From where to where a line goes, its extremes and its end, and its gaps: all that `notable` doesn't tell."""
    told = ", ".join([*_trend(facts, xscale), *_gaps(facts)])
    return f"until it diverged {told}" if facts.findings.divergence else told


def notable(facts: SeriesFacts, xscale: XScale) -> str:
    """What a line did that nobody should miss, and nothing else."""
    return ", ".join(filter(None, [_divergence(facts, xscale), *outstanding(facts, xscale)]))


def outstanding(facts: SeriesFacts, xscale: XScale) -> Iterator[str]:
    """Spikes, an explosion, a crash, and the runs of a group that didn't last."""
    for at, spike in enumerate(facts.findings.spikes[:_SPIKES_TOLD]):
        yield _spike(spike, xscale) + _made_by(facts.spike_runs[at] if facts.spike_runs else ())
    if len(facts.findings.spikes) > _SPIKES_TOLD:
        yield count_text(len(facts.findings.spikes) - _SPIKES_TOLD, "more spike")
    if facts.findings.explosion:
        before, end = number_text(facts.findings.explosion.before), number_text(facts.findings.explosion.value)
        yield f"explodes from {x_text(facts.findings.explosion.x, xscale)} on, to {end} from {before}"
    if facts.state:
        yield f"the run {_BY_OTHERS.get(facts.state, facts.state)} there"
    if facts.runs_change:
        yield facts.run_count_text
    if facts.stops_at is not None:
        yield f"stops where its first run ends, at {x_text(facts.stops_at, xscale)}"
    for name, what, x in facts.incomplete_runs[:_RUNS_TOLD]:
        yield f"{name} {what} {x_text(x, xscale)}"
    if len(facts.incomplete_runs) > _RUNS_TOLD:
        yield f"{count_text(len(facts.incomplete_runs) - _RUNS_TOLD, 'more run')} likewise"


def _divergence(facts: SeriesFacts, xscale: XScale) -> str:
    found = facts.findings.divergence
    if found is None:
        return ""
    kind, start = _NOT_FINITE[found.kind], x_text(found.start, xscale)
    return f"{kind} from {start} to the end" if found.points > 1 else f"{kind} at its last point, {start}"


def _trend(facts: SeriesFacts, xscale: XScale) -> Iterator[str]:
    statistics = facts.findings.statistics
    first, last, low, high = (statistics[key] for key in ("first", "last", "min", "max"))
    of_points_read = " of the points read" if facts.sampled else ""
    if first is None or last is None or low is None or high is None:
        yield "no finite values"
    elif statistics["std"] is None:
        yield f"a single point, {number_text(first)} at {x_text(facts.findings.x_of_min, xscale)}"
    elif low == high:
        yield f"constant at {number_text(low)}{' at the points read' if facts.sampled else ''}"
    else:
        yield f"{number_text(first)} -> {number_text(last)}"
        yield f"minimum{of_points_read} {number_text(low)} at {x_text(facts.findings.x_of_min, xscale)}"
        if high not in (first, last):
            yield f"maximum{of_points_read} {number_text(high)} at {x_text(facts.findings.x_of_max, xscale)}"
        if facts.findings.end:
            yield (
                "level at the end"
                if facts.findings.end.trend == "level"
                else f"still {facts.findings.end.trend} at the end"
            )
    if facts.band_end is not None:
        yield f"band at the end {number_text(facts.band_end[0])} to {number_text(facts.band_end[1])}"
    if facts.smooth_last is not None:
        yield f"the smoothed line ends at {number_text(facts.smooth_last)}"


def _spike(spike: Spike, xscale: XScale) -> str:
    told = f"spike to {number_text(spike.value)} at {x_text(spike.x, xscale)}"
    around = number_text(spike.around)
    factor = spike.factor
    if factor is None:
        return f"{told} from a median of {around}"
    times = f"{factor:,.0f}" if factor >= _WHOLE_TIMES else f"{factor:.2g}"
    return f"{told}, {times} times the median {around}"


def _made_by(runs: Sequence[tuple[str, float]]) -> str:
    """The runs of a group that made a spike of its line, with the value of each."""
    told = [f"{name} {number_text(value)}" for name, value in runs[:_SPIKE_RUNS_TOLD]]
    if len(runs) > _SPIKE_RUNS_TOLD:
        told.append(count_text(len(runs) - _SPIKE_RUNS_TOLD, "more run"))
    return f" ({', '.join(told)})" if told else ""


def _gaps(facts: SeriesFacts) -> Iterator[str]:
    kinds = (("NaN", facts.findings.nan_gaps), ("infinite", facts.findings.inf_gaps))
    counted = [f"{number_text(count)} {kind}" for kind, count in kinds if count]
    one = facts.findings.nan_gaps + facts.findings.inf_gaps == 1
    if counted:
        yield f"{' and '.join(counted)} {'value shown as a gap' if one else 'values shown as gaps'}"
    if facts.undrawable:
        yield f"{count_text(facts.undrawable, 'point')} not above zero left out by the log scale"
    if facts.non_finite:
        yield f"{count_text(facts.non_finite, 'non-finite value')} of its runs left out"

"""Which of many lines end lowest and highest, and which bands overlap there."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from wandb_plot.basics.formatting import count_text, number_text
from wandb_plot.figures.words.alt_text_facts import SeriesFacts
from wandb_plot.figures.words.places import x_text
from wandb_plot.model.figure_choices import XScale

NamedFacts = Sequence[tuple[str, SeriesFacts]]

# Of more lines only those at both ends are ranked.
_ALL_RANKED = 8
_RANKS_TOLD = 3
_PAIRS_TOLD = 3
_TRENDS = {"falling": "still falling", "rising": "still rising", "level": "level"}


def ranking(named: NamedFacts, xscale: XScale, *, described: bool) -> str:
    """The order in which lines of one metric end, and the lines that hold its extremes, where those are others.

    Args:
        named: the lines, each with its name.
        xscale: the scale of x.
        described: whether each of them is described with its extremes too.
    """
    ends = [(last, name) for name, one in named if (last := _end(one)) is not None]
    # Python's sort keeps the order of lines that end alike.
    ends.sort(key=lambda pair: pair[0])
    if not ends:
        return "no line ends with a finite value"
    told = [f"{name} {number_text(value)}" for value, name in ends]
    if len(told) > _ALL_RANKED:
        told[_RANKS_TOLD:-_RANKS_TOLD] = ["..."]
    parts = [f"from lowest to highest at the end: {', '.join(told)}"]
    parts += _extreme(named, xscale, described=described, highest=False, usual=ends[0])
    parts += _extreme(named, xscale, described=described, highest=True, usual=ends[-1])
    without = sum(one.findings.divergence is not None for _, one in named)
    if without:
        parts.append(f"{count_text(without, 'line')} that diverged not ranked by the end")
    return "; ".join(parts)


def overlaps(named: NamedFacts) -> str:
    """Which bands of one pair of axes overlap at the end of each line; empty for fewer than two bands."""
    banded = [(name, one.band_end) for name, one in named if one.band_end is not None]
    pairs = list(combinations(banded, 2))
    meeting = [(a, b) for (a, (a_low, a_high)), (b, (b_low, b_high)) in pairs if a_low <= b_high and b_low <= a_high]
    if not pairs:
        return ""
    if not meeting:
        return "no bands overlap at the end"
    if len(meeting) == len(pairs):
        return "all bands overlap at the end"
    told = [f"{a} and {b}" for a, b in meeting[:_PAIRS_TOLD]]
    if len(meeting) > _PAIRS_TOLD:
        told.append(count_text(len(meeting) - _PAIRS_TOLD, "more pair"))
    return f"at the end only these bands overlap: {', '.join(told)}"


def courses(facts: Sequence[SeriesFacts]) -> str:
    """Where many lines begin, and how many of them still move at their ends; empty where none has a value."""
    starts = [first for one in facts if (first := one.findings.statistics["first"]) is not None]
    if not starts:
        return ""
    trends = Counter[str](one.findings.end.trend for one in facts if one.findings.end and not one.findings.divergence)
    told = [f"{trends[trend]} {words}" for trend, words in _TRENDS.items() if trends[trend]]
    at_end = f"; at the end {' and '.join(told)}" if told else ""
    return f"the lines begin between {number_text(min(starts))} and {number_text(max(starts))}{at_end}"


def _end(facts: SeriesFacts) -> float | None:
    return None if facts.findings.divergence else facts.findings.statistics["last"]


def _extreme(
    named: NamedFacts, xscale: XScale, *, described: bool, highest: bool, usual: tuple[float, str]
) -> list[str]:
    """The line with the overall minimum or maximum, if that tells more than the ends do.

    It doesn't where the ranking says as much (a described line that also ends lowest, or highest), where the line
    starts with this value, which says nothing of how it went, and where several lines share it.
    """
    found = [one.findings for _, one in named]
    extremes = [one.statistics["max"] if highest else one.statistics["min"] for one in found]
    known = [(value, at) for at, value in enumerate(extremes) if value is not None]
    value = (max if highest else min)(pair[0] for pair in known)
    holders = [at for each, at in known if each == value]
    name, at = named[holders[0]][0], holders[0]
    if len(holders) > 1 or value == usual[0] or (name == usual[1] and described):
        return []
    holder = found[at]
    if value == holder.statistics["first"]:
        return []
    told = f"{'highest' if highest else 'lowest'} of all {name}"
    x = x_text(holder.x_of_max if highest else holder.x_of_min, xscale)
    return [told if described else f"{told}, {number_text(value)} at {x}"]

"""Which of many lines end lowest and highest, and which bands overlap there."""

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


def ranking(named: NamedFacts, described: int, xscale: XScale) -> str:
    """The order in which lines of one metric end, and the lines that hold its extremes, where those are others.

    Args:
        named: the lines, each with its name.
        described: how many of them, from the first, are described with their extremes already.
        xscale: the scale of x.
    """
    ends = [(last, name) for name, one in named if (last := last_value(one)) is not None]
    # Python's sort keeps the order of lines that end alike.
    ends.sort(key=lambda pair: pair[0])
    if not ends:
        return "no line ends with a finite value"
    told = [f"{name} {number_text(value)}" for value, name in ends]
    if len(told) > _ALL_RANKED:
        told[_RANKS_TOLD:-_RANKS_TOLD] = ["..."]
    parts = [f"from lowest to highest at the end: {', '.join(told)}"]
    parts += _extreme(named, described, xscale, highest=False, usual=ends[0])
    parts += _extreme(named, described, xscale, highest=True, usual=ends[-1])
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


def last_value(facts: SeriesFacts) -> float | None:
    """The value that a line ends at; None for one that diverged, or has none."""
    return None if facts.findings.divergence else facts.findings.statistics["last"]


def _extreme(
    named: NamedFacts, described: int, xscale: XScale, *, highest: bool, usual: tuple[float, str]
) -> list[str]:
    """The line with the overall minimum or maximum, if that tells more than the ends do.

    It does if the line is not the one that ends lowest (or highest), or is not described. Not told if the line starts
    with this value, which says nothing of how it went, or if several lines share it.
    """
    found = [one.findings for _, one in named]
    extremes = [one.statistics["max"] if highest else one.statistics["min"] for one in found]
    known = [(value, at) for at, value in enumerate(extremes) if value is not None]
    value = (max if highest else min)(pair[0] for pair in known)
    holders = [at for each, at in known if each == value]
    name, at = named[holders[0]][0], holders[0]
    if len(holders) > 1 or value == usual[0] or (name == usual[1] and at < described):
        return []
    holder = found[at]
    if value == holder.statistics["first"]:
        return []
    told = f"{'highest' if highest else 'lowest'} of all {name}"
    x = x_text(holder.x_of_max if highest else holder.x_of_min, xscale)
    return [told if at < described else f"{told}, {number_text(value)} at {x}"]

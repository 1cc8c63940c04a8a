"""A figure in words: the alternative text of an image, for those who can't see it."""

from collections import Counter
from collections.abc import Sequence

from wandb_plot.basics.formatting import count_text
from wandb_plot.figures.view.limits import Bounds
from wandb_plot.figures.words.alt_text_facts import FigureFacts, SeriesFacts
from wandb_plot.figures.words.alt_text_phrases import course, description, notable
from wandb_plot.figures.words.alt_text_ranking import courses, overlaps, ranking
from wandb_plot.figures.words.places import x_text
from wandb_plot.figures.words.shortening import shorten
from wandb_plot.model.figure_choices import XScale

# More lines aren't told one by one, which bounds the text.
_LINES_TOLD = 8
_NOTABLE_TOLD = 40
_METRICS_TOLD, _METRICS_RANKED = 3, 6
_NAME_LENGTH = 80
# Of more lines names are told without what they have in common.
_FEW, _SHORT_NAME_LENGTH = 2, 40
# Fewer lines need no ranking.
_FEWEST_RANKED = 3
_KEYS_TOLD = 4

_CENTERS = {"iqm": "interquartile mean"}
_BANDS = {
    "std": "standard deviation (n - 1)",
    "stderr": "standard error",
    "minmax": "range from minimum to maximum",
    "ci": "95% confidence interval",
}


def alt_text(facts: Sequence[SeriesFacts], figure: FigureFacts) -> str:
    """What a figure shows, in sentences: from where to where each line goes, its extremes, its end, and its gaps.

    One line, or two, are told at once. Of more, what matters comes first: what is drawn, which lines diverged, crashed,
    exploded or spiked, and in which order they end; then up to 8 lines are told one by one, and of more only where they
    begin and whether they still move. Whether a line still falls is seen from the medians of its last two tenths, see
    `findings.trend`; what spikes and explosions are, `findings.spikes` and `findings.events` say.

    Args:
        facts: of every line, at least one.
        figure: what else is said.

    Returns:
        Plain text without line breaks, such as "Line chart of train/loss over _step for baseline (abc): 2.31 -> 0.41,
        minimum 0.39 at 9200."
    """
    facts = list(facts)
    names, counted = _names(facts), _names(facts, members=True)
    head = f"Line chart of {_metrics(facts)} over {_one(figure.x_axis)} for {_subject(facts)}"
    if len(facts) < _FEWEST_RANKED:
        told = [_told(name, description(one, figure.xscale)) for name, one in zip(counted, facts, strict=True)]
        sentences = [f"{head}: {'; '.join(told)}", *_rankings(facts, names, figure.xscale)]
    else:
        sentences = [head, *_of_note(facts, names, figure.xscale), *_rankings(facts, names, figure.xscale)]
        sentences += _one_by_one(facts, counted, figure.xscale)
    sentences += _mixture(facts)
    sentences += _crossing(names, figure)
    sentences += _method(figure)
    return " ".join(f"{sentence}." for sentence in sentences)


def _names(facts: Sequence[SeriesFacts], *, members: bool = False) -> list[str]:
    """What tells each line from the others: its metric, its run or group, or both; empty for the only one.

    Args:
        facts: of every line.
        members: whether a group's name is followed by the number of its runs.
    """
    labels = {one.label for one in facts}
    metrics = {one.metric for one in facts}
    if len(facts) == 1:
        return [""]
    whole = []
    short = _is_short(facts)
    for one in facts:
        who = (one.short if short else one.label) + (_members(one) if members else "")
        name = one.metric if len(labels) == 1 < len(metrics) else who if len(metrics) == 1 else f"{one.metric} of {who}"
        whole.append(f"{name} ({one.panel})" if one.panel else name)
    return shorten(whole, _NAME_LENGTH if len(whole) <= _FEW else _SHORT_NAME_LENGTH)


def _is_short(facts: Sequence[SeriesFacts]) -> bool:
    """Whether the keys of the groups are said once, and their values alone tell them apart."""
    labels = {one.label for one in facts}
    return (
        len(labels) > 1
        and all(one.keys and one.short for one in facts)
        and len({o.short for o in facts}) == len(labels)
    )


def _told(name: str, words: str) -> str:
    return f"{name}: {words}" if name else words


def _metrics(facts: Sequence[SeriesFacts]) -> str:
    names = [_one(metric) for metric in dict.fromkeys(one.metric for one in facts)]
    if len(names) > _METRICS_TOLD:
        names[_METRICS_TOLD:] = [count_text(len(names) - _METRICS_TOLD, "more metric")]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _subject(facts: Sequence[SeriesFacts]) -> str:
    labels = list(dict.fromkeys(one.label for one in facts))
    grouped = any(one.run_count_text or one.runs > 1 for one in facts)
    if len(labels) > 1:
        by = f" by {', '.join(map(_one, facts[0].keys))}" if _is_short(facts) else ""
        return f"{len(labels)} {'groups of runs' if grouped else 'runs'}{by}"
    return _one(labels[0]) + _members(facts[0])


def _members(facts: SeriesFacts) -> str:
    return f" ({facts.runs} runs)" if facts.runs > 1 else ""


def _of_note(facts: Sequence[SeriesFacts], names: Sequence[str], xscale: XScale) -> list[str]:
    """What nobody should miss, of each line that did something of it."""
    found = [(name, one) for name, one in zip(names, facts, strict=True) if one.is_notable]
    if not found:
        return []
    told = [_told(name, notable(one, xscale)) for name, one in found[:_NOTABLE_TOLD]]
    if len(found) > _NOTABLE_TOLD:
        told.append(f"and {len(found) - _NOTABLE_TOLD} more such lines")
    return [f"Notable: {'; '.join(told)}"]


def _rankings(facts: Sequence[SeriesFacts], names: Sequence[str], xscale: XScale) -> list[str]:
    """In which order the lines of a metric end, which of their bands overlap there, and how many lines went."""
    sentences = []
    metrics = list(dict.fromkeys(one.metric for one in facts))
    for metric in metrics[:_METRICS_RANKED]:
        own = [at for at, one in enumerate(facts) if one.metric == metric]
        named = [(names[at], facts[at]) for at in own]
        of = f"Of {_one(metric)}, " if len(metrics) > 1 else ""
        many = len(facts) > _LINES_TOLD
        if len(own) >= _FEWEST_RANKED:
            sentences.append(_sentence(of, ranking(named, xscale, described=not many)))
        # Bands of several panels have no axes in common.
        if len({one.panel for _, one in named}) == 1 and (told := overlaps(named)):
            sentences.append(_sentence(of, told))
        if many and len(own) >= _FEWEST_RANKED and (told := courses([one for _, one in named])):
            sentences.append(_sentence(of, told))
    return sentences


def _one_by_one(facts: Sequence[SeriesFacts], names: Sequence[str], xscale: XScale) -> list[str]:
    """Where each of a few lines goes; of many only those of metrics that have too few lines for a ranking."""
    lines = list(zip(names, facts, strict=True))
    if len(facts) > _LINES_TOLD:
        count = Counter(one.metric for one in facts)
        lines = [(name, one) for name, one in lines if count[one.metric] < _FEWEST_RANKED]
    told = [_told(name, course(one, xscale)) for name, one in lines[:_LINES_TOLD]]
    if len(lines) > _LINES_TOLD:
        told.append(f"and {len(lines) - _LINES_TOLD} more")
    return [f"Line by line: {'; '.join(told)}"] if told else []


def _sentence(of: str, words: str) -> str:
    return of + words if of else words[0].upper() + words[1:]


def _mixture(facts: Sequence[SeriesFacts]) -> list[str]:
    """The config keys that vary within groups, where they are more than seeds."""
    keys = list(dict.fromkeys(key for one in facts for key in one.varying))
    if all("seed" in key.rpartition(".")[2].lower() for key in keys):
        return []
    told = [_one(key) for key in keys[:_KEYS_TOLD]]
    if len(keys) > _KEYS_TOLD:
        told.append(count_text(len(keys) - _KEYS_TOLD, "more key"))
    return [f"Runs of a group differ in {', '.join(told)}"]


def _crossing(names: Sequence[str], figure: FigureFacts) -> list[str]:
    found = figure.crossings
    if found is None or found.lower is None:
        return []
    lower = names[found.lower]
    crossings = found.x
    if not crossings:
        return [f"The lines don't cross: {lower} is lower throughout"]
    if len(crossings) == 1:
        return [f"The lines cross at {x_text(crossings[0], figure.xscale)}, from where {lower} is lower"]
    last = x_text(crossings[-1], figure.xscale)
    return [f"The lines cross {len(crossings)} times, the last time at {last}, from where {lower} is lower"]


def _method(figure: FigureFacts) -> list[str]:
    """What was done to the numbers and to the axes."""
    sentences = []
    if figure.panels:
        count, by = figure.panels
        sentences.append(f"There are {count} panels, one for each {_one(by)}")
    if figure.aggregate:
        about = "" if figure.band in (None, "none") else f", with the {_BANDS[str(figure.band)]} as a band"
        sentences.append(f"Each line is the {_CENTERS.get(figure.aggregate, figure.aggregate)} of its runs{about}")
    if figure.smoothing:
        alike = " and the band smoothed alike" if figure.aggregate and figure.band not in (None, "none") else ""
        sentences.append(
            f"A smoothed line ({figure.smoothing}) is drawn too{alike}; the numbers are those of the raw values"
        )
    sentences += _limits(figure)
    logarithmic = [axis for axis, scale in (("x", figure.xscale), ("y", figure.yscale)) if scale == "log"]
    if logarithmic:
        sentences.append(f"Log scale on {' and '.join(logarithmic)}")
    return sentences


def _limits(figure: FigureFacts) -> list[str]:
    xlims = {view.xlim for view in figure.views} - {(None, None)}
    ylims = {view.ylim for view in figure.views} - {(None, None)}
    sentences = []
    if len(xlims) == 1:
        sentences.append(f"Only x {_span(xlims.pop(), figure.xscale)} is shown and described")
    leaps = sum(view.band_outside for view in figure.views)
    if len(ylims) == 1 and not leaps:
        sentences.append(f"The y axis goes {_span(ylims.pop(), 'linear')}")
    outside = sum(view.outside for view in figure.views)
    if outside:
        sentences.append(f"{count_text(outside, 'point')} {'lies' if outside == 1 else 'lie'} outside")
    if leaps:
        sentences.append(f"At {count_text(leaps, 'point')} a band reaches beyond the y axis, which holds all lines")
    return sentences


def _span(bounds: Bounds, xscale: XScale) -> str:
    low, high = (None if bound is None else x_text(bound, xscale) for bound in bounds)
    return " ".join(part for part in (low and f"from {low}", high and f"to {high}") if part)


def _one(text: str) -> str:
    """A logged name on one line and of bounded length."""
    return shorten([text], _NAME_LENGTH)[0]

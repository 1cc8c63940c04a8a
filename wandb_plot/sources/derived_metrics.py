"""Which metrics a user derives from logged ones, such as `gap = val/loss - train/loss`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wandb_plot.errors import UsageError
from wandb_plot.model.metrics import AXIS_COLUMNS, NUMERIC
from wandb_plot.model.queries.metric_selection import MetricSelection
from wandb_plot.numbers.expressions import Expression, parse_expression, split_definition
from wandb_plot.sources.derived_source import DerivedSource
from wandb_plot.sources.source_protocol import Source, Warn


@dataclass(frozen=True)
class NamedMetrics:
    """The metrics that a user's texts name, derived ones defined.

    Attributes:
        source: knows the derived metrics too.
        texts: as given, with each definition replaced by the name of its derived metric.
        types: the type of every metric, logged or derived, by name.
        formulas: of each derived metric, by name.
    """

    source: Source
    texts: Sequence[str]
    types: dict[str, str]
    formulas: Mapping[str, str]


def add_derived(
    source: Source, texts: Sequence[str], types: Mapping[str, str], *, axis: str | None = None, warn: Warn
) -> NamedMetrics:
    """Define the metrics that `texts` and `axis` derive from logged ones.

    Args:
        source: holds the runs.
        texts: as given to `--metrics`. The exact name of a logged metric is never taken for a definition.
        types: the type of every logged metric, by name.
        axis: what to draw over: a metric, or a formula, which then is the name of the axis too.
        warn: told how many points are left out, as another metric of a formula has none at their step.

    Raises:
        UsageError: a formula can't be understood, or its name is another metric's.
        NotFoundError: a formula names a metric that was not logged.
    """
    aliases = {alias: name for alias, name in AXIS_COLUMNS.items() if alias not in types}
    definitions: dict[str, Expression] = {}
    names: list[str] = []
    for text in texts:
        found = None if text in types else split_definition(text)
        if found is None:
            names.append(text)
            continue
        name, formula = found
        _require_free(name, {**types, **definitions})
        definitions[name] = parse_expression(formula, aliases)
        names.append(name)
    if axis and axis not in types and any(symbol in axis for symbol in "+-*(` "):
        definitions[axis] = parse_expression(axis, aliases)
    selection = MetricSelection(types)
    for metric in dict.fromkeys(metric for formula in definitions.values() for metric in formula.metrics):
        selection.require(metric)
    if not definitions:
        return NamedMetrics(source, texts, dict(types), {})
    formulas = {name: formula.text for name, formula in definitions.items()}
    known = dict(sorted({**types, **dict.fromkeys(definitions, NUMERIC)}.items()))
    return NamedMetrics(DerivedSource(source, definitions, warn=warn), names, known, formulas)


def _require_free(name: str, taken: Mapping[str, object]) -> None:
    """Refuse a name that a derived metric can't have."""
    if name in taken:
        raise UsageError(f"{name!r} is another metric's name", hint="give the derived metric a name of its own")
    if "," in name:
        raise UsageError(f"{name!r} is no name for a derived metric", hint="give each definition its own --metrics")

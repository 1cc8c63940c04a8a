"""Pairs of numbers of two sides, whose runs have the same value of a key."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from wandb_plot.basics.formatting import value_text
from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.queries.keys import absent_keys, value_of
from wandb_plot.model.run import Run
from wandb_plot.sources.selection.select_runs import absent_key_words


@dataclass(frozen=True)
class Pair:
    """The numbers of both sides at one value of the key.

    Attributes:
        value: of the key, as text.
        baseline: the numbers of that side's runs, by run id; at least one.
        candidate: likewise.
    """

    value: str
    baseline: dict[str, float]
    candidate: dict[str, float]

    @property
    def run_ids(self) -> list[str]:
        """The runs of both sides."""
        return [*self.baseline, *self.candidate]

    def without(self, run_ids: Collection[str]) -> "Pair":
        """The pair without the numbers of some runs; a side of it may be left empty."""
        baseline, candidate = (
            {run_id: number for run_id, number in side.items() if run_id not in run_ids}
            for side in (self.baseline, self.candidate)
        )
        return Pair(self.value, baseline, candidate)


def pair_runs(
    runs: Sequence[Run], baseline: Mapping[str, float], candidate: Mapping[str, float], key: str
) -> list[Pair]:
    """A pair for each value of `key` that runs of both sides have, in the order of the baseline's runs.

    Args:
        runs: of both sides.
        baseline: the numbers of that side, by run id.
        candidate: likewise.
        key: of runs.

    Raises:
        NotFoundError: no run has the key.
        UsageError: the sides have no value of it in common.
    """
    for absent, nearest in absent_keys([key], runs).items():
        raise NotFoundError(absent_key_words(absent, nearest), candidates=nearest)
    said = {run.id: value_text(value) for run in runs if (value := value_of(run, key)) not in (None, "")}
    of_baseline, of_candidate = _by_value(baseline, said), _by_value(candidate, said)
    if not of_baseline.keys() & of_candidate.keys():
        raise UsageError(f"no value of {key} occurs on both sides", hint="leave out --pair-by")
    return [Pair(value, of_baseline[value], of_candidate[value]) for value in of_baseline if value in of_candidate]


def _by_value(numbers: Mapping[str, float], said: Mapping[str, str]) -> dict[str, dict[str, float]]:
    by_value: dict[str, dict[str, float]] = {}
    for run_id, number in numbers.items():
        if run_id in said:
            by_value.setdefault(said[run_id], {})[run_id] = number
    return by_value

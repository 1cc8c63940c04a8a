"""What a server tells of a history that wasn't read yet: the metrics, how often each was logged, and as what."""

import math
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from typing import Any

from wandb_plot.basics.dotted_names import nested
from wandb_plot.model.metrics import BOOLEAN, LARGEST_STEP, NUMERIC, STRING, SYSTEM_PREFIX, media_type, type_of
from wandb_plot.sources.logged_values import ValueKind, value_kind
from wandb_plot.sources.server.client.answer_checks import as_count, as_list, as_mapping, as_text, odd_answer

_TYPES = {"number": NUMERIC, "bool": BOOLEAN}

# Servers list the metrics of the system stream among the user's, with this prefix.
_SYSTEM_KEY = "system/"


class HistoryKeys:
    """The `historyKeys` of a run.

    Args:
        answer: as the server has it: `keys` with the types of each one's values, and `lastStep`. None where an older
            server says nothing.
        summary: of the same run; its last values tell what the types leave open.

    Attributes:
        last_step: the greatest step, as of some time ago; None where the server doesn't say.

    Raises:
        OddAnswerError: it has another form; of single keys that is found when they are asked for.
    """

    def __init__(self, answer: Any, summary: Mapping[str, Any]) -> None:
        self._summary = summary
        self._answer = as_mapping(answer, "historyKeys")
        last = self._answer.get("lastStep")
        if isinstance(last, bool) or not isinstance(last, (int, float, type(None))):
            raise odd_answer("lastStep of historyKeys", last)
        self.last_step = int(last) if last is not None and abs(last) <= LARGEST_STEP else None

    @cached_property
    def _counts_and_system_keys(self) -> tuple[dict[str, dict[str, float]], set[str]]:
        """How often each of the user's metrics was logged as what, and the names of the system stream's."""
        # A listing of many runs, each with thousands of metrics, doesn't need this.
        counts: dict[str, dict[str, float]] = {}
        of_system = set()
        for name, key in as_mapping(self._answer.get("keys"), "keys of historyKeys").items():
            for metric, server_type, count in _typed_names(name, as_mapping(key, name).get("typeCounts")):
                if self._is_system_key(metric):
                    of_system.add(metric)
                else:
                    counts.setdefault(metric, {})[server_type] = count
        return counts, of_system

    @property
    def system_keys(self) -> set[str]:
        """Names of metrics of the system stream, as they stand among the others."""
        return self._counts_and_system_keys[1]

    @cached_property
    def value_counts(self) -> dict[str, float]:
        """How many values each metric has; infinity where the server doesn't say."""
        return {name: sum(counts.values()) for name, counts in self._counts_and_system_keys[0].items()}

    @cached_property
    def types(self) -> dict[str, str]:
        """The type of each metric."""
        return {name: self._type(name, counts) for name, counts in self._counts_and_system_keys[0].items()}

    def _type(self, name: str, server_types: Collection[str]) -> str:
        types = {_TYPES.get(one) or media_type(one) for one in server_types}
        # NaN counts as text on the server; the last value is the only one at hand to tell them apart.
        last = value_kind(nested(self._summary, name))[0]
        if types == {STRING} and last is ValueKind.NON_FINITE_TEXT:
            return NUMERIC
        if NUMERIC in types and last in (ValueKind.NON_FINITE_TEXT, ValueKind.NUMBER):
            types.discard(STRING)
        return type_of(types)

    def _is_system_key(self, name: str) -> bool:
        """Whether it is the system stream's: what the user logs under such a name is in the summary too."""
        return name.startswith(_SYSTEM_KEY) and nested(self._summary, name) is None


def is_of_system(name: str) -> bool:
    """Whether the system stream's metrics are called so, by users or by servers."""
    return name.startswith((SYSTEM_PREFIX, _SYSTEM_KEY))


def system_name(key: str) -> str:
    """The name of a metric of the system stream, however the server writes it."""
    return SYSTEM_PREFIX + key.removeprefix(_SYSTEM_KEY).removeprefix(SYSTEM_PREFIX)


def _typed_names(name: str, type_counts: Any) -> Iterator[tuple[str, str, float]]:
    """Metric, type as the server has it, and how many values, for each type logged under `name` or in a dict there."""
    for counted in as_list(type_counts, f"typeCounts of {name}"):
        server_type = as_text(as_mapping(counted, f"typeCounts of {name}").get("type"), f"a type of {name}") or "nil"
        if server_type == "map":
            for key, inner in as_mapping(counted.get("keys"), f"keys of {name}").items():
                yield from _typed_names(f"{name}.{key}", inner)
        elif server_type != "nil":
            # Servers don't count nested values.
            count = as_count(counted["count"], f"the count of {name}") if "count" in counted else math.inf
            yield name, server_type, count

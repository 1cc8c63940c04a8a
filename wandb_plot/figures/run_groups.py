"""Groups of runs that say the same of some keys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import product

from wandb_plot.basics.formatting import value_text
from wandb_plot.basics.natural_order import natural_key
from wandb_plot.errors import UsageError
from wandb_plot.model.config_differences import config_differences
from wandb_plot.model.queries.keys import absent_keys, value_of
from wandb_plot.model.run import Run

UNSET = "unset"

_GROUP_KEYS = ("group", "job_type", "tag", "sweep", "name", "state", "id")
_CONFIG = "config."
_HINT = f"group by {', '.join(_GROUP_KEYS)} or config.KEY, or several; '!config.seed' is all that varies but the seed"


@dataclass(frozen=True)
class Group:
    """Runs that say the same of every key.

    Attributes:
        keys: what they were grouped by.
        values: what they say of each key, as text; `unset` where they say nothing.
        runs: at least one, in the order given.
    """

    keys: tuple[str, ...]
    values: tuple[str, ...]
    runs: tuple[Run, ...]

    @property
    def label(self) -> str:
        """Its keys with their values, such as `config.arch=vit, config.lr=0.1`."""
        return ", ".join(map("=".join, zip(self.keys, self.values, strict=True))) or "all runs"

    @property
    def short_keys(self) -> tuple[str, ...]:
        """Its keys as figures name them: `arch` for `config.arch`."""
        return tuple(key.removeprefix(_CONFIG) for key in self.keys)

    @property
    def title(self) -> str:
        """The title of its panel: `arch=vit, lr=0.1`."""
        return ", ".join(map("=".join, zip(self.short_keys, self.values, strict=True))) or "all runs"

    @property
    def short(self) -> str:
        """Its values alone, for legends whose title names the keys."""
        return ", ".join(self.values) or "all runs"


def group_keys(text: str, runs: Sequence[Run]) -> tuple[str, ...]:
    """The keys that `--group-by` names.

    Args:
        text: `KEY[,KEY...]`, each `group`, `job_type`, `tag`, `sweep`, `name`, `state`, `id` or `config.KEY`; or
            `!KEY[,KEY...]`: every config key whose values differ between the runs, except those.
        runs: at least one.

    Raises:
        UsageError: no such key, or no run's config has it.
    """
    everything_but = text.startswith("!")
    named = [key.strip().removeprefix("!") for key in text.split(",")]
    keys = list(dict.fromkeys("tag" if key == "tags" else key for key in named if key))
    if not keys:
        raise UsageError(f"{text!r} names no key to group by", hint=_HINT)
    for key in keys:
        _require(key, runs)
    if not everything_but:
        return tuple(keys)
    varying = (_CONFIG + key for key in config_differences(runs))
    return tuple(key for key in varying if not any(key == left or key.startswith(f"{left}.") for left in keys))


def group_runs(runs: Sequence[Run], keys: Sequence[str]) -> list[Group]:
    """Runs by what they say of `keys`.

    A run with several tags is in the group of each of them; one that says nothing of a key is in a group `unset`.

    Args:
        runs: at least one.
        keys: as `group_keys` gives them; without any, all runs are one group.

    Returns:
        Groups in natural order of their values (numbers by size), `unset` last.
    """
    members: dict[tuple[str, ...], list[Run]] = {}
    for run in runs:
        for values in product(*(_values(run, key) for key in keys)):
            members.setdefault(values, []).append(run)
    ordered = sorted(members, key=lambda values: [(value == UNSET, natural_key(value)) for value in values])
    return [Group(tuple(keys), values, tuple(members[values])) for values in ordered]


def _values(run: Run, key: str) -> Iterator[str]:
    value = value_of(run, key)
    texts = dict.fromkeys(value_text(one) for one in (value if key == "tag" else [value]) if one not in (None, ""))
    return iter(texts or [UNSET])


def _require(key: str, runs: Sequence[Run]) -> None:
    if not key.startswith(_CONFIG) and key not in _GROUP_KEYS:
        of_config = [found for near in absent_keys([_CONFIG + key], runs).values() for found in near]
        present = [] if of_config or value_of(runs[0], _CONFIG + key) is None else [_CONFIG + key]
        candidates = present or get_close_matches(key, _GROUP_KEYS) or of_config
        raise UsageError(f"runs can't be grouped by {key!r}", hint=_HINT, candidates=candidates)
    for absent, nearest in absent_keys([key], runs).items():
        hint = f"did you mean {' or '.join(nearest)}" if nearest else "list keys with: wandb-plot runs PROJECT --keys"
        raise UsageError(f"no run has {absent}", hint=hint, candidates=nearest)

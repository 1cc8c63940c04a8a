"""Groups of runs that say the same of a key."""

from collections.abc import Sequence
from difflib import get_close_matches

from wandb_plot.errors import UsageError
from wandb_plot.figures.differences import config_keys, value_text
from wandb_plot.model.keys import value_of
from wandb_plot.model.natural import natural_key
from wandb_plot.model.run import Run

_GROUP_KEYS = ("group", "job_type", "tag", "name", "state", "id")


def group_runs(runs: Sequence[Run], key: str) -> dict[str, list[Run]]:
    """Runs by what they say of `key`, under labels such as `config.lr=0.1`.

    A run that says nothing of it is in a last group, `config.lr=unset`. A run with several tags is in the group of
    each of them.

    Args:
        runs: at least one.
        key: `group`, `job_type`, `tag`, `name`, `state`, `id` or `config.KEY`, with dots for nested keys.

    Returns:
        Groups in natural order of their values (numbers by size), each with its runs in the order given.

    Raises:
        UsageError: no such key, or no run's config has it.
    """
    key = "tag" if key == "tags" else key
    if key not in _GROUP_KEYS and not key.startswith("config."):
        hint = f"group by one of {', '.join(_GROUP_KEYS)}, or config.KEY"
        raise UsageError(f"runs can't be grouped by {key!r}", hint=hint, candidates=_near(key, runs))
    groups: dict[str, list[Run]] = {}
    unset: list[Run] = []
    for run in runs:
        value = value_of(run, key)
        values = value if key == "tag" else [value]
        texts = dict.fromkeys(value_text(one) for one in values if one not in (None, ""))
        for text in texts:
            groups.setdefault(text, []).append(run)
        if not texts:
            unset.append(run)
    if key.startswith("config.") and not groups:
        raise UsageError(
            f"no run has {key} in its config", hint="group by a key that one has", candidates=_near(key, runs)
        )
    labelled = {f"{key}={text}": groups[text] for text in sorted(groups, key=natural_key)}
    if unset:
        labelled.setdefault(f"{key}=unset", []).extend(unset)
    return labelled


def _near(key: str, runs: Sequence[Run]) -> list[str]:
    return get_close_matches(key, [*_GROUP_KEYS, *(f"config.{name}" for name in config_keys(runs))])

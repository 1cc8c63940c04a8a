"""What tells runs apart: the config keys that differ, the labels made of them, and groups by one of them."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from wandb_plot.errors import UsageError
from wandb_plot.model.nested import flatten
from wandb_plot.model.query import value_of
from wandb_plot.model.run import Run

_GROUP_KEYS = ("group", "job_type", "tag", "name", "state", "id")

# A label names at most so many config keys, and values of at most so many characters.
_LABEL_KEYS = 3
_LABEL_VALUE_LENGTH = 40


def config_differences(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The config keys whose values differ between `runs`, with the value of each run.

    Returns:
        By key, nested ones joined with dots, in the order the configs have them; None for a run that lacks the key.
        1 and 1.0 don't differ.
    """
    configs = [_flat(run.config) for run in runs]
    by_key = {key: [config.get(key) for config in configs] for key in config_keys(runs)}
    return {key: values for key, values in by_key.items() if len(set(map(value_text, values))) > 1}


def config_keys(runs: Sequence[Run]) -> list[str]:
    """Every config key that any of `runs` has, nested ones joined with dots, in the order of their configs."""
    return list(dict.fromkeys(key for run in runs for key in _flat(run.config)))


def labels_for(runs: Sequence[Run]) -> list[str]:
    """A label for each run that tells it from the others.

    The name where no other run bears it; else the name with the config keys that differ among its bearers, where one
    or a few tell them all apart, such as `baseline (lr=0.1)`; else the name with the id.
    """
    bearers = Counter(run.name for run in runs)
    labels = {run.id: run.name for run in runs}
    for shared in (name for name, count in bearers.items() if count > 1):
        namesakes = [run for run in runs if run.name == shared]
        labels |= dict(zip((run.id for run in namesakes), _told_apart(namesakes), strict=True))
    uses = Counter(labels.values())
    return [labels[run.id] if uses[labels[run.id]] == 1 else f"{run.name} ({run.id})" for run in runs]


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
    labelled = {f"{key}={text}": groups[text] for text in sorted(groups, key=_natural)}
    if unset:
        labelled.setdefault(f"{key}=unset", []).extend(unset)
    return labelled


def value_text(value: Any) -> str:
    """A config value in words: text bare, whole numbers without a point, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _told_apart(namesakes: Sequence[Run]) -> list[str]:
    """Labels of runs of one name: by config where that is short, else by id."""
    differing = {key: [value_text(value) for value in values] for key, values in config_differences(namesakes).items()}
    short = [key for key, texts in differing.items() if max(map(len, texts)) <= _LABEL_VALUE_LENGTH]
    alone = [key for key in short if len(set(differing[key])) == len(namesakes)]
    keys = alone[:1] or (short if len(short) <= _LABEL_KEYS else [])
    details = [", ".join(f"{key}={differing[key][at]}" for key in keys) for at in range(len(namesakes))]
    if len(set(details)) < len(namesakes):
        details = [run.id for run in namesakes]
    return [f"{run.name} ({detail})" for run, detail in zip(namesakes, details, strict=True)]


def _near(key: str, runs: Sequence[Run]) -> list[str]:
    return get_close_matches(key, [*_GROUP_KEYS, *(f"config.{name}" for name in config_keys(runs))])


def _natural(text: str) -> tuple[int, float, list[str | int]]:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isfinite(number):
        return 0, number, []
    # Text and digits take turns, so like is always compared with like.
    return 1, 0.0, [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", text)]


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    return dict(flatten(config))

"""What tells runs apart: the config keys whose values differ."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from wandb_plot.model.nested import flatten
from wandb_plot.model.run import Run
from wandb_plot.numbers.formatting import plain_number


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


def value_text(value: Any) -> str:
    """A config value in words: text bare, whole numbers without a point, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        value = plain_number(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    return dict(flatten(config))

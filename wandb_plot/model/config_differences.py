"""What tells runs apart: the config keys whose values differ."""

from collections.abc import Mapping, Sequence
from typing import Any

from wandb_plot.basics.dotted_names import flatten
from wandb_plot.basics.formatting import value_text
from wandb_plot.model.run import Run


def config_differences(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The config keys whose values differ between `runs`, with the value of each run.

    Returns:
        By key, nested ones joined with dots, in the order the configs have them; None for a run that lacks the key.
        1 and 1.0 don't differ.
    """
    return {key: values for key, values in values_by_key([run.config for run in runs]).items() if differ(values)}


def config_keys(runs: Sequence[Run]) -> list[str]:
    """Every config key that any of `runs` has, nested ones joined with dots, in the order of their configs."""
    return list(values_by_key([run.config for run in runs]))


def values_by_key(mappings: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """What each of `mappings`, such as configs or summaries, says of every key that any of them has.

    Returns:
        By key, nested ones joined with dots, in the order the mappings have them; None for one that lacks the key.
    """
    flat = [dict(flatten(mapping)) for mapping in mappings]
    return {key: [one.get(key) for one in flat] for key in dict.fromkeys(key for one in flat for key in one)}


def differ(values: Sequence[Any]) -> bool:
    """Whether not all of `values` read alike; 1 and 1.0 do."""
    return len(set(map(value_text, values))) > 1

"""What legends call runs: never two of them the same."""

from collections import Counter
from collections.abc import Sequence

from wandb_plot.basics.formatting import value_text
from wandb_plot.model.config_differences import config_differences
from wandb_plot.model.run import Run

# A label names at most so many config keys, and values of at most so many characters.
_LABEL_KEYS = 3
_LABEL_VALUE_LENGTH = 40


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

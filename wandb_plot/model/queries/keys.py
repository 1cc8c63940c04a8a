"""Keys of runs as users write them: `name`, `state`, `config.lr`, `summary.loss`; and what a run says of one."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from wandb_plot.basics.dotted_names import flatten, nested
from wandb_plot.model.run import Run

# What users may call it, and the attribute of a run that holds it.
ATTRIBUTES = {
    "id": "id",
    "name": "name",
    "display_name": "name",
    "state": "state",
    "tag": "tags",
    "tags": "tags",
    "group": "group",
    "job_type": "job_type",
    "notes": "notes",
    "sweep": "sweep",
    "created_at": "created_at",
    "last_step": "last_step",
    "url": "url",
    "entity": "entity",
    "project": "project",
    "segments": "segments",
    "truncated": "truncated",
}

_SUGGESTIONS = 3


def split_key(key: str) -> tuple[str, str]:
    """`config` or `summary` and the dotted name within it; two empty texts for any other key."""
    section, _, name = key.partition(".")
    section = "summary" if section == "summary_metrics" else section
    return (section, name) if name and section in ("config", "summary") else ("", "")


def value_of(run: Run, key: str) -> Any:
    """What `run` says of `key`; None where it says nothing, or no run can have such a key."""
    section, name = split_key(key)
    if section:
        return nested(_section(run, section), name)
    return getattr(run, ATTRIBUTES[key]) if key in ATTRIBUTES else None


def absent_keys(keys: Iterable[str], runs: Sequence[Run]) -> dict[str, list[str]]:
    """Those of `keys` that none of `runs` has, each with the nearest keys that one of them has.

    Args:
        keys: `config.KEY` and `summary.KEY` are looked for; every run has the others.
        runs: with config and summary.
    """
    absent = [key for key in dict.fromkeys(keys) if all(split_key(key)) and not _has(runs, key)]
    return {key: _nearest(key, runs) for key in absent}


def _has(runs: Sequence[Run], key: str) -> bool:
    # Filters of W&B's own may name the value that a config key stands for.
    names = (key, key.removesuffix(".value"))
    return any(value_of(run, name) is not None for run in runs for name in names)


def _section(run: Run, section: str) -> Mapping[str, Any]:
    return run.config if section == "config" else run.summary


def _nearest(key: str, runs: Sequence[Run]) -> list[str]:
    """Keys of the same section: first those that end in the same name, then those spelt much the same."""
    section, name = split_key(key)
    known = dict.fromkeys(inner for run in runs for inner, _ in flatten(_section(run, section)))
    last = name.rpartition(".")[2]
    deeper = [inner for inner in known if inner != name and inner.rpartition(".")[2] == last]
    # Names are spelt alike as a whole, or in what follows the last dot.
    by_end = {inner.rpartition(".")[2]: inner for inner in reversed(known)}
    alike = get_close_matches(name, known, _SUGGESTIONS)
    alike += [by_end[end] for end in get_close_matches(last, by_end, _SUGGESTIONS)]
    return [f"{section}.{inner}" for inner in list(dict.fromkeys([*deeper, *alike]))[:_SUGGESTIONS]]

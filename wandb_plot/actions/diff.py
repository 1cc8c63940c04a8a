"""What differs between runs: config, the runs' own fields, summary, and the environment they ran in."""

import json
import math
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from wandb_plot.basics.dotted_names import flatten
from wandb_plot.errors import UsageError, WandbPlotError
from wandb_plot.model.config_differences import differ, values_by_key
from wandb_plot.model.message_listener import Listener
from wandb_plot.model.run import Run, user_summary
from wandb_plot.sources.source_protocol import Source

# Written by the SDK unless it is told not to: the command, the commit, the machine.
_METADATA = "wandb-metadata.json"
_LARGEST = 1_000_000
# Differs between any two runs or their owners, and explains nothing.
_HIDDEN = ("startedAt", "heartbeatAt", "email", "username", "writerId", "disk.", "codePathLocal")
_OF_RUNS = ("state", "group", "job_type", "sweep", "tags", "last_step")
_FEWEST = 2

DiffSection = Literal["config", "run", "summary", "environment"]


class Difference(TypedDict):
    """A key in which runs differ: `values` are in the order of the runs, null for a run without the key.

    `ratio` is the second number divided by the first, where there are two runs.
    """

    section: str
    key: str
    values: list[Any]
    ratio: float | None


class RunName(TypedDict):
    """The run that a value is of."""

    id: str
    name: str


class DiffDocument(TypedDict):
    """What `diff --json` writes; `same` holds the keys in which the runs agree, with their value."""

    runs: list[RunName]
    differ: list[Difference]
    same: dict[str, Any]


def diff_runs(
    source: Source, runs: Sequence[Run], sections: Collection[DiffSection], listener: Listener
) -> DiffDocument:
    """Compare `runs` key by key, section by section.

    Args:
        source: that the runs are from.
        runs: two at least.
        sections: the sections to compare; the others are not read.
        listener: told what is being read, and what can't be read.

    Raises:
        UsageError: there is only one.
    """
    if len(runs) < _FEWEST:
        raise UsageError("diff compares two runs or more", hint="name them with commas between, or by a glob, or all")
    differing: list[Difference] = []
    same: dict[str, Any] = {}
    for section, read in _READERS.items():
        of_runs = [read(source, run, listener) for run in runs] if section in sections else []
        for key, values in values_by_key(of_runs).items():
            if differ(values):
                differing.append(Difference(section=section, key=key, values=values, ratio=_ratio(values)))
            else:
                same[f"{section}.{key}"] = values[0]
    return DiffDocument(runs=[RunName(id=run.id, name=run.name) for run in runs], differ=differing, same=same)


def _environment(source: Source, run: Run, listener: Listener) -> dict[str, Any]:
    """What the SDK noted of machine, program and commit, in a file or else in the log; empty where it noted nothing."""
    listener.progress(f"reading the environment of {run}")
    return dict(_shown(_written_environment(source, run, listener) or source.environment(run)))


def _written_environment(source: Source, run: Run, listener: Listener) -> dict[str, Any]:
    found = [file for file in source.files(run) if file.name == _METADATA]
    if not found or (found[0].size or 0) > _LARGEST:
        return {}
    try:
        with tempfile.TemporaryDirectory(prefix="wandb-plot-") as folder:
            target = Path(folder, _METADATA)
            source.fetch(run, found[0], target)
            noted = json.loads(target.read_bytes())
    except (WandbPlotError, OSError, ValueError, RecursionError) as error:
        listener.warn(f"{run}: {_METADATA} can't be read: {error}")
        return {}
    return noted if isinstance(noted, dict) else {}


_READERS: dict[DiffSection, Callable[[Source, Run, Listener], Mapping[str, Any]]] = {
    "config": lambda _source, run, _listener: run.config,
    "run": lambda _source, run, _listener: {field: getattr(run, field) for field in _OF_RUNS},
    "summary": lambda _source, run, _listener: user_summary(run.summary),
    "environment": _environment,
}


def _shown(noted: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    return (item for item in flatten(noted) if not item[0].startswith(_HIDDEN))


def _ratio(values: Sequence[Any]) -> float | None:
    """The second number divided by the first; None where `values` aren't two numbers, or the first is 0."""
    if len(values) != _FEWEST or not all(_is_number(value) for value in values) or values[0] == 0:
        return None
    ratio = values[1] / values[0]
    return ratio if math.isfinite(ratio) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)

"""What differs between runs: config, the runs' own fields, summary, and the environment they ran in."""

import json
import math
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args

from wandb_plot.basics.dotted_names import flatten
from wandb_plot.basics.formatting import count_text
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
SECTIONS: tuple[DiffSection, ...] = get_args(DiffSection)


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
    for section in SECTIONS:
        of_runs = _values(section, source, runs, listener) if section in sections else []
        for key, values in values_by_key(of_runs).items():
            if differ(values):
                differing.append(Difference(section=section, key=key, values=values, ratio=_ratio(values)))
            else:
                same[f"{section}.{key}"] = values[0]
    return DiffDocument(runs=[RunName(id=run.id, name=run.name) for run in runs], differ=differing, same=same)


def _values(
    section: DiffSection, source: Source, runs: Sequence[Run], listener: Listener
) -> Sequence[Mapping[str, Any]]:
    """What each run has in a section."""
    if section == "config":
        return [run.config for run in runs]
    if section == "run":
        return [{field: getattr(run, field) for field in _OF_RUNS} for run in runs]
    if section == "summary":
        return [user_summary(run.summary) for run in runs]
    return _environments(source, runs, listener)


def _environments(source: Source, runs: Sequence[Run], listener: Listener) -> list[dict[str, Any]]:
    """What the SDK noted of machine, program and commit of each run; empty where it noted nothing."""
    # Concurrency takes long to import, and other commands import this module for its sections.
    from wandb_plot.sources.map_runs import map_runs

    listener.progress(f"reading the environments of {count_text(len(runs), 'run')}")
    found: dict[str, dict[str, Any]] = {}
    for run, (environment, fault) in map_runs(source, runs, _environment, warn=listener.warn):
        found[run.id] = environment
        if fault:
            listener.warn(f"{run}: {fault}")
    return [found.get(run.id, {}) for run in runs]


def _environment(source: Source, run: Run) -> tuple[dict[str, Any], str]:
    """What was noted in a file or else in the log, and why the file can't be read, if it can't."""
    noted, fault = _written_environment(source, run)
    return dict(_shown(noted or source.environment(run))), fault


def _written_environment(source: Source, run: Run) -> tuple[dict[str, Any], str]:
    found = [file for file in source.files(run) if file.name == _METADATA]
    if not found or (found[0].size or 0) > _LARGEST:
        return {}, ""
    try:
        with tempfile.TemporaryDirectory(prefix="wandb-plot-") as folder:
            target = Path(folder, _METADATA)
            source.fetch(run, found[0], target)
            noted = json.loads(target.read_bytes())
    except (WandbPlotError, OSError, ValueError, RecursionError) as error:
        return {}, f"{_METADATA} can't be read: {error}"
    return noted if isinstance(noted, dict) else {}, ""


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

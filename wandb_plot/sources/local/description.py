"""What the heads and tails of its logs say of a run."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wandb_plot.basics.untrusted_files import open_regular
from wandb_plot.model.run import Run, without_sdk_key
from wandb_plot.sources.local.run_folders import Segment
from wandb_plot.sources.log.format.transaction_log import LogEnds
from wandb_plot.sources.log.records import RunRecord, read_exit, read_run_record, read_step_range, read_summary
from wandb_plot.sources.log.value_kinds import is_deep

# What wandb-core goes by: a log without an exit record that nobody wrote to for so long belongs to a crashed run.
_CRASHED_AFTER_SECONDS = 600.0

SUMMARY_FILE = "wandb-summary.json"

# No summary that the SDK writes comes near.
_LARGEST_SUMMARY = 2**26


@dataclass(frozen=True)
class LogDescription:
    """What the log of one segment says.

    Attributes:
        record: who the run is.
        exit_code: None where it has not ended, or was killed.
        steps: of the first and the last row; None where there are none, or they are not known.
        summary: the latest value of every key; of a large log, of the keys that can be told from its ends.
        cut: whether it ends inside a record.
        mtime: when it was last written to, seconds since the epoch.
    """

    record: RunRecord
    exit_code: int | None
    steps: tuple[int, int] | None
    summary: Mapping[str, Any]
    cut: bool
    mtime: float


def describe_log(segment: Segment, log: LogEnds) -> LogDescription:
    """What a segment's log says. Of a large one, the file that some SDKs write tells the rest of the summary."""
    ending = read_exit(log)
    return LogDescription(
        record=read_run_record(log) or RunRecord(),
        exit_code=ending.exit_code if ending else None,
        steps=read_step_range(log),
        summary=read_summary(log) if log.complete else _written_summary(segment) | read_summary(log),
        cut=log.cut,
        mtime=log.mtime,
    )


def describe_run(run_id: str, logs: Mapping[Segment, LogDescription]) -> Run:
    """A run.

    Args:
        run_id: its id.
        logs: what the log of each of its segments says, oldest first; at least one.
    """
    oldest_first = list(logs.values())
    first, newest = oldest_first[0], oldest_first[-1]
    record = newest.record
    joined = _continuing(logs)
    summary: dict[str, Any] = {}
    for segment in joined:
        summary |= logs[segment].summary
    return Run(
        id=run_id,
        name=record.display_name or run_id,
        entity=record.entity,
        project=record.project,
        state=_state(newest),
        created_at=first.record.start_time,
        summary=summary,
        config=record.config,
        tags=record.tags,
        group=record.group or None,
        job_type=record.job_type or None,
        sweep=record.sweep or None,
        notes=record.notes or None,
        last_step=max((steps[1] for segment in joined if (steps := logs[segment].steps)), default=None),
        segments=tuple(segment.name for segment in joined),
        skipped_segments=tuple(segment.name for segment in logs if segment not in joined),
        truncated=newest.cut,
    )


def _written_summary(segment: Segment) -> dict[str, Any]:
    try:
        with open_regular(segment.files / SUMMARY_FILE, follow_links=False) as file:
            content = file.read(_LARGEST_SUMMARY + 1) or b""
        written = json.loads(content) if len(content) <= _LARGEST_SUMMARY else None
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(written, dict) or is_deep(written):
        return {}
    return without_sdk_key(written)


def _continuing(logs: Mapping[Segment, LogDescription]) -> list[Segment]:
    """The newest segments whose steps strictly go on from one to the next; those without steps don't count."""
    with_steps = [(segment, log.steps) for segment, log in logs.items() if log.steps]
    if not with_steps:
        return [list(logs)[-1]]
    joined, (first_step, _) = [with_steps[-1][0]], with_steps[-1][1]
    for segment, (start, stop) in reversed(with_steps[:-1]):
        if stop >= first_step:
            break
        joined.insert(0, segment)
        first_step = start
    return joined


def _state(log: LogDescription) -> str:
    if log.exit_code is not None:
        return "failed" if log.exit_code else "finished"
    return "running" if time.time() - log.mtime < _CRASHED_AFTER_SECONDS else "crashed"

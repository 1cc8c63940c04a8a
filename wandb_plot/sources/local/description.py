"""What the ends of its logs say of a run."""

import json
import time
from collections.abc import Mapping
from typing import Any

from wandb_plot.model.run import Run
from wandb_plot.sources.local.folders import Segment
from wandb_plot.sources.log.records import RunRecord, read_exit, read_run, read_step_range, read_summary
from wandb_plot.sources.log.transaction_log import LogEnds
from wandb_plot.sources.log.values import is_deep
from wandb_plot.sources.regular_file import open_regular

# What wandb-core goes by: a log without an exit record that nobody wrote to for so long belongs to a crashed run.
_CRASHED_AFTER_SECONDS = 600.0

# No summary that the SDK writes comes near.
_LARGEST_SUMMARY = 2**26


def describe(run_id: str, ends: Mapping[Segment, LogEnds]) -> Run:
    """A run.

    Args:
        run_id: its id.
        ends: of the log of each of its segments, oldest first; at least one.
    """
    records = {segment: read_run(log) or RunRecord() for segment, log in ends.items()}
    segments = list(ends)
    first, newest = segments[0], segments[-1]
    record = records[newest]
    ranges = {segment: read_step_range(log) for segment, log in ends.items()}
    joined = _going_on(ranges)
    summary: dict[str, Any] = {}
    for segment in joined:
        summary |= _summary(segment, ends[segment])
    return Run(
        id=run_id,
        name=record.display_name or run_id,
        entity=record.entity,
        project=record.project,
        state=_state(ends[newest]),
        created_at=records[first].start_time,
        summary=summary,
        config=record.config,
        tags=record.tags,
        group=record.group or None,
        job_type=record.job_type or None,
        sweep=record.sweep or None,
        notes=record.notes or None,
        last_step=max((steps[1] for segment in joined if (steps := ranges[segment])), default=None),
        segments=tuple(segment.folder.name for segment in joined),
        truncated=ends[newest].cut,
    )


def _summary(segment: Segment, log: LogEnds) -> dict[str, Any]:
    """The latest value of every key; of a log read at its ends, of the keys that can be told all the same.

    These are the keys in its tail, and those in the summary file that some SDKs write.
    """
    return read_summary(log) if log.complete else _written_summary(segment) | read_summary(log)


def _written_summary(segment: Segment) -> dict[str, Any]:
    try:
        with open_regular(segment.files / "wandb-summary.json", follow_links=False) as file:
            content = file.read(_LARGEST_SUMMARY + 1) or b""
        written = json.loads(content) if len(content) <= _LARGEST_SUMMARY else None
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(written, dict) or is_deep(written):
        return {}
    return {key: value for key, value in written.items() if key != "_wandb"}


def _going_on(ranges: Mapping[Segment, tuple[int, int] | None]) -> list[Segment]:
    """The newest segments whose steps strictly go on from one to the next; those without steps don't count."""
    with_steps = [(segment, steps) for segment, steps in ranges.items() if steps]
    if not with_steps:
        return [list(ranges)[-1]]
    joined, (first_step, _) = [with_steps[-1][0]], with_steps[-1][1]
    for segment, (start, stop) in reversed(with_steps[:-1]):
        if stop >= first_step:
            break
        joined.insert(0, segment)
        first_step = start
    return joined


def _state(log: LogEnds) -> str:
    ending = read_exit(log)
    if ending:
        return "failed" if ending.exit_code else "finished"
    return "running" if time.time() - log.mtime < _CRASHED_AFTER_SECONDS else "crashed"

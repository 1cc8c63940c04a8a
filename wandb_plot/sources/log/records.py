"""What a log says of its run: the few small messages, decoded one by one.

Field numbers are those of `wandb_internal.proto`, https://github.com/wandb/wandb/tree/main/wandb/proto.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from wandb_plot.model.metrics import STEP
from wandb_plot.model.run import without_sdk_key
from wandb_plot.sources.log.extent_values import ValueReader
from wandb_plot.sources.log.format.protobuf import decode_message, decode_signed
from wandb_plot.sources.log.format.transaction_log import LogEnds, RecordKind, Records
from wandb_plot.sources.log.key_value_items import decode_item, last_items
from wandb_plot.sources.log.value_kinds import LARGEST_DEPTH
from wandb_plot.sources.log.values_by_step import filled_steps
from wandb_plot.sources.logged_values import step_of_value

_MISSING: Final = object()

_Fields = dict[int, list[bytes | int]]

# Fields that are items: of config and summary records, and of history records.
_UPDATE, _REMOVE = 1, 2
_ITEM = 1


@dataclass(frozen=True)
class RunRecord:
    """Who the run is.

    Attributes:
        config: nested as given, updates and removals that came later applied, without `_wandb`.
        start_time: aware, in UTC.
    """

    id: str = ""
    entity: str = ""
    project: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    display_name: str = ""
    tags: tuple[str, ...] = ()
    group: str = ""
    job_type: str = ""
    sweep: str = ""
    notes: str = ""
    start_time: datetime | None = None


@dataclass(frozen=True)
class ExitRecord:
    """How the run ended: `runtime` is in seconds."""

    exit_code: int
    runtime: int


def read_run_record(log: LogEnds) -> RunRecord | None:
    """The run as its last record and all config updates leave it; None where there is no record of it."""
    records = [decode_message(payload) for payload in log.messages(RecordKind.RUN)]
    if not records:
        return None
    last = records[-1]
    start_time = next((found[-1] for record in reversed(records) if (found := _messages(record, 17))), None)
    return RunRecord(
        id=_text(last, 1),
        entity=_text(last, 2),
        project=_text(last, 3),
        config=_config(records, log),
        display_name=_text(last, 8),
        tags=tuple(_utf8(tag) for tag in _messages(last, 10)),
        group=_text(last, 6),
        job_type=_text(last, 7),
        notes=_text(last, 9),
        sweep=_text(last, 12),
        start_time=_timestamp(start_time) if start_time else None,
    )


def read_exit(log: LogEnds) -> ExitRecord | None:
    """The last exit; None where the run has not ended, or was killed."""
    payloads = log.messages(RecordKind.EXIT)
    if not payloads:
        return None
    fields = decode_message(payloads[-1])
    return ExitRecord(_integer(fields, 1), _integer(fields, 2))


def read_starting_step(records: Records) -> int | None:
    """The step of the first row, where rows carry none; None where there is no record of the run."""
    messages = records.messages(RecordKind.RUN)
    return _integer(decode_message(messages[0]), 14) if messages else None


def read_step_range(log: LogEnds) -> tuple[int, int] | None:
    """The steps of the first and the last row, which bound all others: the SDK drops rows that go back.

    None where there are no rows; also where the last ones don't say their steps and not all were read to count them.
    """
    rows = [extent.buffer[start:stop].tobytes() for extent in log.extents for start, stop in _outer_rows(extent)]
    if not rows:
        return None
    first, last = _step(rows[0]), _step(rows[-1])
    if first is not None and last is not None:
        return first, last
    if not log.complete:
        return None
    records = log.extents[0]
    reader = ValueReader(wanted=_never, outer=_never, decoded=_never)
    steps = filled_steps(reader.read(records, RecordKind.HISTORY).x, read_starting_step(records) or 0)
    return int(steps[0]), int(steps[-1])


def read_summary(log: LogEnds) -> dict[str, Any]:
    """The summary that all updates leave, nested as logged, without `_wandb`.

    What the head of a large log says may have changed since, so of that only the tail counts. SDKs up to 0.17 write the
    summary once, at the end. Where they were killed before, it is made of the latest logged values.
    """
    records = log.extents[-1]
    kind, numbers = RecordKind.SUMMARY, [_UPDATE, _REMOVE]
    if not len(records.positions(kind)[0]):
        kind, numbers = RecordKind.HISTORY, [_ITEM]
    summary: dict[str, Any] = {}
    for number, path, value in last_items(records.buffer, *records.positions(kind), numbers):
        _set(summary, path, _MISSING if number == _REMOVE else value)
    return without_sdk_key(summary)


def _never(_: str) -> bool:
    return False


def _outer_rows(records: Records) -> list[tuple[int, int]]:
    """Where the first and the last history record begin and end."""
    starts, stops = records.positions(RecordKind.HISTORY)
    return [(int(starts[index]), int(stops[index])) for index in (0, -1)] if len(starts) else []


def _step(row: bytes) -> int | None:
    """The step of a history record; protobuf leaves out a step of 0, but not the message around it."""
    fields = decode_message(row)
    for message in _messages(fields, 2):
        return _integer(decode_message(message), 1)
    for item in _messages(fields, _ITEM):
        path, value = decode_item(item)
        step = step_of_value(value) if path == (STEP,) else None
        if step is not None:
            return int(step)
    return None


def _config(records: Sequence[_Fields], log: LogEnds) -> dict[str, Any]:
    config: dict[str, Any] = {}
    updates = [message for record in records for message in _messages(record, 4)]
    for fields in map(decode_message, updates + log.messages(RecordKind.CONFIG)):
        for item in _messages(fields, _UPDATE):
            _set(config, *decode_item(item))
        for item in _messages(fields, _REMOVE):
            _set(config, decode_item(item)[0], _MISSING)
    return without_sdk_key(config)


def _set(target: dict[str, Any], path: Sequence[str], value: Any) -> None:
    if len(path) > LARGEST_DEPTH:
        return
    for key in path[:-1]:
        inner = target.get(key)
        if not isinstance(inner, dict):
            if value is _MISSING:
                return
            inner = target[key] = {}
        target = inner
    if value is _MISSING:
        target.pop(path[-1], None)
    else:
        target[path[-1]] = value


def _messages(fields: _Fields, number: int) -> list[bytes]:
    return [content for content in fields.get(number, []) if isinstance(content, bytes)]


def _text(fields: _Fields, number: int) -> str:
    return _utf8((_messages(fields, number) or [b""])[-1])


def _utf8(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _integer(fields: _Fields, number: int) -> int:
    """A signed number; 0 where it was left out."""
    value = fields.get(number, [0])[-1]
    return decode_signed(value) if isinstance(value, int) else 0


def _timestamp(message: bytes) -> datetime | None:
    fields = decode_message(message)
    try:
        return datetime.fromtimestamp(_integer(fields, 1), UTC) + timedelta(microseconds=_integer(fields, 2) // 1000)
    except (OverflowError, OSError, ValueError):
        return None

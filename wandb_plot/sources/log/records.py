"""What a log says of its run: the few small messages, decoded one by one.

Field numbers are those of `wandb_internal.proto`, https://github.com/wandb/wandb/tree/main/wandb/proto.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from wandb_plot.sources.log.items import decode_item, last_items
from wandb_plot.sources.log.protobuf import decode_message, decode_signed
from wandb_plot.sources.log.transaction_log import Log, RecordKind

# Keys that the SDK keeps for itself, in config and summary.
_PRIVATE = "_wandb"

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
    notes: str = ""
    start_time: datetime | None = None


@dataclass(frozen=True)
class ExitRecord:
    """How the run ended: `runtime` is in seconds."""

    exit_code: int
    runtime: int


def read_run(log: Log) -> RunRecord | None:
    """The run as its last record and all config updates leave it; None where no record speaks of it."""
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
        start_time=_timestamp(start_time) if start_time else None,
    )


def read_exit(log: Log) -> ExitRecord | None:
    """The last exit; None where the run has not ended, or was killed."""
    payloads = log.messages(RecordKind.EXIT)
    if not payloads:
        return None
    fields = decode_message(payloads[-1])
    return ExitRecord(_integer(fields, 1), _integer(fields, 2))


def read_step_range(log: Log) -> tuple[int, int] | None:
    """The steps of the first and the last row, which bound all others: the SDK drops rows that go back.

    None where there are no rows, or they don't say.
    """
    starts, stops = log.positions(RecordKind.HISTORY)
    ends = [(start, stop) for start, stop in zip(starts[[0, -1]], stops[[0, -1]], strict=True)] if len(starts) else []
    steps = [step for start, stop in ends if (step := _step(log.buffer[start:stop].tobytes())) is not None]
    return (steps[0], steps[1]) if len(steps) == len(ends) == 2 else None  # noqa: PLR2004 -- two ends


def read_summary(log: Log) -> dict[str, Any]:
    """The summary that all updates leave, nested as logged, without `_wandb`.

    SDKs up to 0.17 write it once, at the end. Where they were killed before, it is made of the latest logged values.
    """
    summary: dict[str, Any] = {}
    kind, numbers = RecordKind.SUMMARY, [_UPDATE, _REMOVE]
    if not len(log.positions(kind)[0]):
        kind, numbers = RecordKind.HISTORY, [_ITEM]
    for batch in log.batches(kind):
        for number, path, value in last_items(*batch, numbers):
            _set(summary, path, _MISSING if number == _REMOVE else value)
    return _public(summary)


def _step(row: bytes) -> int | None:
    """The step of a history record; protobuf leaves out a step of 0, but not the message around it."""
    fields = decode_message(row)
    for message in _messages(fields, 2):
        return _integer(decode_message(message), 1)
    for item in _messages(fields, _ITEM):
        path, value = decode_item(item)
        if list(path) == ["_step"] and isinstance(value, (int, float)):
            return int(value)
    return None


def _config(records: Sequence[_Fields], log: Log) -> dict[str, Any]:
    config: dict[str, Any] = {}
    updates = [message for record in records for message in _messages(record, 4)]
    for fields in map(decode_message, updates + log.messages(RecordKind.CONFIG)):
        for item in _messages(fields, _UPDATE):
            _set(config, *decode_item(item))
        for item in _messages(fields, _REMOVE):
            _set(config, decode_item(item)[0], _MISSING)
    return _public(config)


def _set(target: dict[str, Any], path: Sequence[str], value: Any) -> None:
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


def _public(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != _PRIVATE}


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

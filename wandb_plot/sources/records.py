"""What a log says of its run: the few small messages, decoded one by one.

Field numbers are those of `wandb_internal.proto`, https://github.com/wandb/wandb/tree/main/wandb/proto.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wandb_plot.sources.transaction_log import Kind

if TYPE_CHECKING:
    from wandb_plot.sources.transaction_log import Log

# Keys that the SDK keeps for itself, in config and summary.
_PRIVATE = "_wandb"

_MISSING: Final = object()

Content = bytes | int
Fields = dict[int, list[Content]]


@dataclass(frozen=True)
class RunRecord:
    """Who the run is.

    Attributes:
        config: nested as given, updates and removals that came later applied, without `_wandb`.
        start_time: aware, in UTC.
        starting_step: the step that a resumed run goes on from.
        sdk_version: of the wandb that wrote the log; empty where it doesn't say.
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
    starting_step: int = 0
    resumed: bool = False
    sdk_version: str = ""


@dataclass(frozen=True)
class ExitRecord:
    """How the run ended: `runtime` is in seconds."""

    exit_code: int
    runtime: int


@dataclass(frozen=True)
class MetricRecord:
    """What `define_metric` said: of one metric (`name`) or of all that match `glob_name`."""

    name: str
    glob_name: str
    step_metric: str


def read_run(log: "Log") -> RunRecord | None:
    """The run as its last record and all config updates leave it; None where no record speaks of it."""
    records = [decode(payload) for payload in log.payloads(Kind.RUN)]
    if not records:
        return None
    config: dict[str, Any] = {}
    for update in [message for record in records for message in _messages(record, 4)] + log.payloads(Kind.CONFIG):
        _apply(update, config)
    last = records[-1]
    start = next((record for record in reversed(records) if 17 in record), None)
    return RunRecord(
        id=_text(last, 1),
        entity=_text(last, 2),
        project=_text(last, 3),
        config={key: value for key, value in config.items() if key != _PRIVATE},
        display_name=_text(last, 8),
        tags=tuple(_utf8(tag) for tag in _messages(last, 10)),
        group=_text(last, 6),
        job_type=_text(last, 7),
        notes=_text(last, 9),
        start_time=_timestamp(_messages(start, 17)[-1]) if start and _messages(start, 17) else None,
        starting_step=_integer(last, 14),
        resumed=bool(_integer(last, 18)),
        sdk_version=_sdk_version(log, last),
    )


def read_exit(log: "Log") -> ExitRecord | None:
    """The last exit; None where the run has not ended, or was killed."""
    payloads = log.payloads(Kind.EXIT)
    if not payloads:
        return None
    exit_record = decode(payloads[-1])
    return ExitRecord(_integer(exit_record, 1), _integer(exit_record, 2))


def read_metrics(log: "Log") -> list[MetricRecord]:
    """Every definition of a metric, in the order they were made."""
    records = (decode(payload) for payload in log.payloads(Kind.METRIC))
    return [MetricRecord(_text(record, 1), _text(record, 2), _text(record, 4)) for record in records]


def read_summary(log: "Log") -> dict[str, Any]:
    """The summary that all updates leave, nested as logged, without `_wandb`.

    SDKs up to 0.17 write it once, at the end. Where they were killed before, it is made of the latest logged values.
    """
    summary: dict[str, Any] = {}
    for payload in log.payloads(Kind.SUMMARY):
        _apply(payload, summary)
    if not summary:
        for payload in log.payloads(Kind.HISTORY):
            for item in _messages(decode(payload), 1):
                _set(summary, *_item(item))
    return {key: value for key, value in summary.items() if key != _PRIVATE}


def decode(message: bytes) -> Fields:
    """The fields of a protobuf message by number: bytes of what has a length or a fixed width, int of varints.

    What can't be read ends it.
    """
    fields: Fields = {}
    for number, content in _walk(message):
        fields.setdefault(number, []).append(content)
    return fields


def decode_json(text: bytes | str) -> Any:
    """A logged JSON value, in which NaN, Infinity and -Infinity may stand bare; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _walk(message: bytes) -> Iterator[tuple[int, Content]]:
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        wire_type, number = tag & 7, tag >> 3
        if wire_type == 0:
            value, position = _varint(message, position)
            yield number, value
            continue
        if wire_type == 2:
            length, position = _varint(message, position)
        elif wire_type in (1, 5):
            length = 8 if wire_type == 1 else 4
        else:
            return
        if position + length > len(message):
            return
        yield number, message[position : position + length]
        position += length


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while position < len(message):
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return value, position


def _apply(message: bytes, target: dict[str, Any]) -> None:
    """Apply a ConfigRecord or SummaryRecord: `update` 1 and `remove` 2, each an item."""
    for number, item in _walk(message):
        if isinstance(item, bytes):
            path, value = _item(item)
            _set(target, path, _MISSING if number == 2 else value)


def _item(message: bytes) -> tuple[Sequence[str], Any]:
    """Path and value of a ConfigItem, SummaryItem or HistoryItem: they share field numbers."""
    fields = decode(message)
    path = [_utf8(part) for part in _messages(fields, 2)] or [_text(fields, 1)]
    if 16 in fields or 8 in fields:
        return path, decode_json(_messages(fields, 16 if 16 in fields else 8)[-1])
    if 7 in fields:
        return path, _text(fields, 7)
    if 6 in fields:
        return path, struct.unpack("<d", _messages(fields, 6)[-1])[0]
    if 5 in fields:
        value = _integer(fields, 5)
        return path, (value >> 1) ^ -(value & 1)
    return path, bool(_integer(fields, 4)) if 4 in fields else None


def _set(target: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for key in path[:-1]:
        if not isinstance(inner := target.get(key), dict):
            if value is _MISSING:
                return
            inner = target[key] = {}
        target = inner
    if value is _MISSING:
        target.pop(path[-1], None)
    else:
        target[path[-1]] = value


def _messages(fields: Fields | None, number: int) -> list[bytes]:
    return [content for content in (fields or {}).get(number, []) if isinstance(content, bytes)]


def _text(fields: Fields, number: int) -> str:
    return _utf8((_messages(fields, number) or [b""])[-1])


def _utf8(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _integer(fields: Fields, number: int) -> int:
    """A signed varint; 0 where it is left out."""
    value = (fields.get(number) or [0])[-1]
    return (value + 2**63) % 2**64 - 2**63 if isinstance(value, int) else 0


def _timestamp(message: bytes) -> datetime | None:
    fields = decode(message)
    try:
        return datetime.fromtimestamp(_integer(fields, 1), UTC) + timedelta(microseconds=_integer(fields, 2) // 1000)
    except (OverflowError, OSError, ValueError):
        return None


def _sdk_version(log: "Log", run: Fields) -> str:
    """From the file's header, `0.31.0+15f8cbc`, else from the telemetry of the run record."""
    for payload in log.payloads(Kind.HEADER)[:1]:
        for version in _messages(decode(payload), 1):
            if producer := _text(decode(version), 1):
                return producer.split("+")[0]
    telemetry = _messages(run, 19)
    return _text(decode(telemetry[-1]), 5) if telemetry else ""

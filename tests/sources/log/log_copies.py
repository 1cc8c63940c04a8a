"""Make logs of any size and number from a recorded one, lengths and checksums right, so that no fixture is large."""

from collections.abc import Iterator
from pathlib import Path

from tests.sources.log.log_writer import field, item, write_log
from wandb_plot.sources.log.format.protobuf import decode_message
from wandb_plot.sources.log.format.transaction_log import RecordKind, Records, read_log

_IN_ROWS = (RecordKind.HISTORY, RecordKind.SUMMARY)


def renamed(log: Path, target: Path, run_id: str, *, name: str | None = None) -> Path:
    """Write a copy of a log whose run has another id, and another display name if that is given."""
    changed = {1: run_id, 8: name} if name else {1: run_id}
    fields = b"".join(field(number, text) for number, text in changed.items())
    return write_log(
        target,
        (
            field(kind, _without(message, *changed) + fields if kind is RecordKind.RUN else message)
            for kind, message in _records(log)
        ),
    )


def lengthened(log: Path, target: Path, times: int) -> Path:
    """Write a copy of a log that holds its rows and summaries so many times, the steps going on."""
    records = list(_records(log))
    rows = [(kind, _without_step(message) if kind is RecordKind.HISTORY else message) for kind, message in records]
    inner = [at for at, (kind, _) in enumerate(records) if kind in _IN_ROWS]

    def repeated() -> Iterator[bytes]:
        step = 0
        yield from (field(kind, message) for kind, message in records[: inner[0]] if kind not in _IN_ROWS)
        for _ in range(times):
            for kind, message in rows[inner[0] : inner[-1] + 1]:
                if kind is RecordKind.HISTORY:
                    said = field(1, item(["_step"], str(step))) + field(2, field(1, step) if step else b"")
                    yield field(kind, message + said)
                    step += 1
                elif kind is RecordKind.SUMMARY:
                    yield field(kind, message)
        yield from (field(kind, message) for kind, message in records[inner[-1] + 1 :])

    return write_log(target, repeated())


def _records(log: Path) -> Iterator[tuple[RecordKind, bytes]]:
    """Kind and message of every record, in the order of the file."""
    found: list[tuple[int, RecordKind, bytes]] = []

    def decode(records: Records) -> list[tuple[int, RecordKind, bytes]]:
        return sorted(
            (int(start), kind, records.buffer[start:stop].tobytes())
            for kind in RecordKind
            for start, stop in zip(*records.positions(kind), strict=True)
        )

    read_log(log, decode, found.extend)
    return ((kind, message) for _, kind, message in found)


def _without_step(row: bytes) -> bytes:
    items = decode_message(row).get(1, [])
    return b"".join(field(1, message) for message in items if isinstance(message, bytes) and b"_step" not in message)


def _without(message: bytes, *numbers: int) -> bytes:
    """A message of fields with a length, varints and no others, without some of its fields."""
    fields = decode_message(message)
    return b"".join(
        field(number, content) for number, contents in fields.items() if number not in numbers for content in contents
    )

"""Write `.wandb` files: an encoder of the format, as plain as can be, for what no SDK would write on demand."""

import json
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

HEADER = b":W&B\xe1\xbe\x00"
BLOCK = 32768

FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def varint(value: int) -> bytes:
    """A protobuf varint; negative numbers in two's complement."""
    value %= 2**64
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def field(number: int, content: bytes | str | float) -> bytes:
    """A protobuf field: a varint, a double, or something with a length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    if isinstance(content, float):
        return varint(number << 3 | 1) + struct.pack("<d", content)
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def item(path: Sequence[str] | str, text: str | None, typed: bytes = b"") -> bytes:
    """A history item: one `key`, or a path of `nested_key`; a JSON text, typed fields, or both."""
    keys = field(1, path) if isinstance(path, str) else b"".join(field(2, part) for part in path)
    return keys + (b"" if text is None else field(16, text)) + typed


def history(step: int | None, items: Iterable[bytes]) -> bytes:
    """The content of a record that holds a history row."""
    row = b"".join(field(1, encoded) for encoded in items)
    return field(2, row if step is None else row + field(2, field(1, step) if step else b""))


def row(step: int | None, **values: object) -> bytes:
    """A history row as SDKs up to 0.17 wrote it."""
    return history(step, [item(name, json.dumps(value)) for name, value in values.items()])


def stats(seconds: int, **values: object) -> bytes:
    """A row of the system stream."""
    items = b"".join(field(3, item(name, json.dumps(value))) for name, value in values.items())
    return field(7, field(2, field(1, seconds)) + items)


def write_log(path: Path, records: Iterable[bytes], *, base: int = 0, header: bytes = HEADER) -> Path:
    """Write numbered records in chunks.

    Args:
        path: the file to write.
        records: contents of records, such as `history` makes.
        base: where blocks are counted from: 0, or 7 as wandb-core did before 0.17.6.
        header: of the file.
    """
    encoded = bytearray(header)
    for number, record in enumerate(records, 1):
        _append(encoded, field(1, number) + record, base)
    path.write_bytes(encoded)
    return path


def _append(encoded: bytearray, record: bytes, base: int) -> None:
    begun = False
    while True:
        left = BLOCK - (len(encoded) - base) % BLOCK
        if left < 7:
            encoded += bytes(left)
            left = BLOCK
        fragment, record = record[: left - 7], record[left - 7 :]
        kind = (MIDDLE if begun else FIRST) if record else (LAST if begun else FULL)
        checked = bytes([kind]) + fragment
        encoded += struct.pack("<IH", zlib.crc32(checked), len(fragment)) + checked
        if not record:
            return
        begun = True

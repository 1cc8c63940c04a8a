"""The anchor for reading logs: record by record, as wandb's own Python reader did until 0.30 dropped it.

Chunks are read one after the other, each record becomes a protobuf message, each value goes through `json.loads`.
"""

import json
import os
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

os.environ["WANDB_ERROR_REPORTING"] = "false"

from wandb.proto import wandb_internal_pb2

_BLOCK = 32768
_HEADER = 7
_FULL, _FIRST, _LAST = 1, 2, 4


def read_columns(path: Path, metric: str | None = None) -> dict[str, list[tuple[int, float]]]:
    """(step, value) of every metric, or of one."""
    columns: dict[str, list[tuple[int, float]]] = {}
    with path.open("rb") as file:
        file.seek(_HEADER)
        while payload := _next_record(file):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(payload)
            if record.WhichOneof("record_type") != "history":
                continue
            for item in record.history.item:
                name = ".".join(item.nested_key) or item.key
                if metric is None or metric == name:
                    columns.setdefault(name, []).append((record.history.step.num, json.loads(item.value_json)))
    return columns


def _next_record(file: BinaryIO) -> bytes:
    kind, record = _next_chunk(file)
    while kind and kind not in (_FULL, _LAST):
        kind, piece = _next_chunk(file)
        record += piece
    return record


def _next_chunk(file: BinaryIO) -> tuple[int, bytes]:
    left = _BLOCK - file.tell() % _BLOCK
    if left < _HEADER:
        file.read(left)
    header = file.read(_HEADER)
    if len(header) < _HEADER:
        return 0, b""
    checksum, length, kind = struct.unpack("<IHB", header)
    content = file.read(length)
    if zlib.crc32(content, zlib.crc32(header[6:])) != checksum:
        raise ValueError("damaged")
    return kind, content

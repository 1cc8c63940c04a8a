"""Text in PNG files: read it, or add it, without touching the pixels.

PNG specification, third edition, sections 5.3 (chunks) and 11.3.3 (textual information).
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from wandb_plot.basics.png_signature import SIGNATURE
from wandb_plot.errors import MachineError

_HEAD = struct.Struct(">I4s")
_CRC = struct.Struct(">I")
_MAX_KEYWORD = 79
# A few kilobytes can unpack to gigabytes.
_MAX_UNPACKED = 1 << 20


class _Chunk(NamedTuple):
    kind: bytes
    body: bytes
    whole: bytes


def add_text(path: Path, text: Mapping[str, str]) -> None:
    """Write `text` into a PNG file, in its order, before the pixels; chunks of the same keywords are replaced.

    The same file and text give the same bytes. What fits Latin-1 becomes a tEXt chunk, anything else an iTXt chunk.

    Args:
        path: rewritten in place: give a file that nobody else reads yet.
        text: by keyword: 1 to 79 letters of Latin-1, such as `Title` or `Description`.

    Raises:
        MachineError: not a whole PNG file.
        ValueError: a keyword that PNG doesn't allow.
        OSError: it can't be read or written.
    """
    new = [_text_chunk(keyword, value) for keyword, value in text.items()]
    head, *rest = _chunks(path)
    kept = [chunk.whole for chunk in rest if not _is_text(chunk) or _keyword(chunk) not in text]
    path.write_bytes(b"".join([SIGNATURE, head.whole, *new, *kept]))


def read_text(path: Path) -> dict[str, str]:
    """All text in a PNG file, by keyword; the first of each where there are several.

    Raises:
        MachineError: not a whole PNG file.
        OSError: it can't be read.
    """
    text: dict[str, str] = {}
    for chunk in _chunks(path):
        if _is_text(chunk):
            text.setdefault(_keyword(chunk), _value(chunk, path))
    return text


def _chunks(path: Path) -> Iterator[_Chunk]:
    content = path.read_bytes()
    if not content.startswith(SIGNATURE):
        raise MachineError(
            f"{path} is not a PNG file",
            hint="name a PNG, or a figure of another format in the folder that it was drawn in",
        )
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        if at + _HEAD.size > len(content):
            raise _damaged(path)
        length, kind = _HEAD.unpack_from(content, at)
        start, end = at + _HEAD.size, at + _HEAD.size + length
        # Covers a cut file as well: what is missing has no checksum.
        if content[end : end + _CRC.size] != _CRC.pack(zlib.crc32(content[at + 4 : end])):
            raise _damaged(path)
        if (kind == b"IHDR") != (at == len(SIGNATURE)):
            raise _damaged(path)
        yield _Chunk(kind, content[start:end], content[at : end + _CRC.size])
        at = end + _CRC.size


def _text_chunk(keyword: str, value: str) -> bytes:
    name = keyword.encode("latin-1")
    if not 0 < len(name) <= _MAX_KEYWORD or not keyword.isprintable() or keyword != " ".join(keyword.split()):
        raise ValueError(f"{keyword!r} is no keyword of a PNG text chunk")
    # NUL ends a text, and half a surrogate pair has no bytes: neither can be in a PNG.
    value = value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
    try:
        return _encode(b"tEXt", name + b"\0" + value.encode("latin-1"))
    except UnicodeEncodeError:
        # Not compressed; neither language nor translated keyword.
        return _encode(b"iTXt", name + b"\0\0\0\0\0" + value.encode())


def _encode(kind: bytes, body: bytes) -> bytes:
    return _HEAD.pack(len(body), kind) + body + _CRC.pack(zlib.crc32(kind + body))


def _is_text(chunk: _Chunk) -> bool:
    return chunk.kind in (b"tEXt", b"zTXt", b"iTXt")


def _keyword(chunk: _Chunk) -> str:
    return chunk.body.partition(b"\0")[0].decode("latin-1")


def _value(chunk: _Chunk, path: Path) -> str:
    body = chunk.body.partition(b"\0")[2]
    if chunk.kind == b"tEXt":
        return body.decode("latin-1")
    if chunk.kind == b"zTXt":
        return _unpack(body[1:], path).decode("latin-1")
    is_packed, language_and_rest = body[:1] == b"\1", body[2:]
    value = language_and_rest.split(b"\0", 2)[-1]
    return (_unpack(value, path) if is_packed else value).decode(errors="replace")


def _unpack(packed: bytes, path: Path) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, _MAX_UNPACKED)
    except zlib.error as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> MachineError:
    return MachineError(f"{path} is damaged: not a whole PNG file")

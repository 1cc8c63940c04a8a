"""Protobuf's wire format: of one message, and of many at once.

Reading messages one by one costs Python a microsecond a field. `fields_by_level` reads the first field of every message
with a few array operations, then the second of every message that has one, and so on.
Format: https://protobuf.dev/programming-guides/encoding/
"""

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from wandb_plot.sources.log.format.byte_arrays import Bytes, Integers, Mask, gather_levels

Level = tuple[Integers, Integers, Integers, Integers]

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_ALL_BITS = 2**64 - 1

# Field numbers go from 1 to this.
_LARGEST_NUMBER = 2**29 - 1

# Of so few messages, an array operation for all costs more than a step of Python for each.
_FEW = 32


class Fields(NamedTuple):
    """The fields of many messages, in the order of the messages, and within one in the order they were written.

    All but `broken` have the shape (fields,).

    Attributes:
        owner: index of the message that the field belongs to, ascending.
        number: the field's number.
        start: where its content begins in the buffer.
        stop: where its content ends.
        broken: shape (messages,): those that don't end where a field does; the fields before that are there.
    """

    owner: Integers
    number: Integers
    start: Integers
    stop: Integers
    broken: Mask


def read_fields(buffer: Bytes, starts: Integers, stops: Integers) -> Fields:
    """Read every field of the messages that lie in `buffer` from each of `starts` to each of `stops`.

    Args:
        buffer: any bytes, the last `PADDING` of them outside all messages.
        starts: shape (messages,).
        stops: shape (messages,).
    """
    broken = np.zeros(len(starts), bool)
    owner, number, start, stop = gather_levels(list(fields_by_level(buffer, starts, stops, broken)), len(starts), 4)
    return Fields(owner, number, start, stop, broken)


def fields_by_level(buffer: Bytes, starts: Integers, stops: Integers, broken: Mask) -> Iterator[Level]:
    """Read the first field of every message, then the second of those that have one, and so on.

    Where few messages have more fields, all that are left of each come together.

    Args:
        buffer: any bytes, the last `PADDING` of them outside all messages.
        starts: shape (messages,).
        stops: shape (messages,).
        broken: shape (messages,), set where a message doesn't end where a field does.

    Yields:
        Owner, number, start and stop, as in `Fields`.
    """
    owner, position, end = np.arange(len(starts)), starts, stops
    while True:
        going_on = position < end
        if not going_on.all():
            owner, position, end = owner[going_on], position[going_on], end[going_on]
        if len(owner) < _FEW:
            break
        number, start, stop = _fields_at(buffer, position)
        whole = (stop <= end) & (number > 0) & (number <= _LARGEST_NUMBER)
        if not whole.all():
            broken[owner[~whole]] = True
            owner, number, start, stop, end = (array[whole] for array in (owner, number, start, stop, end))
        yield owner, number, start, stop
        position = stop
    for message, begin, limit in zip(owner.tolist(), position.tolist(), end.tolist(), strict=True):
        number, start, stop = _all_fields(buffer[begin:limit].tobytes())
        broken[message] = (begin + stop[-1] if len(stop) else begin) != limit
        yield np.full(len(stop), message), number, begin + start, begin + stop


def decode_message(message: bytes) -> dict[int, list[bytes | int]]:
    """The fields of one message by number: bytes of what has a length or a fixed width, int of varints.

    What can't be read ends it.
    """
    fields: dict[int, list[bytes | int]] = {}
    for tag, value, start, stop in _fields_of(message):
        fields.setdefault(tag >> 3, []).append(message[start:stop] if tag & 7 else value)
    return fields


def decode_signed(value: int) -> int:
    """The number that an `int32` or `int64` field holds as `value`: two's complement, in 64 bits."""
    return (value + 2**63) % 2**64 - 2**63


def decode_zigzag(value: Integers) -> Integers:
    """The signed numbers that `sint64` fields hold as `value`."""
    return ((value >> 1) & np.int64(2**63 - 1)) ^ -(value & 1)


def _all_fields(message: bytes) -> Integers:
    """Number, start and stop of each field of one message, as the rows of an array."""
    # Numbers take a tenth of the memory of tuples, which tells in messages of millions of fields.
    found = array("q")
    for tag, _, start, stop in _fields_of(message):
        found.extend((tag >> 3, start, stop))
    return np.frombuffer(found, np.int64).reshape(-1, 3).T


def _fields_of(message: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Tag, value of the varint or of the length, start and stop of each field, up to what can't be read."""
    position, limit = 0, len(message)
    while position < limit:
        tag, start = _varint(message, position)
        value, stop = _varint(message, start)
        wire_type = tag & 7
        if wire_type == _LENGTH:
            start, stop = stop, stop + value
        elif wire_type in (_FIXED64, _FIXED32):
            stop = start + (8 if wire_type == _FIXED64 else 4)
        elif wire_type != _VARINT:
            return
        if stop > limit or stop == position or not 0 < tag >> 3 <= _LARGEST_NUMBER:
            return
        yield tag, value, start, stop
        position = stop


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """The varint at `position`, and where it ends: beyond the message where there is none to be read."""
    value = 0
    for index in range(min(_LONGEST_VARINT, len(message) - position)):
        byte = message[position + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 -- the bit that says more is to come
            return value & _ALL_BITS, position + index + 1
    return value, len(message) + 1


def _fields_at(buffer: Bytes, position: Integers) -> tuple[Integers, Integers, Integers]:
    """Number, start and stop of the field at each position; a stop beyond the buffer where there can be none.

    Every stop is greater than its position.
    """
    tag, size = varints(buffer, position)
    head = position + size
    wire_type = tag & 7
    length, size = varints(buffer, head)
    # As an unsigned number, a negative length is a huge one; both lead beyond the end of the buffer.
    length = np.minimum(length.view(np.uint64), len(buffer)).view(np.int64)
    if (wire_type == _LENGTH).all():
        return tag >> 3, head + size, head + size + length
    if (wire_type == _VARINT).all():
        return tag >> 3, head, head + size
    start = np.where(wire_type == _LENGTH, head + size, head)
    width = np.select(
        [wire_type == _LENGTH, wire_type == _VARINT, wire_type == _FIXED64, wire_type == _FIXED32],
        [length, size, 8, 4],
        default=len(buffer),
    )
    return tag >> 3, start, start + width


def varints(buffer: Bytes, position: Integers) -> tuple[Integers, Integers]:
    """The varints at `position` and how many bytes each takes up."""
    byte = buffer[position]
    more = byte >> 7
    value = (byte & 0x7F).astype(np.int64)
    size = (more + 1).astype(np.int64)
    if not more.any():
        return value, size
    # Nearly all are of one byte or two; that is done for all, and on bytes, which costs least.
    byte = buffer[position + 1]
    value |= ((byte & 0x7F) * more).astype(np.int64) << 7
    longer = np.flatnonzero(byte & (more << 7))
    for index in range(2, _LONGEST_VARINT):
        if not len(longer):
            break
        byte = buffer[position[longer] + index]
        value[longer] |= (byte & 0x7F).astype(np.int64) << (7 * index)
        size[longer] += 1
        longer = longer[byte >> 7 == 1]
    return value, size

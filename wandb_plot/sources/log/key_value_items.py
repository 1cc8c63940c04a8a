"""Items: a key and a value each. History, summary, config and system rows are made of them.

The item messages share their field numbers: key 1, nested_key 2 (repeated), value_json 16. Since wandb 0.31 those of
the history may hold typed values besides: none 3, boolean 4, integer 5 (sint64), number 6 (double), text 7, json 8.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from wandb_plot.sources.log.format.byte_arrays import (
    Bytes,
    Integers,
    Mask,
    integers_at_every_byte,
    uint64_at_every_byte,
)
from wandb_plot.sources.log.format.protobuf import decode_message, fields_by_level, read_fields, varints
from wandb_plot.sources.log.format.text_arrays import distinct_texts
from wandb_plot.sources.log.value_kinds import ValueField, decode_value

_KEY, _NESTED_KEY = 1, 2
_KEY_TAG, _NESTED_KEY_TAG = _KEY << 3 | 2, _NESTED_KEY << 3 | 2
_LARGEST_SHORT_LENGTH = 0x7F

# What a short JSON text begins with: a tag of two bytes, and a length whose highest bit, for more bytes, isn't set.
_TEXT_HEAD, _TEXT_HEAD_MASK = 0x000182, 0x80FFFF
_TEXT_HEAD_SIZE = 3


class Items(NamedTuple):
    """Items in the order they were written; all arrays have the shape (items,).

    Attributes:
        owner: index of the message that the item is of.
        path: index into `paths`.
        paths: every different key, from the outermost name inwards.
        field: the number of the field that holds the value.
        start: where that field's content begins in the buffer.
        stop: where it ends.
    """

    owner: Integers
    path: Integers
    paths: list[tuple[str, ...]]
    field: Integers
    start: Integers
    stop: Integers

    @property
    def are_json(self) -> Mask:
        """Which values are JSON texts."""
        are: Mask = (self.field == ValueField.VALUE_JSON) | (self.field == ValueField.JSON)
        return are

    def with_paths(self, wanted: npt.NDArray[np.bool_]) -> "Items":
        """Those items whose path is wanted; `wanted` has the shape (paths,)."""
        if wanted.all():
            return self
        return self.select(wanted[self.path])

    def select(self, chosen: npt.NDArray[Any]) -> "Items":
        """The items that a mask, or indices, choose."""
        return Items(
            self.owner[chosen],
            self.path[chosen],
            self.paths,
            self.field[chosen],
            self.start[chosen],
            self.stop[chosen],
        )

    def content(self, buffer: Bytes, index: int) -> Any:
        """The value of one item, as Python has it."""
        field = int(self.field[index])
        if field <= ValueField.INTEGER:
            return decode_value(field, int(varints(buffer, self.start[[index]])[0][0]))
        return decode_value(field, buffer[self.start[index] : self.stop[index]].tobytes())


def read_items(buffer: Bytes, owner: Integers, starts: Integers, stops: Integers) -> Items:
    """Decode the keys of items, and find their values; a missing value counts as null.

    Args:
        buffer: less than 2 GiB, ending in `byte_arrays.PADDING`.
        owner: shape (items,), whose they are.
        starts: shape (items,), where the item messages begin.
        stops: shape (items,), where they end.
    """
    is_plain, key_stops, value_starts = _plain_items(buffer, starts, stops)
    field, value_stops = np.full(len(starts), ValueField.VALUE_JSON), stops.copy()
    broken = np.zeros(len(starts), bool)
    if not is_plain.all():
        rest = np.flatnonzero(~is_plain)
        others, broken[rest] = _any_items(buffer, starts[rest], stops[rest])
        for array, entries in zip((key_stops, field, value_starts, value_stops), others, strict=True):
            array[rest] = entries
    path, keys = distinct_texts(buffer, starts, key_stops)
    items = Items(owner, path, [decode_path(key) for key in keys], field, value_starts, value_stops)
    return items.select(~broken) if broken.any() else items


def _plain_items(buffer: Bytes, starts: Integers, stops: Integers) -> tuple[Mask, Integers, Integers]:
    """Which items are no more than a short key and a short JSON text, as most are.

    Besides, where the key ends and the text begins in these.
    """
    tag, length = buffer[starts], buffer[starts + 1].astype(np.int64)
    key_stops = np.minimum(starts + 2 + length, stops)
    head = integers_at_every_byte(buffer, "<u4")[key_stops].astype(np.int64)
    value_starts = key_stops + _TEXT_HEAD_SIZE
    is_plain: Mask = (tag == _KEY_TAG) | (tag == _NESTED_KEY_TAG)
    is_plain &= (length <= _LARGEST_SHORT_LENGTH) & (head & _TEXT_HEAD_MASK == _TEXT_HEAD)
    is_plain &= value_starts + (head >> 16 & _LARGEST_SHORT_LENGTH) == stops
    return is_plain, key_stops, value_starts


def _any_items(buffer: Bytes, starts: Integers, stops: Integers) -> tuple[tuple[Integers, ...], Mask]:
    """Where keys end, the number of the field that holds the value, and where its content begins and ends.

    Besides, which messages are broken.
    """
    broken = np.zeros(len(starts), bool)
    # Keys come first, so that all up to the last of them tells one path from another.
    key_stops = starts.copy()
    value_field, value_starts, value_stops = np.full(len(starts), ValueField.NONE), starts.copy(), starts.copy()
    for of, field, start, stop in fields_by_level(buffer, starts, stops, broken):
        keyed = field <= _NESTED_KEY
        key_stops[of[keyed]] = stop[keyed]
        # Where a value was written twice, the typed one costs less to read.
        valued = ~keyed & (
            (field <= ValueField.JSON) | ((field == ValueField.VALUE_JSON) & (value_field[of] == ValueField.NONE))
        )
        at = of[valued]
        value_field[at], value_starts[at], value_stops[at] = field[valued], start[valued], stop[valued]
    return (key_stops, value_field, value_starts, value_stops), broken


def may_begin_with(buffer: Bytes, starts: Integers, stops: Integers, keys: Collection[bytes]) -> Mask:
    """Which items may begin with one of `keys`. To tell costs a tenth of reading them.

    Args:
        buffer: ending in `byte_arrays.PADDING`.
        starts: shape (items,), where the item messages begin.
        stops: shape (items,), where they end.
        keys: any.
    """
    tag, length = buffer[starts], buffer[starts + 1]
    # What isn't encoded as the SDK does it may begin with any key.
    may: Mask = ((tag != _KEY_TAG) & (tag != _NESTED_KEY_TAG)) | (length > _LARGEST_SHORT_LENGTH)
    loaded = uint64_at_every_byte(buffer)
    for key in keys:
        at = np.flatnonzero((length == len(key)) & (stops - starts >= len(key) + 2))
        for offset in dict.fromkeys((*range(0, len(key) - 7, 8), max(len(key) - 8, 0))):
            octets = key[offset : offset + 8]
            mask = np.uint64((1 << 8 * len(octets)) - 1)
            at = at[loaded[starts[at] + (2 + offset)] & mask == np.uint64(int.from_bytes(octets, "little"))]
        may[at] = True
    return may


def last_items(
    buffer: Bytes, starts: Integers, stops: Integers, numbers: Sequence[int]
) -> Iterator[tuple[int, tuple[str, ...], Any]]:
    """Of messages that hold items: the last item of each field and key, in the order they were written.

    Args:
        buffer: less than 2 GiB, ending in `byte_arrays.PADDING`.
        starts: shape (messages,).
        stops: shape (messages,).
        numbers: of the fields that are items.

    Yields:
        The number of the field, the path, and the value.
    """
    fields = read_fields(buffer, starts, stops)
    held = np.isin(fields.number, numbers)
    items = read_items(buffer, fields.number[held], fields.start[held], fields.stop[held])
    # The last item of a field and key is the first one of the reversed array.
    last = len(items.path) - 1 - np.unique((items.owner * len(items.paths) + items.path)[::-1], return_index=True)[1]
    for index in np.sort(last).tolist():
        yield int(items.owner[index]), items.paths[items.path[index]], items.content(buffer, index)


def decode_item(message: bytes) -> tuple[tuple[str, ...], Any]:
    """Path and value of one item; the value is None where there is none."""
    fields = decode_message(message)
    field = next((known for known in ValueField if known in fields), ValueField.NONE)
    return decode_path(message), decode_value(field, fields.get(field, [0])[-1])


def decode_path(item: bytes) -> tuple[str, ...]:
    """The key of one item, from the outermost name inwards."""
    fields = decode_message(item)
    names = fields.get(_NESTED_KEY) or fields.get(_KEY, [])[-1:]
    return tuple(name.decode("utf-8", "replace") for name in names if isinstance(name, bytes)) or ("",)

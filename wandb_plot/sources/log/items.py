"""Items: a key and a value each. History, summary, config and system rows are made of them.

The item messages share their field numbers: key 1, nested_key 2 (repeated), value_json 16. Since wandb 0.31 those of
the history may hold typed values besides: none 3, boolean 4, integer 5 (sint64), number 6 (double), text 7, json 8.
"""

import json
import math
import struct
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from wandb_plot.model.history import FloatArray
from wandb_plot.sources.log.protobuf import Bytes, Integers, decode, levels, varints, walk, words, zigzag
from wandb_plot.sources.log.spans import distinct, parse_floats
from wandb_plot.sources.rows import NON_FINITE

_KEY, _NESTED_KEY = 1, 2
_NONE, _BOOLEAN, _INTEGER, _NUMBER, _TEXT, _JSON, _VALUE_JSON = 3, 4, 5, 6, 7, 8, 16

_DOUBLE_SIZE = 8

Forms = npt.NDArray[np.uint8]


class Form(IntEnum):
    """What a value is. The last two have to be decoded before more can be said."""

    NULL = 0
    NUMBER = 1
    WORD = 2
    """A string that spells NaN or an infinity."""
    TEXT = 3
    BOOLEAN = 4
    LIST = 5
    DICT = 6
    UNKNOWN = 7


class Items(NamedTuple):
    """Items in the order they were written; all arrays have the shape (items,).

    Attributes:
        owner: index of the message that the item is of.
        path: index into `paths`.
        paths: every different key, from the outermost name inwards.
        number: the number of the field that holds the value.
        start: where that field's content begins in the buffer.
        stop: where it ends.
    """

    owner: Integers
    path: Integers
    paths: list[tuple[str, ...]]
    number: Integers
    start: Integers
    stop: Integers

    def among(self, wanted: npt.NDArray[np.bool_]) -> "Items":
        """Those items whose path is wanted; `wanted` has the shape (paths,)."""
        if wanted.all():
            return self
        return self.only(wanted[self.path])

    def only(self, chosen: npt.NDArray[Any]) -> "Items":
        """The items that a mask, or indices, choose."""
        return Items(
            self.owner[chosen],
            self.path[chosen],
            self.paths,
            self.number[chosen],
            self.start[chosen],
            self.stop[chosen],
        )

    def content(self, buffer: Bytes, index: int) -> Any:
        """The value of one item, as Python has it."""
        number = int(self.number[index])
        if number <= _INTEGER:
            return value_of(number, int(varints(buffer, self.start[[index]])[0][0]))
        return value_of(number, buffer[self.start[index] : self.stop[index]].tobytes())


def read_items(buffer: Bytes, owner: Integers, starts: Integers, stops: Integers) -> Items:
    """Decode the keys of items, and find their values. Where there is none, it is as if it were null.

    Args:
        buffer: less than 2 GiB, ending in `wire.PADDING`.
        owner: shape (items,), whose they are.
        starts: shape (items,), where the item messages begin.
        stops: shape (items,), where they end.
    """
    broken = np.zeros(len(starts), bool)
    # Keys come first, so that all up to the last of them tells one path from another.
    key_stops = starts.copy()
    number, value_starts, value_stops = np.full(len(starts), _NONE), starts.copy(), starts.copy()
    for of, field, start, stop in levels(buffer, starts, stops, broken):
        keyed = field <= _NESTED_KEY
        key_stops[of[keyed]] = stop[keyed]
        # Where a value was written in both forms, the typed one costs less to read.
        valued = ~keyed & ((field <= _JSON) | ((field == _VALUE_JSON) & (number[of] == _NONE)))
        at = of[valued]
        number[at], value_starts[at], value_stops[at] = field[valued], start[valued], stop[valued]
    path, keys = distinct(buffer, starts, key_stops)
    items = Items(owner, path, [path_of(key) for key in keys], number, value_starts, value_stops)
    return items.only(~broken) if broken.any() else items


def last_items(
    buffer: Bytes, starts: Integers, stops: Integers, numbers: Sequence[int]
) -> Iterator[tuple[int, tuple[str, ...], Any]]:
    """Of messages that hold items: the last item of each field and key, in the order they were written.

    Args:
        buffer: less than 2 GiB, ending in `wire.PADDING`.
        starts: shape (messages,).
        stops: shape (messages,).
        numbers: of the fields that are items.

    Yields:
        The number of the field, the path, and the value.
    """
    fields = walk(buffer, starts, stops)
    held = np.isin(fields.number, numbers)
    items = read_items(buffer, fields.number[held], fields.start[held], fields.stop[held])
    # The last of a kind is the first from behind.
    last = len(items.path) - 1 - np.unique((items.owner * len(items.paths) + items.path)[::-1], return_index=True)[1]
    for index in np.sort(last).tolist():
        yield int(items.owner[index]), items.paths[items.path[index]], items.content(buffer, index)


def item_of(message: bytes) -> tuple[tuple[str, ...], Any]:
    """Path and value of one item; the value is None where there is none."""
    fields = decode(message)
    number = next((number for number in (*range(_NONE, _JSON + 1), _VALUE_JSON) if number in fields), _NONE)
    return path_of(message), value_of(number, fields.get(number, [0])[-1])


def path_of(item: bytes) -> tuple[str, ...]:
    """The key of one item, from the outermost name inwards."""
    fields = decode(item)
    parts = fields.get(_NESTED_KEY) or fields.get(_KEY, [])[-1:]
    return tuple(part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes)) or ("",)


def value_of(number: int, content: bytes | int) -> Any:
    """A logged value; None where it makes no sense.

    Args:
        number: of the field that holds it.
        content: of that field.
    """
    if isinstance(content, int):
        return {_BOOLEAN: bool(content), _INTEGER: (content >> 1) ^ -(content & 1)}.get(number)
    if number == _NUMBER:
        return struct.unpack("<d", content)[0] if len(content) == _DOUBLE_SIZE else None
    if number == _TEXT:
        return content.decode("utf-8", "replace")
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def form_of(value: Any) -> tuple[Form, float]:
    """What a decoded value is, and the number that it stands for; NaN where it is none."""
    if isinstance(value, bool):
        return Form.BOOLEAN, math.nan
    if isinstance(value, (int, float)):
        try:
            return Form.NUMBER, float(value)
        except OverflowError:
            return Form.NUMBER, math.copysign(math.inf, value)
    if isinstance(value, str):
        return (Form.WORD, NON_FINITE[value]) if value in NON_FINITE else (Form.TEXT, math.nan)
    if value is None:
        return Form.NULL, math.nan
    return (Form.DICT if isinstance(value, dict) else Form.LIST), math.nan


def evaluate(buffer: Bytes, items: Items, *, parse: bool = True) -> tuple[Forms, FloatArray]:
    """What every value is, and the number it stands for.

    Args:
        buffer: the one that `items` were read from.
        items: any.
        parse: whether numbers are wanted; without it, all that are written as text are NaN.
    """
    number = np.full(len(items.owner), np.nan)
    first = np.where(items.stop > items.start, buffer[items.start], 0)
    form = np.where((items.number == _VALUE_JSON) | (items.number == _JSON), _FORMS[first], _TYPED_FORMS[items.number])
    typed = items.number < _TEXT
    if typed.any():
        _evaluate_typed(buffer, items, form, number)
    if parse:
        _parse(buffer, items, np.flatnonzero((form == Form.NUMBER) & ~typed), form, number)
    _find_words(buffer, items, form, number)
    return form, number


def _evaluate_typed(buffer: Bytes, items: Items, form: Forms, number: FloatArray) -> None:
    integers = items.number == _INTEGER
    number[integers] = zigzag(varints(buffer, items.start[integers])[0])
    doubles = items.number == _NUMBER
    number[doubles] = words(buffer)[items.start[doubles]].view(np.float64)
    form[integers | doubles] = Form.NUMBER


def _parse(buffer: Bytes, items: Items, at: Integers, form: Forms, number: FloatArray) -> None:
    """Read numbers from text: all at once, or, where one of them looked like a number and is none, one by one."""
    try:
        number[at] = parse_floats(buffer, items.start[at], items.stop[at])
    except ValueError:
        for index in at.tolist():
            form[index], number[index] = form_of(items.content(buffer, index))


def _find_words(buffer: Bytes, items: Items, form: Forms, number: FloatArray) -> None:
    """Tell strings that spell a number without digits from other strings."""
    quotes = np.where(items.number == _TEXT, 0, 2)
    length = items.stop - items.start - quotes
    at = np.flatnonzero((form == Form.TEXT) & np.isin(length, [len(word) for word in NON_FINITE]))
    if not len(at):
        return
    code, texts = distinct(buffer, items.start[at] + quotes[at] // 2, items.stop[at] - quotes[at] // 2)
    meaning = np.array([NON_FINITE.get(text.decode("utf-8", "replace"), 0.0) for text in texts])[code]
    words_at = meaning != 0
    form[at[words_at]], number[at[words_at]] = Form.WORD, meaning[words_at]


def _forms_by_first_byte() -> Forms:
    forms = np.full(256, Form.UNKNOWN, np.uint8)
    forms[0] = Form.NULL
    for starts, form in (
        (b"-0123456789NI", Form.NUMBER),
        (b'"', Form.TEXT),
        (b"tf", Form.BOOLEAN),
        (b"n", Form.NULL),
        (b"[", Form.LIST),
        (b"{", Form.DICT),
    ):
        forms[list(starts)] = form
    return forms


# What a JSON text is, by its first byte; an empty one counts as null.
_FORMS = _forms_by_first_byte()

# What a typed value is, by its field number.
_TYPED_FORMS = np.zeros(_VALUE_JSON + 1, np.uint8)
_TYPED_FORMS[[_NONE, _BOOLEAN, _INTEGER, _NUMBER, _TEXT]] = Form.NULL, Form.BOOLEAN, Form.NUMBER, Form.NUMBER, Form.TEXT

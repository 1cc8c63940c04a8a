"""Many items at once -> what each value is, and the numbers they stand for."""

import numpy as np

from wandb_plot.basics.json_text import NON_FINITE
from wandb_plot.model.history import FloatArray
from wandb_plot.sources.log.format.byte_arrays import Bytes, Integers, uint64_at_every_byte
from wandb_plot.sources.log.format.protobuf import decode_zigzag, varints
from wandb_plot.sources.log.format.text_arrays import distinct_texts, parse_floats
from wandb_plot.sources.log.key_value_items import Items
from wandb_plot.sources.log.value_kinds import (
    DOUBLE_SIZE,
    KINDS_BY_BYTE,
    KINDS_BY_FIELD,
    ValueField,
    ValueKinds,
)
from wandb_plot.sources.logged_values import ValueKind, value_kind


def evaluate(buffer: Bytes, items: Items) -> tuple[ValueKinds, FloatArray]:
    """What every value is, and the number it stands for; NaN where it stands for none.

    Args:
        buffer: the one that `items` were read from.
        items: any.
    """
    number = np.full(len(items.owner), np.nan)
    kind = KINDS_BY_BYTE[buffer[items.start]]
    kind[items.stop <= items.start] = ValueKind.NULL
    spells_number = kind == ValueKind.NUMBER
    if not items.are_json.all():
        kind = np.where(items.are_json, kind, KINDS_BY_FIELD[items.field])
        _evaluate_typed(buffer, items, kind, number)
        spells_number &= items.are_json
    if spells_number.all():
        _parse(buffer, items, slice(None), kind, number)
    else:
        _parse(buffer, items, np.flatnonzero(spells_number), kind, number)
    _find_non_finite_texts(buffer, items, kind, number)
    return kind, number


def _evaluate_typed(buffer: Bytes, items: Items, kind: ValueKinds, number: FloatArray) -> None:
    integers = items.field == ValueField.INTEGER
    number[integers] = decode_zigzag(varints(buffer, items.start[integers])[0])
    doubles = items.field == ValueField.NUMBER
    number[doubles] = uint64_at_every_byte(buffer)[items.start[doubles]].view(np.float64)
    kind[doubles & (items.stop - items.start != DOUBLE_SIZE)] = ValueKind.NULL


def _parse(buffer: Bytes, items: Items, at: Integers | slice, kind: ValueKinds, number: FloatArray) -> None:
    """Read numbers from text: all at once; one by one where a text only looks like a number."""
    try:
        number[at] = parse_floats(buffer, items.start[at], items.stop[at])
    except ValueError:
        for index in np.arange(len(number))[at].tolist():
            kind[index], number[index] = value_kind(items.content(buffer, index))


def _find_non_finite_texts(buffer: Bytes, items: Items, kind: ValueKinds, number: FloatArray) -> None:
    """Tell strings that spell a number without digits from other strings."""
    at = np.flatnonzero(kind == ValueKind.TEXT)
    quotes = items.are_json[at].astype(np.int64)
    start, stop = items.start[at] + quotes, items.stop[at] - quotes
    may = np.isin(stop - start, [len(text) for text in NON_FINITE])
    if not may.any():
        return
    at, start, stop = at[may], start[may], stop[may]
    code, texts = distinct_texts(buffer, start, stop)
    meaning = np.array([NON_FINITE.get(text.decode("utf-8", "replace"), 0.0) for text in texts])[code]
    spelled = meaning != 0
    kind[at[spelled]], number[at[spelled]] = ValueKind.NON_FINITE_TEXT, meaning[spelled]

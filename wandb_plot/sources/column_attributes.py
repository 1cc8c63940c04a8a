"""What is stored of a column beside its arrays, by every format that columns are kept or sent in."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from wandb_plot.model.history import Column, FloatArray

_ARRAYS = ("steps", "values")
_ATTRIBUTES = tuple(field.name for field in fields(Column) if field.name not in _ARRAYS)


def column_attributes(column: Column) -> dict[str, Any]:
    """All of a column but its arrays, as JSON takes it."""
    return {name: getattr(column, name) for name in _ATTRIBUTES}


def column_from_attributes(attributes: Mapping[str, Any], steps: FloatArray, values: FloatArray) -> Column:
    """The column with these arrays. What another version wrote that is not known here is left out."""
    known = {name: attributes[name] for name in _ATTRIBUTES if name in attributes}
    return Column(**known, steps=steps, values=values)

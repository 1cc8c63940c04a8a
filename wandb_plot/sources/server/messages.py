"""The messages between the two processes: a line of JSON each, followed by as many bytes as it says."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple, TypeVar

from wandb_plot import errors
from wandb_plot.basics.json_text import parse_json
from wandb_plot.errors import WandbPlotError

T = TypeVar("T")

_ERRORS = {
    error.__name__: error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, WandbPlotError)
}


class Message(NamedTuple):
    """One message.

    Attributes:
        fields: its line of JSON.
        content: the bytes that follow.
    """

    fields: dict[str, Any]
    content: bytes = b""


def write(stream: BinaryIO, fields: Mapping[str, Any], content: bytes | memoryview = b"") -> None:
    """Write one message, whole; only one thread at a time may."""
    line = json.dumps({**fields, "size": len(content)}, default=_plain)
    stream.write(line.encode() + b"\n")
    if content:
        stream.write(content)
    stream.flush()


def read(stream: BinaryIO) -> Message | None:
    """Wait for the next message; None where the other process has ended, even in the middle of one."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    fields = parse_json(line)
    content = stream.read(fields["size"])
    return Message(fields, content) if len(content) == fields["size"] else None


def dataclass_from(dataclass_type: type[T], fields: Mapping[str, Any]) -> T:
    """A dataclass from its fields as JSON has them: lists were tuples, and what is called `*_at` is a time."""
    return dataclass_type(**{name: _restored(name, value) for name, value in fields.items()})


def error_fields(error: WandbPlotError) -> dict[str, Any]:
    """An error as JSON, as the class of `wandb_plot.errors` that it is or derives from."""
    known = next(base for base in type(error).__mro__ if _ERRORS.get(base.__name__) is base)
    return {
        "class": known.__name__,
        "message": error.message,
        "hint": error.hint,
        "candidates": error.candidates,
        "code": error.code,
        "notes": getattr(error, "__notes__", []),
    }


def error_from(fields: Mapping[str, Any]) -> WandbPlotError:
    """The error of which `error_fields` made `fields`."""
    error = _ERRORS[fields["class"]](
        fields["message"], hint=fields["hint"], candidates=fields["candidates"], code=fields["code"]
    )
    for note in fields["notes"]:
        error.add_note(note)
    return error


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else vars(value)


def _restored(name: str, value: Any) -> Any:
    if name.endswith("_at") and value is not None:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value

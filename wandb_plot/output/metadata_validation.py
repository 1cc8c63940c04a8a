"""Whether a JSON document is a metadata.json of ours: whether its values have the types that TypedDicts say."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from wandb_plot.model.metadata_types import (
    BaseFileEntry,
    CountDrop,
    DownloadEntry,
    FolderDocument,
    GroupEntry,
    PlotEntry,
    Resolution,
    RunCounts,
    RunEntry,
    RunSeriesEntry,
)


class _OtherEntry(BaseFileEntry):
    """A file of a kind that a later version may know of, as far as its owner is read from it."""

    metrics: list[str]
    source: str
    options: list[str]


_ENTRIES = {"plot": PlotEntry, "download": DownloadEntry}

# The keys that every version wrote, and without which a part can't be read.
_REQUIRED: Mapping[type, AbstractSet[str]] = {
    FolderDocument: {"schema", "runs", "files"},
    RunEntry: {"id"},
    Resolution: {"kind", "points"},
    RunSeriesEntry: {"run_id", "metric"},
    GroupEntry: {"label", "metric", "run_ids", "alignment", "n"},
    RunCounts: {"first", "last", "drops"},
    CountDrop: {"x", "n"},
}


def is_ours(document: Any) -> bool:
    """Whether a document, parsed from JSON, was written by some version of this program, and not changed since."""
    files = document.get("files") if isinstance(document, dict) else None
    return (
        isinstance(files, dict)
        and has_shape({**document, "files": {}}, FolderDocument, _REQUIRED)
        and all(map(_is_entry, files.values()))
    )


def _is_entry(entry: Any) -> bool:
    expected = _ENTRIES.get(str(entry.get("kind")), _OtherEntry) if isinstance(entry, dict) else None
    return expected is not None and has_shape(entry, expected, _REQUIRED)


def has_shape(value: Any, expected: Any, required: Mapping[type, AbstractSet[str]]) -> bool:
    """Whether `value`, parsed from JSON, is of the type `expected`.

    Of a TypedDict, keys may be missing unless they are `required`, and others may be present: another version of this
    program may have written it.

    Args:
        value: of dicts, lists, text, numbers, bools and None.
        expected: made of TypedDict, dict with text as keys, list, Literal, unions, text, numbers, bool and None.
        required: of each TypedDict, the keys that may not be missing.
    """
    if is_typeddict(expected):
        types = get_type_hints(expected)
        is_whole = isinstance(value, dict) and required.get(expected, frozenset()) <= value.keys()
        return is_whole and all(has_shape(one, types[key], required) for key, one in value.items() if key in types)
    origin, arguments = get_origin(expected), get_args(expected)
    match origin:
        case _ if origin in (Union, UnionType):
            found = any(has_shape(value, one, required) for one in arguments)
        case _ if origin is Literal:
            found = value in arguments
        case _ if origin is list:
            found = isinstance(value, list) and all(has_shape(one, arguments[0], required) for one in value)
        case _ if origin is dict:
            found = isinstance(value, dict) and all(has_shape(one, arguments[1], required) for one in value.values())
        case _ if isinstance(value, bool):
            found = expected is bool
        case _:
            found = isinstance(value, expected)
    return found

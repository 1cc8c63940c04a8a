"""The image files that a log speaks of.

wandb logs an image as `{"_type": "image-file", "path", "caption", ...}`, and a list of them as one `images/separated`
with `filenames` and `captions`; before 0.12.10 without `filenames`, the names then follow from key and step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wandb_plot.sources.log.columns import TYPE_SUFFIX, ancestors, cells_by_name, typed_dicts
from wandb_plot.sources.log.logged_values import ValueReader
from wandb_plot.sources.log.transaction_log import Log, RecordKind

_IMAGE, _IMAGES = "image-file", "images/separated"
_FIELDS = ("path", "caption", "filenames", "captions", "format", "count")


@dataclass(frozen=True)
class LoggedImage:
    """One image file.

    Attributes:
        path: within the run's files, such as `media/images/roc_12_ab34.png`.
        key: the metric it was logged as.
        step: the step it was logged at.
        caption: None where it has none.
    """

    path: str
    key: str
    step: int
    caption: str | None


def read_media(log: Log) -> list[LoggedImage]:
    """Every image of the history, in the order of keys and steps; a file that was logged twice is there twice."""
    leaves = ValueReader(wanted=lambda _: True, decoded=lambda name: name.endswith(TYPE_SUFFIX), parse=False).read(
        log, RecordKind.HISTORY
    )
    images: dict[str, dict[int, str]] = {}
    for key, cells in typed_dicts(cells_by_name(leaves)).items():
        types = {int(x): leaves.values[key + TYPE_SUFFIX, row] for x, row in zip(cells.x, cells.row, strict=True)}
        if any(kind in (_IMAGE, _IMAGES) for kind in types.values()):
            images[key] = types
    return [image for key, rows in _fields(log, images).items() for image in _images(key, images[key], rows)]


def _fields(log: Log, keys: Mapping[str, Any]) -> dict[str, dict[int, dict[str, Any]]]:
    """What is said of the images under each of `keys`, by step and then by field."""
    if not keys:
        return {}
    names = {f"{key}.{field}": (key, field) for key in keys for field in _FIELDS}
    wanted = {*names, *(outer for name in names for outer in ancestors(name))}
    reader = ValueReader(wanted=wanted.__contains__, decoded=names.__contains__, parse=False)
    leaves = reader.read(log, RecordKind.HISTORY)
    fields: dict[str, dict[int, dict[str, Any]]] = {key: {} for key in sorted(keys)}
    for name, cells in cells_by_name(leaves).items():
        if name in names:
            key, field = names[name]
            for x, row in zip(cells.x, cells.row, strict=True):
                fields[key].setdefault(int(x), {})[field] = leaves.values[name, row]
    return fields


def _images(key: str, types: Mapping[int, str], rows: Mapping[int, Mapping[str, Any]]) -> Iterator[LoggedImage]:
    for step in sorted(types.keys() & rows.keys()):
        fields = rows[step]
        paths, captions = [fields.get("path")], [fields.get("caption")]
        if types[step] == _IMAGES:
            paths, captions = _names(key, step, fields), _list(fields.get("captions"))
        elif types[step] != _IMAGE:
            continue
        for index, path in enumerate(paths):
            caption = captions[index] if index < len(captions) else None
            if isinstance(path, str):
                yield LoggedImage(path, key, step, caption if isinstance(caption, str) and caption else None)


def _names(key: str, step: int, fields: Mapping[str, Any]) -> list[Any]:
    count = fields.get("count")
    if "filenames" in fields or not isinstance(count, int):
        return _list(fields.get("filenames"))
    suffix = fields.get("format") or "png"
    return [f"media/images/{key}_{step}_{index}.{suffix}" for index in range(count)]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

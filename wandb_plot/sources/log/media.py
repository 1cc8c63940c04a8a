"""The image files that a log speaks of.

wandb logs an image as `{"_type": "image-file", "path", "caption", ...}`, and a list of them as one `images/separated`
with `filenames` and `captions`; before 0.12.10 without `filenames`, the names then follow from key and step.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wandb_plot.sources.log.extent_values import ValueReader
from wandb_plot.sources.log.history_columns import collect_history, typed_dicts
from wandb_plot.sources.log.needed_names import ancestors, says_type
from wandb_plot.sources.log.values_by_step import LoggedValues, ValueCollector

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


def read_media(log: Path, *, most: int, warn: Callable[[Path, str], None]) -> list[LoggedImage]:
    """Every image of the history, in the order of keys and steps; a file that was logged twice is there twice.

    Args:
        log: the file.
        most: so many images, at most, are assumed of a list of which only the count was logged.
        warn: called with the log and a line on what was lost of it.
    """
    types, problems = _decoded(log, says_type, lambda _: True)
    for problem in problems:
        warn(log, problem)
    images = {}
    for key, logged in typed_dicts(types).items():
        by_step = _by_step(logged)
        if any(kind in (_IMAGE, _IMAGES) for kind in by_step.values()):
            images[key] = by_step
    fields = _fields(log, images)
    return [image for key in sorted(images) for image in _images(key, images[key], fields[key], most)]


def _fields(log: Path, keys: Mapping[str, Any]) -> dict[str, dict[int, dict[str, Any]]]:
    """What is said of the images under each of `keys`, by step and then by field."""
    fields: dict[str, dict[int, dict[str, Any]]] = {key: {} for key in keys}
    if not keys:
        return fields
    names = {f"{key}.{field}": (key, field) for key in keys for field in _FIELDS}
    outer = {outer for name in names for outer in ancestors(name)}
    found, _ = _decoded(log, names.__contains__, outer.__contains__)
    for name, (key, field) in names.items():
        for step, value in _by_step(found[name]).items() if name in found else ():
            fields[key].setdefault(step, {})[field] = value
    return fields


def _decoded(
    log: Path, wanted: Callable[[str], bool], outer: Callable[[str], bool]
) -> tuple[dict[str, LoggedValues], tuple[str, ...]]:
    """The wanted values, decoded; `outer` tells names of dicts that may hold some."""
    collector = ValueCollector(fill_steps=True, is_kept=lambda _: False)
    problems = collect_history(log, ValueReader(wanted=wanted, outer=outer, decoded=wanted), collector)
    return dict(collector.logged()), problems


def _by_step(logged: LoggedValues) -> dict[int, Any]:
    return {int(x): value for x, value in zip(logged.x, () if logged.decoded is None else logged.decoded, strict=True)}


def _images(
    key: str, types: Mapping[int, str], rows: Mapping[int, Mapping[str, Any]], most: int
) -> Iterator[LoggedImage]:
    for step in sorted(types.keys() & rows.keys()):
        fields = rows[step]
        paths, captions = [fields.get("path")], [fields.get("caption")]
        if types[step] == _IMAGES:
            paths, captions = _names(key, step, fields, most), _list(fields.get("captions"))
        elif types[step] != _IMAGE:
            continue
        for index, path in enumerate(paths):
            caption = captions[index] if index < len(captions) else None
            if isinstance(path, str):
                yield LoggedImage(path, key, step, caption if isinstance(caption, str) and caption else None)


def _names(key: str, step: int, fields: Mapping[str, Any], most: int) -> list[Any]:
    count = fields.get("count")
    if "filenames" in fields or not isinstance(count, int):
        return _list(fields.get("filenames"))
    suffix = fields.get("format") or "png"
    return [f"media/images/{key}_{step}_{index}.{suffix}" for index in range(min(count, most))]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

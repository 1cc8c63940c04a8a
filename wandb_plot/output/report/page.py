"""The report: all figures and images of a folder on one page, with their words and numbers.

The page is a single file of static HTML. It takes nothing from the network, and works without scripts.
"""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from wandb_plot.model.documents import FolderDocument, RunEntry
from wandb_plot.model.history import SYSTEM_PREFIX
from wandb_plot.model.natural import natural_key
from wandb_plot.model.run import Run
from wandb_plot.output.metadata import Metadata
from wandb_plot.output.names import run_path
from wandb_plot.output.report.tables import (
    KINDS,
    Table,
    common_table,
    difference_table,
    groups_table,
    runs_table,
    statistics_table,
)

_IMAGES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"))

# W&B names an image after its key, the step, and a digest.
_LOGGED_IMAGE = re.compile(r"^(?:media/)?(?:images/)?(.+?)_\d+_[0-9a-f]+\.\w+$")

# What HTML has no place for: control characters, and halves of surrogate pairs, which UTF-8 lacks too.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Exhibit:
    """A file of the folder as the page shows it.

    Attributes:
        url: relative to the page.
        file: its name in the folder.
        show: how: `image`, `page` (in a frame) or `link`.
        title: the metrics of a figure; the key of a downloaded image.
        words: what it shows; may be empty.
        notes: how it was made, or where it was logged.
        tables: the numbers behind it, those worth a first look first.
        haystack: what the filter looks in.
    """

    url: str
    file: str
    show: Literal["image", "page", "link"]
    title: str
    words: str
    notes: Sequence[str]
    tables: Sequence[Table]
    haystack: str


@dataclass(frozen=True)
class Section:
    """A heading, and the exhibits below it: `figures`, `images` or `files`."""

    heading: str
    kind: Literal["figures", "images", "files"]
    exhibits: Sequence[Exhibit]


def render_report(metadata: FolderDocument, runs: Sequence[Run]) -> str:
    """The page for `index.html` of an output folder; the same for the same arguments, byte by byte.

    Args:
        metadata: the document of the folder, with all its figures and downloads.
        runs: those of which config, summary and tags are to be shown; none need be in `metadata`.

    Returns:
        HTML that can be encoded in UTF-8. Addresses of files are relative to the folder.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("wandb_plot.output.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    described = _runs_by_path(metadata)
    runs = sorted(runs, key=lambda run: (natural_key(run.name), run_path(run)))
    script = environment.get_template("report.js").render()
    page = environment.get_template("report.html").render(
        heading=_heading(described),
        project="/".join(filter(None, (metadata.get("entity"), metadata.get("project")))),
        sections=_sections(metadata, described),
        overview=[
            runs_table(described, runs),
            *(differences for kind in KINDS if (differences := difference_table(runs, kind))),
        ],
        folded=[common for kind in KINDS if (common := common_table(runs, kind))],
        script=Markup(script),  # noqa: S704 -- our own, without any value in it
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    return _UNPRINTABLE.sub("\ufffd", page)


def _runs_by_path(metadata: FolderDocument) -> dict[str, RunEntry]:
    """The runs of metadata.json by path (`names.run_path`), in natural order of their names."""
    by_path = Metadata(metadata).runs()
    return dict(sorted(by_path.items(), key=lambda item: (natural_key(item[1].get("name", "")), item[0])))


def _heading(described: Mapping[str, RunEntry]) -> str:
    names = [run.get("name") or run["id"] for run in described.values()]
    return names[0] if len(names) == 1 else f"{len(names)} runs"


def _sections(metadata: FolderDocument, described: Mapping[str, RunEntry]) -> list[Section]:
    """Figures by the prefix of their metrics, then images by key and step, then all other files."""
    owners = Metadata(metadata).owners()
    called = _names(described)
    ordered: dict[_Place, list[tuple[Any, Exhibit]]] = {}
    for file, entry in metadata.get("files", {}).items():
        paths = owners[file].runs
        names = {_run_id(path): called.get(path, _run_id(path)) for path in paths}
        # The runs of a file are named where the folder has others too.
        whose = [] if len(paths) == len(described) else [", ".join(names.values())]
        is_figure = entry.get("kind") == "plot"
        place, exhibit = _figure(file, entry, names, whose) if is_figure else _download(file, entry, whose)
        order = natural_key(exhibit.title), entry.get("step", -1), natural_key(str(entry.get("source", ""))), file
        ordered.setdefault(place, []).append((order, exhibit))
    return [
        Section(place.heading, place.kind, [exhibit for _, exhibit in sorted(ordered[place], key=itemgetter(0))])
        for place in sorted(ordered, key=lambda place: (place.rank, natural_key(place.heading), place.heading))
    ]


class _Place(NamedTuple):
    """Where on the page an exhibit belongs."""

    rank: int
    heading: str
    kind: Literal["figures", "images", "files"]


def _figure(
    file: str, entry: Mapping[str, Any], names: Mapping[str, str], whose: Sequence[str]
) -> tuple[_Place, Exhibit]:
    metrics = entry.get("metrics", ())
    tables = [statistics_table(entry, names), groups_table(entry, names)]
    exhibit = Exhibit(
        url=_relative_url(file),
        file=file,
        show=_way_to_show(file),
        title=", ".join(metrics) or file,
        # A line may end within an arrow of two characters.
        words=entry.get("alt", "").replace(" -> ", " → "),
        notes=[*whose, *_how_it_was_made(entry)],
        tables=[table for table in tables if table],
        haystack=" ".join([*metrics, file, *names.values()]),
    )
    return _place_of(metrics), exhibit


def _download(file: str, entry: Mapping[str, Any], whose: Sequence[str]) -> tuple[_Place, Exhibit]:
    source = entry.get("source", file)
    key = _LOGGED_IMAGE.match(source)
    caption = entry.get("caption", "")
    is_image = PurePosixPath(file).suffix.lower() in _IMAGES
    exhibit = Exhibit(
        url=_relative_url(file),
        file=file,
        # A page that a run logged may do anything; it is opened on purpose only.
        show="image" if is_image else "link",
        title=key[1] if key else source,
        words=caption,
        notes=[*whose, *([f"step {entry['step']}"] if "step" in entry else [])],
        tables=[],
        haystack=" ".join([source, file, caption, *whose]),
    )
    return _Place(3, "Images", "images") if is_image else _Place(4, "Other files", "files"), exhibit


def _place_of(metrics: Sequence[str]) -> _Place:
    if metrics and all(metric.startswith(SYSTEM_PREFIX) for metric in metrics):
        return _Place(2, "System", "figures")
    prefixes = {metric.partition("/")[0] if "/" in metric else "" for metric in metrics}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    return _Place(1, prefix, "figures") if prefix else _Place(0, "Figures", "figures")


def _way_to_show(file: str) -> Literal["image", "page", "link"]:
    suffix = PurePosixPath(file).suffix.lower()
    if suffix in _IMAGES:
        return "image"
    return "page" if suffix == ".html" else "link"


def _how_it_was_made(entry: Mapping[str, Any]) -> list[str]:
    notes = []
    resolution = entry.get("resolution") or {}
    if resolution.get("kind") == "full":
        notes.append(f"every logged point ({resolution['points']})")
    elif resolution.get("kind") == "sampled":
        notes.append(f"a sample: {resolution['points']} of {resolution['of']} points")
    if entry.get("smoothing"):
        notes.append(f"smoothed by {entry['smoothing']}")
    if entry.get("renderer"):
        notes.append(f"drawn by {entry['renderer']}")
    return notes


def _names(described: Mapping[str, RunEntry]) -> dict[str, str]:
    """What to call each run: its name, with the id where another run of the folder bears the same."""
    bare = {path: run.get("name") or run["id"] for path, run in described.items()}
    bearers = Counter(bare.values())
    return {path: name if bearers[name] == 1 else f"{name} ({described[path]['id']})" for path, name in bare.items()}


def _run_id(path: str) -> str:
    return path.rpartition("/")[2]


def _relative_url(file: str) -> str:
    # The dot keeps a name from being read as a scheme, or a host.
    return "./" + "/".join(quote(part, safe="", errors="replace") for part in file.split("/"))

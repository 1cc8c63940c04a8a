"""The files of a folder as the report shows them: which belong together, where they stand, and how they are shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import quote

from wandb_plot.basics.formatting import count_text
from wandb_plot.basics.natural_order import natural_key
from wandb_plot.model.metadata_types import DownloadEntry, FolderDocument, PlotEntry, Resolution
from wandb_plot.model.metrics import SYSTEM_PREFIX
from wandb_plot.output.file_names import FileIdentity, id_in_path
from wandb_plot.output.file_suffixes import IMAGES, suffix_of
from wandb_plot.output.metadata_merging import Metadata
from wandb_plot.output.report.figure_tables import groups_table, statistics_table
from wandb_plot.output.report.run_tables import odd_values, only_counts
from wandb_plot.output.report.table import ReportTable, cell_text

# W&B names an image after its key, the step, and a digest.
_LOGGED_IMAGE = re.compile(r"^(?:media/)?(?:images/)?(.+?)_\d+_[0-9a-f]+\.\w+$")

# What a browser shows without running anything in it. Other logged files may be, or be taken for, pages with scripts,
# which would run with the rights of a page on this disk.
_HARMLESS = IMAGES - {".svg"} | {".txt", ".log", ".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".toml", ".md"}

SectionKind = Literal["figures", "images", "files"]


@dataclass(frozen=True)
class Exhibit:
    """Something that the page shows: a figure, in however many formats, an image, or another file.

    Attributes:
        file: its name in the folder.
        url: relative to the page.
        show: how: `image`, `page` (in a frame) or `link`.
        title: the metrics of a figure; the key of a downloaded image.
        caption: what it shows, in a line; may be empty.
        alt: what it shows, in full, for those who can't see it; may be empty.
        notes: how it was made, or where it was logged.
        tables: the numbers behind it, those worth a first look first.
        haystack: the text that the filter searches.
        others: the same in other formats: names and addresses.
        link: whether to link to it: not if a browser could run scripts in it.
    """

    file: str
    url: str
    show: Literal["image", "page", "link"]
    title: str
    caption: str = ""
    alt: str = ""
    notes: Sequence[str] = ()
    tables: Sequence[ReportTable] = ()
    haystack: str = ""
    others: Sequence[tuple[str, str]] = ()
    link: bool = True


@dataclass(frozen=True)
class Section:
    """A heading, and the exhibits below it; `folded` where it isn't worth a first look."""

    heading: str
    kind: SectionKind
    exhibits: Sequence[Exhibit]
    folded: bool = False


class _SectionKey(NamedTuple):
    """Where on the page an exhibit belongs."""

    rank: int
    heading: str
    kind: SectionKind
    folded: bool = False


def sections_of(metadata: FolderDocument, names: Mapping[str, str]) -> list[Section]:
    """Figures by the prefix of their metrics, then what only counts, then the system, images, and all other files.

    Args:
        metadata: the document of the folder.
        names: what to call each run, by path.
    """
    owners = Metadata(metadata).owners()
    ordered: dict[_SectionKey, list[tuple[Any, Exhibit]]] = {}
    drawn: dict[FileIdentity, list[str]] = {}
    for file, entry in metadata["files"].items():
        if entry.get("kind") == "plot":
            drawn.setdefault(owners[file], []).append(file)
            continue
        key, exhibit = _download(file, cast("DownloadEntry", entry), _whose(owners[file], names))
        order = natural_key(exhibit.title), entry.get("step", -1), natural_key(str(entry.get("source", ""))), file
        ordered.setdefault(key, []).append((order, exhibit))
    for owner, files in drawn.items():
        first, *others = sorted(files, key=_format_rank)
        entry = cast("PlotEntry", metadata["files"][first])
        exhibit = _figure(first, others, entry, owner, names)
        ordered.setdefault(_section_of(entry), []).append(((natural_key(exhibit.title), owner.options, first), exhibit))
    return [
        Section(key.heading, key.kind, [one for _, one in sorted(ordered[key], key=itemgetter(0))], key.folded)
        for key in sorted(ordered, key=lambda key: (key.rank, natural_key(key.heading), key.heading))
    ]


def _figure(
    file: str, others: Sequence[str], entry: PlotEntry, owner: FileIdentity, names: Mapping[str, str]
) -> Exhibit:
    metrics = entry.get("metrics", [])
    by_id = {id_in_path(path): names.get(path, id_in_path(path)) for path in owner.runs}
    tables = [statistics_table(entry, by_id), groups_table(entry, by_id)]
    return Exhibit(
        file=file,
        url=_relative_url(file),
        show=_way_to_show(file),
        title=", ".join(metrics) or file,
        caption=_caption(entry),
        # A line may end within an arrow of two characters.
        alt=entry.get("alt", "").replace(" -> ", " → "),
        notes=[*_whose(owner, names), *_how_it_was_made(entry)],
        tables=[table for table in tables if table],
        haystack=" ".join([*metrics, file, *others, *by_id.values(), *owner.options]),
        others=[(PurePosixPath(other).suffix.removeprefix(".").upper(), _relative_url(other)) for other in others],
    )


def _download(file: str, entry: DownloadEntry, whose: Sequence[str]) -> tuple[_SectionKey, Exhibit]:
    source, caption = entry.get("source", file), entry.get("caption", "")
    key = _LOGGED_IMAGE.match(source)
    is_image = suffix_of(file) in IMAGES
    exhibit = Exhibit(
        file=file,
        url=_relative_url(file),
        link=suffix_of(file) in _HARMLESS,
        show="image" if is_image else "link",
        title=key[1] if key else source,
        caption=caption,
        alt=caption,
        notes=[*whose, *([f"step {entry['step']}"] if "step" in entry else [])],
        haystack=" ".join([source, file, caption, *whose]),
    )
    return _SectionKey(4, "Images", "images") if is_image else _SectionKey(5, "Other files", "files"), exhibit


def _whose(owner: FileIdentity, names: Mapping[str, str]) -> list[str]:
    """The runs of a file, where the folder has others too."""
    if len(owner.runs) == len(names):
        return []
    return [", ".join(names.get(path, id_in_path(path)) for path in owner.runs)]


def _section_of(entry: PlotEntry) -> _SectionKey:
    metrics, series = entry.get("metrics", []), entry.get("series", [])
    if metrics and all(metric.startswith(SYSTEM_PREFIX) for metric in metrics):
        return _SectionKey(3, "System", "figures", folded=True)
    if series and all(map(only_counts, series)):
        return _SectionKey(2, "Counters", "figures", folded=True)
    prefixes = {metric.partition("/")[0] if "/" in metric else "" for metric in metrics}
    prefix = prefixes.pop() if len(prefixes) == 1 else ""
    return _SectionKey(1, prefix, "figures") if prefix else _SectionKey(0, "Figures", "figures")


def _format_rank(file: str) -> tuple[int, str]:
    """What can be looked at here comes first: pictures, of those the sharpest, then pages, then the rest."""
    order = {".svg": 0, ".png": 1, ".html": 3}
    return order.get(suffix_of(file), 2 if suffix_of(file) in IMAGES else 4), file


def _way_to_show(file: str) -> Literal["image", "page", "link"]:
    if suffix_of(file) in IMAGES:
        return "image"
    return "page" if suffix_of(file) == ".html" else "link"


def _caption(entry: PlotEntry) -> str:
    """From where to where the only line of a figure goes, or how many there are."""
    series, groups = entry.get("series", []), entry.get("groups", [])
    if len(series) != 1:
        return count_text(len(groups), "group") if groups else count_text(len(series), "line") if series else ""
    one = series[0]
    odd = f"; {text}" if (text := odd_values(one)) else ""
    if one.get("first") is None:
        return f"no finite values{odd}"
    if one.get("points") == 1:
        return f"a single point: {cell_text(one['first'])}"
    if one.get("min") == one.get("max"):
        return f"constant at {cell_text(one['first'])}{odd}"
    low = f"min {cell_text(one.get('min'))} at {cell_text(one.get('min_step'))}"
    high = f"max {cell_text(one.get('max'))} at {cell_text(one.get('max_step'))}"
    return f"{cell_text(one['first'])} → {cell_text(one.get('last'))}, {low}, {high}{odd}"


def _how_it_was_made(entry: PlotEntry) -> list[str]:
    notes = []
    resolution: Resolution | None = entry.get("resolution")
    if resolution is not None and resolution.get("kind") == "full":
        notes.append(count_text(resolution["points"], "point"))
    elif resolution is not None:
        of, at_most = resolution.get("of"), "at most " if resolution.get("at_most") else ""
        notes.append(f"a sample: {resolution['points']:,}" + ("" if of is None else f" of {at_most}{of:,}") + " points")
    if entry.get("smoothing"):
        notes.append(f"smoothed by {entry['smoothing']}")
    # The smoothing is one of them.
    notes += [option for option in entry.get("options", []) if not option.startswith("smooth")]
    return notes


def _relative_url(file: str) -> str:
    # The dot keeps a name from being read as a scheme, or a host.
    return "./" + "/".join(quote(part, safe="", errors="replace") for part in file.split("/"))

"""The types of metadata.json: what is said of a folder, of its runs, and of each file in it.

A folder may hold a document of another version: keys of these types may be missing there, and others may be present.
"""

from typing import Literal, NotRequired, TypedDict

Number = int | float


class Statistics(TypedDict):
    """Statistics of a column of numbers: over its finite values, but for the two counts.

    All numbers are finite Python numbers; None stands where there is no value.
    """

    first: float | None
    last: float | None
    min: float | None
    min_step: Number | None
    max: float | None
    max_step: Number | None
    mean: float | None
    std: float | None
    nan_count: int
    inf_count: int


class RunSeriesEntry(Statistics):
    """A metric of one run, as it was read to make the figure. `points` counts the non-finite ones too.

    `nan_from` is where the NaN or infinite values begin that last to the end. `spikes` is how many spikes there are,
    `spike_step` where the one that stands out most is. `end` says whether the series still falls or rises at its end,
    `state` that the run ended early.
    """

    run_id: str
    metric: str
    points: int
    nan_from: NotRequired[Number]
    spikes: NotRequired[int]
    spike_step: NotRequired[Number]
    end: NotRequired[str]
    state: NotRequired[str]


class CountDrop(TypedDict):
    """From `x` on, a group's line stands for `n` runs, fewer than before."""

    x: Number
    n: int


class RunCounts(TypedDict):
    """How many runs a group's line stands for: at both its ends, and where they become fewer (the first 20 drops)."""

    first: int
    last: int
    drops: list[CountDrop]
    more_drops: NotRequired[int]


class RunEnd(TypedDict):
    """A run without a value at its group's end; `x` is its last point, or the first of the NaNs that it ends in."""

    run_id: str
    x: Number


class GroupEntry(TypedDict):
    """One line of a figure of groups: its runs, and how they were aggregated.

    Of its runs, `diverged` end in NaN or infinite values, and `ended` have their last point more than 1.5 of their
    usual steps before the longest run's. `incomplete` says what became of the line there; `left_out` are runs that
    don't count.
    """

    label: str
    metric: str
    run_ids: list[str]
    aggregate: str
    band: str
    alignment: str
    n: RunCounts
    incomplete: str
    diverged: list[RunEnd]
    ended: list[RunEnd]
    left_out: list[str]


class Resolution(TypedDict):
    """Whether every logged point was read, or a sample of `of` points.

    `at_most` is true where the source doesn't say how many points there are, and `of` counts rows.
    """

    kind: Literal["full", "sampled"]
    points: int
    of: NotRequired[int]
    at_most: NotRequired[bool]


class ViewEntry(TypedDict):
    """The limits of a panel, None for a side that has none; `outside` counts the points beyond them.

    `band_outside` counts the points at which a band reaches beyond them, where nobody asked for limits of y.
    """

    x: list[float | None]
    y: list[float | None]
    outside: int
    band_outside: NotRequired[int]


class FigureDocument(TypedDict):
    """What is known of a figure before anybody draws it. `limits` has an entry for each panel."""

    metrics: list[str]
    x_axis: str
    resolution: Resolution
    smoothing: str | None
    alt: str
    series: list[RunSeriesEntry]
    groups: NotRequired[list[GroupEntry]]
    panels: NotRequired[list[str]]
    limits: NotRequired[list[ViewEntry]]


class BaseFileEntry(TypedDict):
    """What the output folder says of every file.

    `runs` are the paths of its runs, in a folder that has others too. `companions` are names of files that it needs
    beside it.
    """

    kind: str
    bytes: NotRequired[int]
    sha256: NotRequired[str]
    runs: NotRequired[list[str]]
    companions: NotRequired[list[str]]


class PlotEntry(FigureDocument, BaseFileEntry):
    """A figure that a renderer drew.

    `options` are those that change the picture, such as `yscale=log`; `formulas` those of derived metrics, by name;
    `fonts` are the installed ones that were taken for what the renderer's own has no glyphs for.
    """

    renderer: str
    options: NotRequired[list[str]]
    formulas: NotRequired[dict[str, str]]
    fonts: NotRequired[list[str]]


class DownloadEntry(BaseFileEntry):
    """A file that a run had logged: its path within the run, and at which step and with which caption, where known."""

    source: str
    step: NotRequired[int]
    caption: NotRequired[str]


FileEntry = PlotEntry | DownloadEntry


class RunEntry(TypedDict):
    """One run of a folder. `path` is only there where entity and project of the folder don't give it."""

    id: str
    name: str
    state: str
    last_step: int | None
    url: str | None
    segments: NotRequired[list[str]]
    path: NotRequired[str]


class FolderDocument(TypedDict):
    """metadata.json. `run_id` and `run_name` are None where there are several runs; `files` is by file name."""

    schema: int
    entity: str | None
    project: str | None
    run_id: str | None
    run_name: str | None
    runs: list[RunEntry]
    files: dict[str, FileEntry]

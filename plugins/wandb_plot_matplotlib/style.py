"""How lines look: colours for every slot, and the settings that all drawing runs under."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np

from wandb_plot import Series, series_color

NEUTRAL = "#555555"  # for what belongs to no series

# Beyond the palette's end its colours come again, first in other dashes, then with markers.
COLORS = 7  # after which they begin anew
DASHES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))
MARKERS = ("", "o", "s", "^", "D", "v", "P", "X")

FONT = "DejaVu Sans"  # ships with matplotlib, so it is the same everywhere

# Matplotlib's stubs list every name of a setting, and only of the version that they ship with.
Settings = Mapping[Any, Any]

_FIXED: Settings = {
    # Agg sorts the cells of a whole path at once: a noisy line of 49,000 points takes 1.8 s in one piece, 0.3 s so.
    "agg.path.chunksize": 500,
    "font.family": [FONT],
    "text.parse_math": False,
    "text.usetex": False,
    "axes.formatter.use_locale": False,
    "timezone": "UTC",
    "savefig.dpi": "figure",
    "svg.fonttype": "path",
    "svg.hashsalt": "wandb-plot",
}


@dataclass(frozen=True, eq=False)
class Style:
    """The looks of a renderer.

    Attributes:
        settings: rcParams on top of matplotlib's defaults.
    """

    settings: Settings = field(default_factory=dict)


MATPLOTLIB = Style(
    {
        "axes.axisbelow": True,
        "axes.edgecolor": NEUTRAL,
        "axes.grid": True,
        "axes.labelsize": 10,
        "axes.linewidth": 0.8,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlesize": 12,
        "grid.color": "#e3e3e3",
        "grid.linewidth": 0.8,
        "legend.fontsize": 9,
        "lines.linewidth": 1.5,
        "xtick.color": NEUTRAL,
        "xtick.labelcolor": "black",
        "xtick.labelsize": 9,
        "ytick.color": NEUTRAL,
        "ytick.labelcolor": "black",
        "ytick.labelsize": 9,
    }
)


@cache
def style_of(look: Callable[[], Settings]) -> Style:
    """The style with the settings that `look` gives; the same one every time."""
    return Style(look())


def line_look(series: Series) -> dict[str, Any]:
    """Line2D properties of a series; 224 slots look different."""
    marker, dashes = divmod(series.slot // COLORS, len(DASHES))
    return {
        "color": series_color(series),
        "linestyle": DASHES[dashes],
        "marker": MARKERS[marker % len(MARKERS)],
        "markersize": 4.5,
        "markevery": max(1, series.x.size // 12),
    }


@contextmanager
def settings(style: Style) -> Iterator[None]:
    """Draw under `style`, whatever the user's matplotlibrc says, and leave the process as it was.

    A glyph that the font lacks is drawn as a box, and numbers at the end of the float range may overflow on their
    way to pixels: both are fine, so neither warns.
    """
    defaults: Settings = {name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"}
    with (
        mpl.rc_context({**defaults, **style.settings, **_FIXED}),
        warnings.catch_warnings(action="ignore", category=UserWarning),
        np.errstate(all="ignore"),
    ):
        yield

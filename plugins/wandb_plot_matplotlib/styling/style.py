"""How figures look: the settings that all drawing runs under, by the name of a style."""

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from wandb_plot import RendererError
from wandb_plot_matplotlib.styling.venues import venue_settings

_NEUTRAL = "#555555"  # for what belongs to no series
GRID = "#e3e3e3"

# Both ship with matplotlib, so they are the same everywhere. The second is set like Times, as most papers are.
SCREEN_FONT, PAPER_FONT = "DejaVu Sans", "STIXGeneral"
PAPER_FONT_FALLBACKS = ("STIX Two Text", "Times New Roman", "Liberation Serif", "Times")
_SUPERSCRIPT_FONT = "DejaVu Serif"  # for the few that the second lacks

# Matplotlib's stubs list every name of a setting, and only of the version that they ship with.
Settings = Mapping[Any, Any]

# What no style may change: the same figure has the same bytes, names are no markup, and fonts can be embedded anywhere.
_FIXED: Settings = {
    # Agg draws long paths in chunks, whose ends show in translucent lines. Here only lines whose x goes back and forth
    # are so long.
    "agg.path.chunksize": 20_000,
    "text.parse_math": False,
    "text.usetex": False,
    "axes.formatter.use_locale": False,
    "timezone": "UTC",
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "savefig.bbox": None,
    "savefig.dpi": "figure",
    "svg.hashsalt": "wandb-plot",
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
}

_PAPER: Settings = {
    "axes.labelpad": 2,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.titlesize": 8,
    "font.family": [PAPER_FONT, _SUPERSCRIPT_FONT],
    "font.size": 8,
    "grid.linewidth": 0.4,
    "legend.fontsize": 7.5,
    "legend.handlelength": 1.4,
    "legend.handletextpad": 0.5,
    "lines.linewidth": 1.0,
    "svg.fonttype": "none",
    "xtick.labelsize": 7.5,
    "xtick.major.pad": 2,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "xtick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.labelsize": 7.5,
    "ytick.major.pad": 2,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
    "ytick.minor.size": 1.5,
    "ytick.minor.width": 0.4,
}

_COLUMN, _PAGE = 3.25, 6.75  # inches: the widths of a column and of a page of two
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, eq=False)
class Look:
    """The look of figures.

    Attributes:
        settings: rcParams on top of matplotlib's defaults.
        titled: whether figures have their title above them; papers have captions.
        in_print: whether figures are for a paper: the legend goes into the axes where it hides nothing, edges are
            narrow, and lines differ without colours.
        size: inches, where the figure leaves the size to its style; None for the usual one.
        wide: the same for figures of several panels.
        colors: those of the style's own cycle; None for the colours of all renderers.
    """

    settings: Settings
    titled: bool = True
    in_print: bool = False
    size: tuple[float, float] | None = None
    wide: tuple[float, float] | None = None
    colors: tuple[str, ...] | None = None


def plain() -> Settings:
    """The settings of the matplotlib renderer on a screen."""
    return {
        "axes.axisbelow": True,
        "axes.edgecolor": _NEUTRAL,
        "axes.grid": True,
        "axes.labelsize": 10,
        "axes.linewidth": 0.8,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlesize": 12,
        "grid.color": GRID,
        "grid.linewidth": 0.8,
        "legend.fontsize": 9,
        "lines.linewidth": 1.5,
        "xtick.color": _NEUTRAL,
        "xtick.labelcolor": "black",
        "xtick.labelsize": 9,
        "xtick.minor.width": 0.5,
        "ytick.color": _NEUTRAL,
        "ytick.labelcolor": "black",
        "ytick.labelsize": 9,
        "ytick.minor.width": 0.5,
    }


def ground() -> str:
    """The colour that axes are drawn on, in the settings in force."""
    return str(mpl.colors.to_hex(mpl.rcParams["axes.facecolor"]))


def neutral() -> str:
    """The colour of what belongs to no series: that of texts, a third of the way to that of the background."""
    text, below = (np.array(mpl.colors.to_rgb(mpl.rcParams[name])) for name in ("text.color", "axes.facecolor"))
    return str(mpl.colors.to_hex((2 * text + below) / 3))


def look_of(base: Callable[[], Settings], style: str) -> Look:
    """The look of `style` on top of the settings that `base` gives.

    Args:
        base: of the renderer.
        style: `screen`, `paper`, a venue such as `neurips2024:half`, or the path of an `.mplstyle` file.

    Raises:
        RendererError: the file can't be read, or nobody knows the venue.
    """
    if style.endswith(".mplstyle"):
        return _look_of_file(base, Path(style))
    return _named_look(base, style)


@lru_cache(maxsize=8)
def _named_look(base: Callable[[], Settings], style: str) -> Look:
    screen = Look({**_settings_of(base), "font.family": [SCREEN_FONT], "svg.fonttype": "path"})
    if style == "screen":
        return screen
    paper = replace(
        screen,
        settings={**screen.settings, **_PAPER},
        titled=False,
        in_print=True,
        size=(_COLUMN, _COLUMN * _GOLDEN),
        wide=(_PAGE, _PAGE * _GOLDEN / 2),
    )
    if style == "paper":
        return paper
    settings, size = venue_settings(style, (PAPER_FONT, _SUPERSCRIPT_FONT))
    return replace(paper, settings={**paper.settings, **settings}, size=size, wide=size)


def _look_of_file(base: Callable[[], Settings], path: Path) -> Look:
    found = _settings_in(path)
    screen = _named_look(base, "screen")
    cycle = found.get("axes.prop_cycle")
    colors = cycle.by_key().get("color") if cycle else None
    size = found.get("figure.figsize")
    settings = screen.settings
    if "axes.facecolor" in found:
        # On the style's own background our colours may be invisible, and our grid too strong.
        settings = {name: value for name, value in settings.items() if "color" not in name and name != "axes.grid"}
    return replace(
        screen,
        settings={**settings, **found},
        size=tuple(size) if size else None,
        wide=tuple(size) if size else None,
        colors=tuple(mpl.colors.to_hex(color) for color in colors) if colors else None,
    )


def _settings_in(path: Path) -> dict[Any, Any]:
    told: list[str] = []
    collector = logging.Handler(logging.WARNING)
    collector.emit = lambda record: told.append(record.getMessage().strip())  # type: ignore[method-assign]
    logger = logging.getLogger("matplotlib")
    logger.addHandler(collector)
    try:
        # Matplotlib passes over what it doesn't know, and logs that.
        found = dict(mpl.rc_params_from_file(path, use_default_template=False))
    except (OSError, ValueError, RuntimeError) as error:
        told.append(str(error))
    finally:
        logger.removeHandler(collector)
    if told:
        raise RendererError(
            f"can't read the style {str(path)!r}: {told[0].splitlines()[0]}",
            hint="give the path of a file as matplotlib.style takes it",
        )
    return {name: value for name, value in found.items() if name != "backend"}


@cache
def _settings_of(base: Callable[[], Settings]) -> Settings:
    return base()


@contextmanager
def settings(look: Look, fonts: tuple[str, ...] = ()) -> Iterator[None]:
    """Draw with `look`, whatever the user's matplotlibrc says, and leave the process as it was.

    Numbers at the end of the float range may overflow on their way to pixels, and a glyph that no font has is drawn as
    a box: neither warns here.

    Args:
        look: of the figure.
        fonts: families for what the font of the look has no glyphs for.
    """
    # It logs each weight that a fallback font doesn't come in.
    logger = logging.getLogger("matplotlib.font_manager")
    level = logger.level
    defaults: Settings = {name: value for name, value in mpl.rcParamsDefault.items() if name != "backend"}
    families: Settings = {"font.family": [*look.settings["font.family"], *fonts]}
    with (
        mpl.rc_context({**defaults, **look.settings, **_FIXED, **families}),
        warnings.catch_warnings(action="ignore", category=UserWarning),
        np.errstate(all="ignore"),
    ):
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)

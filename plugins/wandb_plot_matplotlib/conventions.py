"""What the shipped renderers have in common, whatever they draw with: colours, words, and what counts as a gap."""

import math

import numpy as np
import numpy.typing as npt

from wandb_plot import Figure

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

# Okabe and Ito, "Color Universal Design" (2008), without yellow, which is hard to see on white.
OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
NEUTRAL = "#555555"  # for what belongs to no series
BAND_ALPHA = 0.2

SMOOTHED = "smoothed"
LOGGED = "as logged"


def raw_alpha(series: int) -> float:
    """Opacity of a raw line under its smoothed one, where the figure holds so many series."""
    return max(0.12, 0.35 / math.sqrt(series))


def literal(text: str) -> str:
    r"""Show what has no glyph (control and format characters, lone surrogates) by its escape, such as `\n`."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def heights(y: FloatArray, figure: Figure) -> FloatArray:
    """The y of a line, with NaN where it has no place on the axis."""
    drawable = np.isfinite(y) & (y > 0) if figure.yscale == "log" else np.isfinite(y)
    return np.where(drawable, y, np.nan)


def isolated(present: BoolArray) -> BoolArray:
    """Which points no line reaches, since neither neighbour is present."""
    padded = np.pad(present, 1)
    return present & ~padded[:-2] & ~padded[2:]


def gap_words(figure: Figure) -> str:
    """What the mark of a gap means in this figure."""
    return "NaN, Inf or ≤ 0" if figure.yscale == "log" else "NaN or Inf"


def empty_words(figure: Figure) -> str:
    """What stands in a figure that has nothing to draw."""
    return "no positive values" if figure.yscale == "log" else "no finite values"

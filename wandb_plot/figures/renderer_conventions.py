"""What all renderers draw and say alike: gaps, lone points, the colour of a line, and names shown as they are.

These rules are public: `wandb_plot` exports them, and docs/renderers.md asks every renderer to keep them.
"""

import numpy as np
import numpy.typing as npt

from wandb_plot.model.figure import Figure, Series
from wandb_plot.model.history import FloatArray

BoolArray = npt.NDArray[np.bool_]

# Told apart without colour too: the contrast to white is 3:1 at least, and from one to the next in grey 1.3:1. The
# order has the greatest differences first.
PALETTE = ("#0070b0", "#e77206", "#8c024c", "#059158", "#7137bf", "#4f2c01", "#191919")


def series_color(series: Series) -> str:
    """The colour of a series as `#rrggbb`: the one that was chosen, else of seven in turn that of its slot."""
    return series.color or PALETTE[series.slot % len(PALETTE)]


def drawable(values: FloatArray, figure: Figure) -> FloatArray:
    """`values` with NaN where they have no place on the figure's y axis: a log axis has none for zero and below."""
    possible = np.isfinite(values)
    if figure.yscale == "log":
        possible &= values > 0
    return np.where(possible, values, np.nan)


def gaps(series: Series, figure: Figure) -> BoolArray:
    """Which points of a series are gaps: something was logged there that can't be drawn. Shape (n,)."""
    return np.isnan(drawable(series.y, figure))


def lone_points(values: FloatArray) -> BoolArray:
    """Which points a line doesn't reach, since neither neighbour is there; they need a marker to be seen.

    Args:
        values: of a line, shape (n,), NaN where there is nothing.
    """
    present = np.pad(np.isfinite(values), 1)
    alone: BoolArray = present[1:-1] & ~present[:-2] & ~present[2:]
    return alone


def gap_label(figure: Figure) -> str:
    """What the mark of a gap means in this figure, for its legend."""
    return "NaN, Inf or ≤ 0" if figure.yscale == "log" else "NaN or Inf"


def empty_label(figure: Figure) -> str:
    """What to write into a figure that has nothing to draw."""
    return "no positive values" if figure.yscale == "log" else "no finite values"


def literal(text: str) -> str:
    r"""Show what has no glyph (control and format characters, lone surrogates) by its escape, such as `\n`."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)

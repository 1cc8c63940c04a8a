"""Seaborn's styles as settings for the drawing that the matplotlib renderer does."""

from functools import cache

import seaborn as sns

from wandb_plot_matplotlib.style import Style

_YELLOW = "#ece133"  # hard to see on white


@cache
def seaborn_style() -> Style:
    """Seaborn's grid and its colour-blind-safe palette, with text for a figure of 8 x 4.5 inches."""
    return Style(
        settings={
            **sns.axes_style("whitegrid"),
            **sns.plotting_context("notebook", font_scale=0.9),
            "axes.axisbelow": True,
        },
        palette=tuple(color for color in sns.color_palette("colorblind").as_hex() if color != _YELLOW),
    )

"""Seaborn's styles as settings for the drawing that the matplotlib renderer does."""

from typing import Any

import seaborn as sns


def seaborn_settings() -> dict[str, Any]:
    """Seaborn's white grid, with text for a figure of 8 x 4.5 inches."""
    return {
        **sns.axes_style("whitegrid"),
        **sns.plotting_context("notebook", font_scale=0.9),
        "axes.axisbelow": True,
    }

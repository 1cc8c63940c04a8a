"""The renderer for smoothing: seaborn's looks, raw lines faint, smoothed lines strong.

It stands on the matplotlib renderer, which does the drawing; seaborn gives the settings. Every number comes from the
core, and colours are those of all renderers. `set_theme`, which is global, is never called.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wandb_plot import Figure, RendererTraits, hookimpl
from wandb_plot_matplotlib import render_with, traits_with


@hookimpl
def renderer_traits() -> RendererTraits:
    """PNG, SVG and PDF, with smoothed lines, bands and panels."""
    return traits_with("smooth", "band", "panels")


@hookimpl
def render_figure(figure: Figure, path: Path) -> None:
    """Draw `figure` into `path`."""
    render_with(_settings, figure, path)


def _settings() -> Mapping[str, Any]:
    # Seaborn imports matplotlib, which has to be set up before.
    from wandb_plot_seaborn.style import seaborn_settings

    return seaborn_settings()

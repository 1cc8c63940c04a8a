"""The default renderer: plain matplotlib on an Agg canvas, without pyplot and its global state.

A renderer that draws with matplotlib too, in other settings, calls `render_with`; everything else here is private.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wandb_plot import Figure, RendererTraits, hookimpl

__all__ = ["render_figure", "render_with", "renderer_traits"]


@hookimpl
def renderer_traits() -> RendererTraits:
    """PNG, SVG and PDF, with bands; the seaborn renderer draws smoothing."""
    return RendererTraits(formats=("png", "svg", "pdf"), draws=frozenset({"band"}), decimate=True)


@hookimpl
def render_figure(figure: Figure, path: Path) -> None:
    """Draw `figure` into `path`."""
    render_with(None, figure, path)


def render_with(look: Callable[[], Mapping[str, Any]] | None, figure: Figure, path: Path) -> None:
    """Draw `figure` into `path` with the rcParams that `look` gives.

    Args:
        look: called once matplotlib may be imported; None for the settings of the matplotlib renderer.
        figure: to be drawn.
        path: with the suffix `.png`, `.svg` or `.pdf`.
    """
    from wandb_plot_matplotlib.cache import use_private_cache

    # Matplotlib looks for its folders once, while it is imported.
    use_private_cache()
    from wandb_plot_matplotlib.canvas import render
    from wandb_plot_matplotlib.style import MATPLOTLIB, style_of

    render(figure, path, style_of(look) if look else MATPLOTLIB)

"""The default renderer: plain matplotlib on an Agg canvas, without pyplot and its global state.

A renderer that draws with matplotlib too, in other settings, takes `traits_with` and `render_with`; everything else
here is private.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wandb_plot import Figure, RendererTraits, hookimpl

__all__ = ["render_figure", "render_with", "renderer_traits", "traits_with"]


@hookimpl
def renderer_traits() -> RendererTraits:
    """PNG, SVG and PDF, with bands and panels; the seaborn renderer draws smoothing."""
    return traits_with("band", "panels")


@hookimpl
def render_figure(figure: Figure, path: Path) -> None:
    """Draw `figure` into `path`."""
    render_with(None, figure, path)


def traits_with(*draws: str) -> RendererTraits:
    """The traits of a renderer that draws with `render_with`, and these optional parts of a figure."""
    from wandb_plot_matplotlib.styling.venues import venue_styles

    styles = ("screen", "paper", *venue_styles(), "*.mplstyle")
    return RendererTraits(
        formats=("png", "svg", "pdf"), draws=frozenset(draws), styles=styles, prepare=_import_matplotlib
    )


def render_with(base: Callable[[], Mapping[str, Any]] | None, figure: Figure, path: Path) -> None:
    """Draw `figure` into `path` with the rcParams that `base` gives, and the style of the figure on top.

    Args:
        base: called once matplotlib may be imported, always the same function; None for the settings of the matplotlib
            renderer.
        figure: to be drawn.
        path: with the suffix `.png`, `.svg` or `.pdf`.
    """
    _import_matplotlib()
    from wandb_plot_matplotlib.file_formats import render
    from wandb_plot_matplotlib.styling.style import look_of, plain

    render(figure, path, look_of(base or plain, figure.style))


def _import_matplotlib() -> None:
    from wandb_plot_matplotlib.styling.cache import use_private_cache

    # Matplotlib looks for its folders once, while it is imported.
    use_private_cache()
    import wandb_plot_matplotlib.file_formats  # noqa: F401

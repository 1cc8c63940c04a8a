"""The renderer for smoothing: seaborn's looks, raw lines faint, smoothed lines strong.

Every number comes from the core; seaborn gives colours and styles, and `set_theme`, which is global, is never called.
"""

from pathlib import Path

from wandb_plot import Figure, RendererTraits, hookimpl


@hookimpl
def renderer_traits() -> RendererTraits:
    """PNG, SVG and PDF, with smoothed lines and bands."""
    return RendererTraits(formats=("png", "svg", "pdf"), draws=frozenset({"smooth", "band"}), decimate=True)


@hookimpl
def render_figure(figure: Figure, path: Path) -> None:
    """Draw `figure` into `path`."""
    from wandb_plot_matplotlib.cache import use_private_cache

    # Matplotlib looks for its folders once, while it is imported.
    use_private_cache()
    from wandb_plot_matplotlib.canvas import render
    from wandb_plot_seaborn.style import seaborn_style

    render(figure, path, seaborn_style())

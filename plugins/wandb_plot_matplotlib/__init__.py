"""The default renderer: plain matplotlib on an Agg canvas, without pyplot and its global state."""

from pathlib import Path

from wandb_plot import Figure, RendererTraits, hookimpl


@hookimpl
def renderer_traits() -> RendererTraits:
    """PNG, SVG and PDF, with bands; the seaborn renderer draws smoothing."""
    return RendererTraits(formats=("png", "svg", "pdf"), draws=frozenset({"band"}), decimate=True)


@hookimpl
def render_figure(figure: Figure, path: Path) -> None:
    """Draw `figure` into `path`."""
    from wandb_plot_matplotlib.cache import use_private_cache

    # Matplotlib looks for its folders once, while it is imported.
    use_private_cache()
    from wandb_plot_matplotlib.canvas import render
    from wandb_plot_matplotlib.style import MATPLOTLIB

    render(figure, path, MATPLOTLIB)

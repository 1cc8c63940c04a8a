"""The renderer for looking closer: interactive HTML, drawn by plotly.js in the browser, without network."""

from importlib.util import find_spec
from pathlib import Path

from wandb_plot import Figure, RendererError, RendererTraits, hookimpl


@hookimpl
def renderer_traits() -> RendererTraits:
    """HTML, with smoothed lines, bands and panels, and every point: it is there to be zoomed into.

    Raises:
        RendererError: plotly isn't installed.
    """
    if find_spec("plotly") is None:
        raise RendererError(
            "the plotly renderer needs the package plotly, which is not installed",
            hint="install it with: pip install 'wandb-plot[html]'",
            code="environment",
        )
    return RendererTraits(formats=("html",), draws=frozenset({"smooth", "band", "panels"}))


@hookimpl
def render_figure(figure: Figure, path: Path) -> None:
    """Write `figure` to `path`, and plotly.js beside it, for all figures of a folder to share."""
    from wandb_plot_plotly.page import write_page

    write_page(figure, path)

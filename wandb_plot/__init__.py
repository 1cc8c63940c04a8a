"""What others import: the names for renderers, and those for notebooks; everything else in this package is private.

The names load on first use (PEP 562): `wandb_plot.model.figure` needs numpy, and `wandb-plot --help` may not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wandb_plot.actions.python_api.draw import Drawing, draw
    from wandb_plot.actions.python_api.open_source import OpenedSource, open_source
    from wandb_plot.errors import RendererError, SubstituteFont, WandbPlotError, WandbPlotWarning
    from wandb_plot.figures.pixel_columns import Columns
    from wandb_plot.figures.renderer_conventions import (
        drawable,
        empty_label,
        gap_label,
        gaps,
        literal,
        lone_points,
        series_color,
    )
    from wandb_plot.model.figure import Figure, Mark, RendererTraits, Series
    from wandb_plot.model.history import Column, History
    from wandb_plot.model.run import Run
    from wandb_plot.renderers.hookspecs import hookimpl

    __version__: str

_HOMES = {
    "Column": "model.history",
    "Columns": "figures.pixel_columns",
    "Drawing": "actions.python_api.draw",
    "Figure": "model.figure",
    "History": "model.history",
    "Mark": "model.figure",
    "OpenedSource": "actions.python_api.open_source",
    "RendererError": "errors",
    "RendererTraits": "model.figure",
    "Run": "model.run",
    "Series": "model.figure",
    "SubstituteFont": "errors",
    "WandbPlotError": "errors",
    "WandbPlotWarning": "errors",
    "draw": "actions.python_api.draw",
    "drawable": "figures.renderer_conventions",
    "empty_label": "figures.renderer_conventions",
    "gap_label": "figures.renderer_conventions",
    "gaps": "figures.renderer_conventions",
    "hookimpl": "renderers.hookspecs",
    "literal": "figures.renderer_conventions",
    "lone_points": "figures.renderer_conventions",
    "open_source": "actions.python_api.open_source",
    "series_color": "figures.renderer_conventions",
}

__all__ = [
    "Column",
    "Columns",
    "Drawing",
    "Figure",
    "History",
    "Mark",
    "OpenedSource",
    "RendererError",
    "RendererTraits",
    "Run",
    "Series",
    "SubstituteFont",
    "WandbPlotError",
    "WandbPlotWarning",
    "__version__",
    "draw",
    "drawable",
    "empty_label",
    "gap_label",
    "gaps",
    "hookimpl",
    "literal",
    "lone_points",
    "open_source",
    "series_color",
]


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in."""
    if name == "__version__":
        from importlib.metadata import version

        return version("wandb-plot")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)

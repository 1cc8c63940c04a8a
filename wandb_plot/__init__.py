"""What the author of a renderer imports; everything else in this package is private.

The names load on first use (PEP 562): `wandb_plot.model.figure` needs numpy, and `wandb-plot --help` may not.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wandb_plot.errors import RendererError, WandbPlotError
    from wandb_plot.figures.conventions import (
        drawable,
        empty_label,
        gap_label,
        gaps,
        literal,
        lone_points,
        series_color,
    )
    from wandb_plot.model.figure import Figure, Mark, RendererTraits, Series
    from wandb_plot.renderers.hookspecs import hookimpl

__all__ = [
    "Figure",
    "Mark",
    "RendererError",
    "RendererTraits",
    "Series",
    "WandbPlotError",
    "drawable",
    "empty_label",
    "gap_label",
    "gaps",
    "hookimpl",
    "literal",
    "lone_points",
    "series_color",
]

_HOMES = {
    "Figure": "model.figure",
    "Mark": "model.figure",
    "RendererError": "errors",
    "RendererTraits": "model.figure",
    "Series": "model.figure",
    "WandbPlotError": "errors",
    "drawable": "figures.conventions",
    "empty_label": "figures.conventions",
    "gap_label": "figures.conventions",
    "gaps": "figures.conventions",
    "hookimpl": "renderers.hookspecs",
    "literal": "figures.conventions",
    "lone_points": "figures.conventions",
    "series_color": "figures.conventions",
}


def __getattr__(name: str) -> Any:
    """Load a public name from the module it lives in."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted(__all__)

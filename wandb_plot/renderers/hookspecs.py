"""The renderer hooks. They don't change: what is new arrives as fields of `Figure` and `Series` with defaults."""

from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from wandb_plot.model.figure import Figure, RendererTraits

PROJECT = "wandb_plot"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def render_figure(figure: "Figure", path: Path) -> None:
    """Draw `figure` and write it to `path`, whose suffix names the format. Required.

    The same figure must give the same bytes, whatever the user's settings. Raise `RendererError` with a message
    that says why, where a figure can't be drawn.
    """


@hookspec(firstresult=True)
def renderer_traits() -> "RendererTraits":  # type: ignore[empty-body]
    """Say what this renderer can do. Optional: without it, PNG, and none of the optional parts."""

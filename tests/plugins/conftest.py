"""Figures drawn on a canvas that tests can ask."""

from collections.abc import Callable

import pytest
from matplotlib.figure import Figure as Canvas

from wandb_plot import Figure
from wandb_plot_matplotlib.canvas import draw as draw_figure
from wandb_plot_matplotlib.styling.fonts import fonts_for
from wandb_plot_matplotlib.styling.style import look_of, plain, settings
from wandb_plot_seaborn.style import seaborn_settings

Draw = Callable[[Figure], Canvas]


@pytest.fixture
def draw() -> Draw:
    """Draw a figure as the matplotlib renderer does, with all its ticks and labels in place."""
    return lambda figure: _drawn(figure, plain)


@pytest.fixture
def draw_smooth() -> Draw:
    """Draw a figure as the seaborn renderer does."""
    return lambda figure: _drawn(figure, seaborn_settings)


def _drawn(figure: Figure, base: Callable[[], dict[str, object]]) -> Canvas:
    look = look_of(base, figure.style)
    with settings(look, fonts_for(figure, look.settings["font.family"])):
        canvas = draw_figure(figure, look)
        canvas.canvas.draw()
    return canvas

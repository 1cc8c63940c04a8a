"""Questions to ask a drawing of matplotlib's."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from PIL import Image

from wandb_plot_matplotlib.gap_marks import GAP
from wandb_plot_matplotlib.marks import MARK


def lines(axes: Axes) -> list[Line2D]:
    """List the lines of series."""
    return [line for line in axes.lines if line.get_label() not in (GAP, MARK)]


def gaps(axes: Axes) -> list[Line2D]:
    """List what marks gaps, one for each series that has any."""
    return [line for line in axes.lines if line.get_label() == GAP]


def gap_places(axes: Axes) -> list[list[float]]:
    """List the x at which gaps are marked, for each series that has any."""
    return [mark.get_xdata()[np.isfinite(mark.get_xdata())].tolist() for mark in gaps(axes)]


def marks(axes: Axes) -> list[Line2D]:
    """List the symbols of marks."""
    return [line for line in axes.lines if line.get_label() == MARK]


def legend(canvas: Canvas) -> list[str]:
    """List the labels in the legend."""
    return [text.get_text() for found in canvas.legends for text in found.get_texts()]


def x_ticks(axes: Axes) -> list[str]:
    """List the labels that are in sight below the axes."""
    low, high = sorted(axes.get_xlim())
    return [t.get_text() for t in axes.get_xticklabels() if low <= t.get_position()[0] <= high]


def y_ticks(axes: Axes) -> list[str]:
    """List the labels that are in sight beside the axes."""
    low, high = sorted(axes.get_ylim())
    return [t.get_text() for t in axes.get_yticklabels() if low <= t.get_position()[1] <= high]


def pixels(path: Path) -> np.ndarray:
    """Read an image as an array of the shape (height, width, 3)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), dtype=int)

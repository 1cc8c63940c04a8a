"""From a figure to a file: the axes, what stands around them, and the bytes."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from PIL import Image

from wandb_plot import Figure, RendererError, empty_label
from wandb_plot_matplotlib.drawing import SECONDS_PER_DAY, draw_series
from wandb_plot_matplotlib.layout import Layout
from wandb_plot_matplotlib.limits import x_limits, y_limits
from wandb_plot_matplotlib.style import NEUTRAL, Style, settings

# No dates and no versions: the same figure has the same bytes.
_METADATA = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
# The years 1 to 9999, which are all that datetime knows; a time beyond them is shown as a number.
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799


def render(figure: Figure, path: Path, style: Style) -> None:
    """Draw `figure` in `style` and write it to `path`, whose suffix is `.png`, `.svg` or `.pdf`.

    Raises:
        RendererError: the suffix is another one.
    """
    format = path.suffix.removeprefix(".").lower()  # noqa: A001 -- matplotlib's word for it
    if format != "png" and format not in _METADATA:
        raise RendererError(f"can't write {path.name!r}: png, svg and pdf are what matplotlib draws here")
    with settings(style):
        canvas = draw(figure, style)
        if format == "png":
            _write_png(canvas, path)
        else:
            canvas.savefig(path, format=format, metadata=_METADATA[format])


def draw(figure: Figure, style: Style) -> Canvas:
    """Lay out `figure` on a canvas; call it under `settings(style)`.

    Returns:
        A canvas that the next call may draw on anew.
    """
    xlim = x_limits(figure)
    if figure.xscale == "time" and not (min(xlim) >= _FIRST_SECOND and max(xlim) <= _LAST_SECOND):
        figure = replace(figure, xscale="linear")
    ylim = y_limits(figure, xlim)
    log_y = figure.yscale == "log" and ylim is not None
    canvas, axes = _blank(style, figure.size, figure.dpi, figure.xscale == "log", log_y)
    entries = draw_series(axes, figure)
    unit = SECONDS_PER_DAY if figure.xscale == "time" else 1
    axes.set_xlim(xlim[0] / unit, xlim[1] / unit)
    axes.set_ylim(ylim or (0.0, 1.0))
    layout = Layout(canvas, axes, figure)
    layout.set_y_ticks(ylim)
    layout.place_legend(entries)
    layout.place_labels()
    layout.set_x_ticks(xlim)
    if ylim is None:
        axes.text(
            0.5, 0.5, empty_label(figure), transform=axes.transAxes, ha="center", va="center", color=NEUTRAL, size=12
        )
    return canvas


def _blank(style: Style, size: tuple[float, float], dpi: int, log_x: bool, log_y: bool) -> tuple[Canvas, Axes]:
    canvas, axes = _canvas(style, size, dpi, log_x, log_y)
    for artist in (*axes.lines, *axes.collections, *axes.texts, *canvas.texts, *canvas.legends):
        artist.remove()
    return canvas, axes


@lru_cache(maxsize=4)
def _canvas(style: Style, size: tuple[float, float], dpi: int, log_x: bool, log_y: bool) -> tuple[Canvas, Axes]:
    # Axes and their ticks cost more to make than to draw, so figures that look alike share them.
    del style  # only a key here: its settings are in force
    canvas = Canvas(figsize=size, dpi=dpi)
    FigureCanvasAgg(canvas)
    axes = canvas.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.set_xscale("log" if log_x else "linear")
    axes.set_yscale("log" if log_y else "linear")
    return canvas, axes


def _write_png(canvas: Canvas, path: Path) -> None:
    # Untyped in matplotlib's stubs.
    agg: Any = canvas.canvas
    agg.draw()
    image = Image.frombuffer("RGBA", agg.get_width_height(), agg.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
    # Run-length encoding: twice as fast as the default, no larger for drawings, and the same bytes in every zlib.
    image.save(path, format="PNG", compress_type=3, dpi=(canvas.dpi, canvas.dpi))

"""Draws a figure that its user made of arrays, with the same renderers as the figures of runs."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from wandb_plot.errors import MachineError
from wandb_plot.figures.m4_decimation import decimate_figure
from wandb_plot.model.figure import Figure
from wandb_plot.renderers.choice import choose_renderer


@dataclass(frozen=True)
class Drawing:
    """A figure that a renderer can draw; as the last value of a notebook's cell it shows itself.

    Attributes:
        figure: what is drawn.
        renderer: the name of a renderer; None for the first of matplotlib, seaborn that can draw the figure.
    """

    figure: Figure
    renderer: str | None = None

    def save(self, path: str | Path) -> Path:
        """Draw into the file `path`, whose suffix says the format, and give its path; its folder is made.

        Raises:
            UsageError: the renderer can't draw the figure, or doesn't write that format.
            RendererError: it failed.
            MachineError: the file can't be written.
        """
        target = Path(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # On the same file system, so that the file is there whole or not at all.
            with tempfile.TemporaryDirectory(prefix=".wandb-plot-", dir=target.parent) as stage:
                self._render(Path(stage, target.name))
                for made in sorted(Path(stage).iterdir(), key=lambda file: file.name == target.name):
                    made.replace(target.parent / made.name)
        except OSError as error:
            raise MachineError(f"can't write {target}: {error.strerror or error}") from error
        return target

    def png(self) -> bytes:
        """The bytes of a PNG.

        Raises:
            UsageError: the renderer can't draw the figure, or writes no PNG.
            RendererError: it failed.
        """
        with tempfile.TemporaryDirectory(prefix="wandb-plot-") as stage:
            path = Path(stage, "figure.png")
            self._render(path)
            return path.read_bytes()

    def _repr_png_(self) -> bytes:
        return self.png()

    def _render(self, path: Path) -> None:
        suffix = path.suffix.removeprefix(".")
        renderer = choose_renderer(self.renderer, format=suffix, draws=_features(self.figure), style=self.figure.style)
        renderer.render(decimate_figure(self.figure) if renderer.traits.decimate else self.figure, path)


def draw(figure: Figure, path: str | Path | None = None, *, renderer: str | None = None) -> Drawing:
    """A drawing of `figure`, which is saved too where a `path` is given.

    Args:
        figure: of any series, such as `Figure(title="", xlabel="step", ylabel="loss", series=[...])`.
        path: where to save it; its suffix says the format.
        renderer: the name of one; None for the first of matplotlib, seaborn that can draw the figure.

    Raises:
        WandbPlotError: what `Drawing.save` raises.
    """
    drawing = Drawing(figure, renderer)
    if path is not None:
        drawing.save(path)
    return drawing


def _features(figure: Figure) -> list[str]:
    """What a renderer must draw besides lines, as `RendererTraits.draws` names it."""
    series = [one for panel in (figure, *figure.panels) for one in panel.series]
    needed = {
        "smooth": any(one.smooth is not None for one in series),
        "band": any(one.low is not None for one in series),
        "panels": bool(figure.panels),
    }
    return [feature for feature, is_needed in needed.items() if is_needed]

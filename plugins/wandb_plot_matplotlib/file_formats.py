"""From a drawing to the bytes of a file, with the figure's words in it."""

import html
import io
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Canvas
from PIL import Image

from wandb_plot import Figure, RendererError, literal
from wandb_plot_matplotlib.canvas import draw
from wandb_plot_matplotlib.styling.fonts import fonts_for
from wandb_plot_matplotlib.styling.style import PAPER_FONT, PAPER_FONT_FALLBACKS, Look, settings

FORMATS = ("png", "svg", "pdf")


def render(figure: Figure, path: Path, look: Look) -> None:
    """Draw `figure` with `look` and write it to `path`, whose suffix is `.png`, `.svg` or `.pdf`.

    Raises:
        RendererError: the suffix is another one.
    """
    suffix = path.suffix.removeprefix(".").lower()
    if suffix not in FORMATS:
        raise RendererError(f"can't write {path.name!r}: png, svg and pdf are what matplotlib draws here")
    with settings(look, fonts_for(figure, look.settings["font.family"])):
        canvas = draw(figure, look)
        if suffix == "png":
            _write_png(canvas, path)
        elif suffix == "svg":
            _write_svg(canvas, figure, path)
        else:
            _write_pdf(canvas, figure, path)


def _title(figure: Figure) -> str:
    return literal(figure.title or figure.ylabel)


def _write_png(canvas: Canvas, path: Path) -> None:
    # Untyped in matplotlib's stubs.
    agg: Any = canvas.canvas
    agg.draw()
    image = Image.frombuffer("RGBA", agg.get_width_height(), agg.buffer_rgba(), "raw", "RGBA", 0, 1).convert("RGB")
    # Run-length encoding: twice as fast as the default, no larger for drawings, and the same bytes in every zlib.
    image.save(path, format="PNG", compress_type=3, dpi=(canvas.dpi, canvas.dpi))


def _write_svg(canvas: Canvas, figure: Figure, path: Path) -> None:
    drawn = io.StringIO()
    # No dates and no versions: the same figure has the same bytes.
    title = {"Title": _title(figure)} if _title(figure) else {}
    canvas.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, **title})
    svg = _with_fallback_fonts(drawn.getvalue())
    # Matplotlib writes no description where readers of screens look for one.
    description = f"<desc>{html.escape(literal(figure.alt), quote=False)}</desc>\n" if figure.alt else ""
    if description:
        at = svg.index("</title>") + len("</title>\n") if "</title>" in svg else svg.index(">", svg.index("<svg")) + 2
        svg = svg[:at] + " " + description + svg[at:]
    path.write_text(svg, encoding="utf-8", newline="\n")


def _with_fallback_fonts(svg: str) -> str:
    """Name further fonts for the text of an SVG, of about the same widths: not every viewer has the font of papers."""
    return svg.replace(f"'{PAPER_FONT}'", ", ".join(f"'{family}'" for family in (PAPER_FONT, *PAPER_FONT_FALLBACKS)))


def _write_pdf(canvas: Canvas, figure: Figure, path: Path) -> None:
    texts = {"Title": _title(figure), "Subject": literal(figure.alt)}
    said = {name: text for name, text in texts.items() if text}
    canvas.savefig(path, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None, **said})

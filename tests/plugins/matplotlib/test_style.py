"""The styles of a figure: for a screen, for print, for a venue, and of one's own."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import wandb_plot_matplotlib
import wandb_plot_seaborn
from tests.plugins.conftest import Draw
from tests.plugins.drawn import legend, lines, marks
from tests.plugins.figures import figure, series
from wandb_plot import Figure, Mark, RendererError, series_color

NAN = float("nan")


def inches(path: Path, dpi: int = 100) -> tuple[float, float]:
    """The size of an image at so many pixels an inch."""
    with Image.open(path) as image:
        return image.width / dpi, image.height / dpi


def two_runs(**fields: object) -> Figure:
    """A figure of two runs."""
    x = np.linspace(0, 5, 200)
    return figure(series(np.exp(-x), label="wide"), series(np.exp(-x / 2), label="deep", slot=1), **fields)


@pytest.mark.parametrize("renderer", [wandb_plot_matplotlib, wandb_plot_seaborn])
def test_styles_are_offered(renderer: object) -> None:
    """The renderers that draw with matplotlib say which styles they know, the one for screens first."""
    styles: Sequence[str] = renderer.renderer_traits().styles  # type: ignore[attr-defined]
    assert styles[0] == "screen"
    assert {"paper", "*.mplstyle"} <= set(styles)
    assert ("neurips2024:half" in styles) == (find_spec("tueplots") is not None)


def test_paper(draw: Draw, tmp_path: Path) -> None:
    """In print a figure is as wide as a column, with small text, thin lines and no title."""
    wandb_plot_matplotlib.render_figure(two_runs(style="paper"), tmp_path / "loss.png")
    assert inches(tmp_path / "loss.png") == pytest.approx((3.25, 2), abs=0.02)
    canvas = draw(two_runs(style="paper", title="loss of two runs"))
    (axes,) = canvas.axes
    assert [text.get_text() for text in canvas.texts] == []
    assert axes.xaxis.label.get_size() == 8
    assert max(line.get_linewidth() for line in lines(axes)) <= 1
    assert legend(canvas) == ["wide", "deep"]


def test_paper_of_several_panels_is_as_wide_as_a_page(tmp_path: Path) -> None:
    """Panels side by side are as wide as a page of two columns."""
    wanted = Figure(title="", xlabel="", ylabel="", series=(), panels=(two_runs(), two_runs()), style="paper")
    wandb_plot_matplotlib.render_figure(wanted, tmp_path / "loss.png")
    assert inches(tmp_path / "loss.png")[0] == 6.75


def test_a_legend_above_a_column_makes_the_figure_higher(tmp_path: Path) -> None:
    """Where a legend has no place within the axes, the axes keep their height."""
    y = np.random.default_rng(0).uniform(size=200)
    crowded = figure(*[series(y, label=f"run {k}", slot=k) for k in range(3)], style="paper")
    wandb_plot_matplotlib.render_figure(crowded, tmp_path / "loss.png")
    width, height = inches(tmp_path / "loss.png")
    assert width == 3.25
    assert height > 2.1


def test_size_that_was_asked_for_is_kept(tmp_path: Path) -> None:
    """A size that the user chose wins over that of a style."""
    wandb_plot_matplotlib.render_figure(two_runs(style="paper", size=(5, 2)), tmp_path / "loss.png")
    assert inches(tmp_path / "loss.png") == (5, 2)


def test_venue(tmp_path: Path) -> None:
    """A venue's style has its width, as tueplots says it."""
    bundles = pytest.importorskip("tueplots.bundles")
    wandb_plot_matplotlib.render_figure(two_runs(style="icml2024:half"), tmp_path / "half.png")
    wandb_plot_matplotlib.render_figure(two_runs(style="neurips2024:full"), tmp_path / "full.png")
    expected = bundles.icml2024(column="half")["figure.figsize"], bundles.neurips2024()["figure.figsize"]
    for name, size in zip(("half", "full"), expected, strict=True):
        assert inches(tmp_path / f"{name}.png") == pytest.approx(size, abs=0.01)


def test_unknown_venue_says_what_to_install(tmp_path: Path) -> None:
    """A style that nobody knows is an error that names the extra."""
    with pytest.raises(RendererError, match="no style is called 'neurips1999:half'") as caught:
        wandb_plot_matplotlib.render_figure(two_runs(style="neurips1999:half"), tmp_path / "loss.png")
    assert "wandb-plot[paper]" in str(caught.value.hint)


def test_style_of_a_file(draw: Draw, tmp_path: Path) -> None:
    """A file as matplotlib takes it gives size, widths and colours; a chosen colour wins over its cycle."""
    path = tmp_path / "mine.mplstyle"
    path.write_text(
        "lines.linewidth: 3\nfigure.figsize: 5, 3\nbackend: pdf\n"
        "axes.prop_cycle: cycler('color', ['ff0000', '00aa00'])\n"
    )
    backend = mpl.rcParams["backend"]
    canvas = draw(two_runs(style=str(path)))
    assert [line.get_color() for line in lines(canvas.axes[0])] == ["#ff0000", "#00aa00"]
    assert lines(canvas.axes[0])[0].get_linewidth() == 3
    assert canvas.get_size_inches().tolist() == [5, 3]
    assert mpl.rcParams["backend"] == backend
    (axes,) = draw(figure(series([1, 2], color="#123456"), style=str(path))).axes
    assert lines(axes)[0].get_color() == "#123456"
    assert series_color(series([1, 2])) != "#ff0000"


def test_a_style_with_a_ground_of_its_own_is_legible(draw: Draw, tmp_path: Path) -> None:
    """On a dark ground every text, tick and mark stands out from it, and there is no grid unless the style has one."""
    path = tmp_path / "dark.mplstyle"
    # What matplotlib's own dark style says.
    path.write_text(
        "axes.facecolor: black\nfigure.facecolor: black\nsavefig.facecolor: black\ntext.color: white\n"
        "axes.labelcolor: white\naxes.edgecolor: white\nxtick.color: white\nytick.color: white\ngrid.color: white\n"
    )
    wanted = series(
        [1, NAN, 3, 4],
        label="a",
        marks=(Mark(kind="runs", x=2, y=3, text="n=2→1"), Mark(kind="crashed", x=3, y=4, text="crashed")),
    )
    canvas = draw(figure(wanted, style=str(path), note="3 points outside"))
    (axes,) = canvas.axes
    ticks = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    texts = [*canvas.texts, *canvas.legends[0].get_texts(), *axes.texts, axes.xaxis.label, *ticks]
    assert min(max(mpl.colors.to_rgb(text.get_color())) for text in texts) > 0.4
    assert not any(line.get_visible() for line in axes.xaxis.get_gridlines())
    (halo,) = {text.get_path_effects()[0]._gc["foreground"] for text in axes.texts if text.get_path_effects()}
    assert halo == "#000000"
    assert {mark.get_markerfacecolor() for mark in marks(axes)} == {"#000000", series_color(wanted)}


@pytest.mark.parametrize("content", [None, "lines.linewidth: thick\n", "no such setting: 1\n", "\0\xff"])
def test_a_bad_file_is_said(tmp_path: Path, content: str | None) -> None:
    """A style that isn't there or can't be read is an error that names it."""
    path = tmp_path / "mine.mplstyle"
    if content is not None:
        path.write_bytes(content.encode("latin-1"))
    with pytest.raises(RendererError, match=r"mine\.mplstyle"):
        wandb_plot_matplotlib.render_figure(two_runs(style=str(path)), tmp_path / "loss.png")


def test_a_run_has_one_colour_in_both_renderers(draw: Draw, draw_smooth: Draw) -> None:
    """A run that is smoothed has the colour that it has without."""
    wanted = series([1, 3, 2], slot=4)
    (plain,) = draw(figure(wanted)).axes
    (smooth,) = draw_smooth(figure(series([1, 3, 2], smooth=[2, 2, 2], slot=4))).axes
    assert {line.get_color() for line in (*lines(plain), *lines(smooth))} == {series_color(wanted)}


def test_rows_of_panels_in_print_have_height(tmp_path: Path) -> None:
    """Each row of panels of a paper is as high as a figure of one row, and a column of panels as wide as one."""
    parts = tuple(two_runs() for _ in range(4))
    for across, width in ((2, 6.75), (1, 3.25)):
        wanted = Figure(title="", xlabel="", ylabel="", series=(), panels=parts, across=across, style="paper")
        wandb_plot_matplotlib.render_figure(wanted, tmp_path / "loss.png")
        size = inches(tmp_path / "loss.png")
        assert size[0] == width
        assert size[1] / (4 / across) == pytest.approx(2, abs=0.3)

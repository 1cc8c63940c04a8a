"""The files that the matplotlib renderer writes."""

# ruff: noqa: S314 -- the XML is our own

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest

import wandb_plot_matplotlib
import wandb_plot_seaborn
from tests.plugins.drawn import pixels
from tests.plugins.figures import figure, series
from wandb_plot import RendererError, WandbPlotWarning
from wandb_plot_matplotlib import canvas as canvases
from wandb_plot_matplotlib.styling import style
from wandb_plot_matplotlib.styling.style import look_of, plain, settings

BASELINES = Path(__file__).with_name("baselines")
NAN = float("nan")
YScale = Literal["linear", "log"]
NAMES = [
    "$x_1^2$",
    r"$\frac{a}",
    "_hidden",
    "a_b^c",
    "学習率 🚀",
    "مرحبا",
    "two\nlines",
    "\x1b[31mred",
    "\udcff",
    "&<>\"'",
    "",
]


@pytest.mark.parametrize(
    "y",
    [
        [1e-320, 2e-320],
        [1e300, -1e300],
        [1.79e308, -1.79e308],
        [1e-308, 1.79e308],
        [5.0] * 9,
        [1e9] * 9,
        [0.0] * 9,
        [1.0, 1.0 + 2**-52],
        [float("inf"), 1, float("-inf")],
    ],
)
@pytest.mark.parametrize("yscale", ["linear", "log"])
def test_extreme_values_are_drawn(tmp_path: Path, y: list[float], yscale: YScale) -> None:
    """No finite float is too large, too small or too constant to be drawn."""
    wandb_plot_matplotlib.render_figure(figure(series(y), yscale=yscale), tmp_path / "loss.png")
    assert pixels(tmp_path / "loss.png").shape[1::-1] == (800, 450)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_any_name_is_drawn(tmp_path: Path, suffix: str) -> None:
    """No name of a run or metric keeps a figure from being drawn; what no font has is the only warning."""
    path = tmp_path / f"loss.{suffix}"
    for name in NAMES:
        wanted = figure(
            series([1, 2], label=name), series([2, 3], label=name, slot=1), title=name, xlabel=name, ylabel=name
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WandbPlotWarning)
            wandb_plot_matplotlib.render_figure(wanted, path)
        assert path.stat().st_size > 1000


def test_a_figure_leaves_no_trace_in_the_next(tmp_path: Path) -> None:
    """What was drawn before doesn't show: figures share their axes."""
    simple = figure(series(np.arange(50) ** 2))
    rich = figure(
        series(np.r_[np.arange(9) * 1e9, NAN, 5], low=np.zeros(11), high=np.ones(11), label="b"),
        series([NAN] * 3, slot=4),
        xscale="time",
    )
    for suffix in ("png", "svg"):
        first, again = tmp_path / f"first.{suffix}", tmp_path / f"again.{suffix}"
        canvases._canvas.cache_clear()
        wandb_plot_matplotlib.render_figure(simple, first)
        for between in (rich, figure(series([NAN])), rich):
            wandb_plot_matplotlib.render_figure(between, tmp_path / f"between.{suffix}")
        wandb_plot_matplotlib.render_figure(simple, again)
        assert first.read_bytes() == again.read_bytes()


def test_settings_of_the_process_stay(tmp_path: Path) -> None:
    """Drawing leaves rcParams as it found them."""
    before = dict(mpl.rcParams)
    wandb_plot_matplotlib.render_figure(figure(series([1, 2])), tmp_path / "loss.png")
    assert dict(mpl.rcParams) == before


def test_other_suffix_is_refused(tmp_path: Path) -> None:
    """A suffix that isn't among the renderer's formats is an error that says so."""
    with pytest.raises(RendererError, match="png, svg and pdf"):
        wandb_plot_matplotlib.render_figure(figure(series([1])), tmp_path / "loss.gif")


@pytest.mark.parametrize("name", ["gaps", "band", "many"])
def test_pixels(tmp_path: Path, name: str) -> None:
    """The drawing without its texts looks as it did: the same pixels from one matplotlib to the next."""
    x = np.linspace(0, 6, 200)
    wanted = {
        "gaps": figure(
            series(np.where((x > 2) & (x < 3), NAN, np.sin(x)), x), series([0.5, NAN, 0.2, NAN], [1, 2, 4, 5], slot=1)
        ),
        "band": figure(series(np.sin(x), x, low=np.sin(x) - 0.2, high=np.sin(x) + 0.2, slot=2)),
        "many": figure(*[series(np.sin(x + k), x, slot=k * 4) for k in range(9)]),
    }[name]
    wanted = replace(wanted, size=(4, 2.5), dpi=80)
    look = look_of(plain, "screen")
    with settings(look):
        canvas = canvases.draw(wanted, look)
        bare = [*canvas.texts, *canvas.legends, canvas.axes[0].xaxis, canvas.axes[0].yaxis]
        canvas.axes[0].set_position((0.1, 0.1, 0.8, 0.8))
        for artist in bare:
            artist.set_visible(False)
        try:
            canvas.savefig(tmp_path / "drawn.png")
        finally:
            canvases._canvas.cache_clear()
    differences = np.abs(pixels(tmp_path / "drawn.png") - pixels(BASELINES / f"{name}.png"))
    assert differences.max() <= 2, f"{(differences > 2).sum()} channels differ; drawn: {tmp_path / 'drawn.png'}"


def test_svg_says_in_words_what_it_shows(tmp_path: Path) -> None:
    """An SVG has the figure's title and its words where readers of screens look for them, and nothing is markup."""
    path = tmp_path / "loss.svg"
    wandb_plot_matplotlib.render_figure(figure(series([1, 2]), title="a<b", alt="Line chart of a & b: 1 -> 2."), path)
    root = ET.parse(path).getroot()
    named = [(child.tag.rpartition("}")[2], child.text) for child in root][:2]
    assert named == [("title", "a<b"), ("desc", "Line chart of a & b: 1 -> 2.")]
    wandb_plot_matplotlib.render_figure(figure(series([1, 2]), title="", ylabel=""), path)
    assert ET.parse(path).getroot().tag.endswith("svg")


def test_text_of_a_paper_stays_text(tmp_path: Path) -> None:
    """In the style of a paper the text of an SVG is text; else it is outlines, which look the same everywhere."""
    path = tmp_path / "loss.svg"
    wandb_plot_matplotlib.render_figure(figure(series([1, 2]), ylabel="train/loss", style="paper"), path)
    texts = ["".join(found.itertext()) for found in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    assert "train/loss" in texts
    assert "'STIXGeneral', 'STIX Two Text', 'Times New Roman'" in path.read_text()
    wandb_plot_matplotlib.render_figure(figure(series([1, 2]), ylabel="train/loss"), path)
    assert not list(ET.parse(path).iter("{http://www.w3.org/2000/svg}text"))


@pytest.mark.parametrize("style", ["screen", "paper"])
def test_pdf_embeds_its_fonts_and_has_words(tmp_path: Path, style: str) -> None:
    """Every font of a PDF is embedded as TrueType, which publishers ask for, and title and words are its metadata."""
    pikepdf = pytest.importorskip("pikepdf")
    path = tmp_path / "loss.pdf"
    wanted = figure(
        series([1, 1e-9], low=[0.5, 1e-10], high=[2, 1e-8], label="≤ 3 (n=3→2)"),
        yscale="log",
        title="loss of a",
        legend_title="mean ± std",
        note="3 points outside",
        alt="Line chart: 1 -> 2.",
        style=style,
    )
    wandb_plot_matplotlib.render_figure(wanted, path)
    with pikepdf.open(path) as document:
        dictionaries = [found for found in document.objects if isinstance(found, pikepdf.Dictionary)]
        fonts = [found for found in dictionaries if found.get("/Type") == "/Font"]
        assert {str(font.Subtype) for font in fonts} == {"/Type0", "/CIDFontType2"}
        assert all("/FontFile2" in font.FontDescriptor for font in fonts if font.Subtype == "/CIDFontType2")
        assert (document.docinfo["/Title"], document.docinfo["/Subject"]) == ("loss of a", "Line chart: 1 -> 2.")


def test_long_faint_lines_have_no_stripes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A translucent line is as dark at every point: it is drawn in one piece, as in an SVG.

    Drawn in pieces, the ends of each would be drawn twice, as dark columns.
    """
    steps = np.arange(3_000.0)
    wanted = figure(series(np.sin(steps / 40), steps, smooth=np.zeros(3_000)), size=(20, 3))

    def columns_that_differ(chunk: int) -> int:
        monkeypatch.setitem(style._FIXED, "agg.path.chunksize", chunk)
        wandb_plot_seaborn.render_figure(wanted, tmp_path / "pieces.png")
        differences = np.abs(pixels(tmp_path / "drawn.png") - pixels(tmp_path / "pieces.png"))
        return int(np.count_nonzero(differences.max(axis=(0, 2))))

    wandb_plot_seaborn.render_figure(wanted, tmp_path / "drawn.png")
    assert columns_that_differ(0) == 0
    assert columns_that_differ(500) >= 5

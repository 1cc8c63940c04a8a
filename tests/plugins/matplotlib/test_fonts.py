"""Fonts for what the usual one has no glyphs for."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager

import wandb_plot_matplotlib
from tests.conftest import Command
from tests.plugins.drawn import pixels
from tests.plugins.figures import figure, series
from wandb_plot import WandbPlotWarning
from wandb_plot.renderers.loading import load_renderer
from wandb_plot_matplotlib.styling import fonts

GLYPH = "\U00013000"  # of Egypt: a character that the font made here has


@pytest.fixture(autouse=True)
def _only_usual_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forget what other fonts this machine has than those that matplotlib brings."""
    usual = [font for font in font_manager.fontManager.ttflist if font.name.startswith(("DejaVu", "Last Resort"))]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", usual)
    monkeypatch.setattr(fonts, "findSystemFonts", list)
    fonts._chosen.cache_clear()
    yield
    fonts._chosen.cache_clear()


@pytest.fixture
def _font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _only_usual_fonts: None) -> None:
    """Install a font whose only glyph is a square."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 700), (800, 700), (800, 0)):
        pen.lineTo(corner)
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord(GLYPH): "square"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (900, 0), "square": (900, 100)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Square", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path = tmp_path / "square.ttf"
    builder.save(path)
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(path)])


@pytest.mark.usefixtures("_font")
def test_an_installed_font_is_used(tmp_path: Path) -> None:
    """What the usual font lacks is drawn in an installed one that has it; it is named, and warned of to nobody."""
    wanted = figure(series([1, 2]), title=f"loss {GLYPH}")
    assert load_renderer("matplotlib").render(wanted, tmp_path / "with.png") == ["Square"]
    assert load_renderer("matplotlib").render(figure(series([1, 2]), title="loss \u25a1"), tmp_path / "other.png") == []
    assert (pixels(tmp_path / "with.png") != pixels(tmp_path / "other.png")).any()


@pytest.mark.usefixtures("_font")
def test_metadata_names_the_font(wandb_plot: Command, recorded: Path, tmp_path: Path) -> None:
    """A figure's entry says which installed font was taken; that of one which needed none doesn't."""
    for metric, words in (("train/loss", ("--title", GLYPH)), ("nested.a", ())):
        wandb_plot("generate", recorded, "base0001", "--metrics", metric, "--output", tmp_path, *words)
    files = json.loads((tmp_path / "metadata.json").read_bytes())["files"]
    assert {name: entry.get("fonts") for name, entry in files.items()} == {
        "train_loss.png": ["Square"],
        "nested.a.png": None,
    }


def test_a_missing_script_is_named_once(tmp_path: Path) -> None:
    """Where no installed font has the glyphs, one warning a figure names each script and its characters."""
    wanted = figure(series([1, 2], label="\u640d"), series([1, 3], label=GLYPH, slot=1), title=GLYPH)
    with pytest.warns(WandbPlotWarning) as told:
        wandb_plot_matplotlib.render_figure(wanted, tmp_path / "loss.png")
    (warning,) = told
    assert f"no installed font has glyphs for CJK (\u640d), Egyptian ({GLYPH})" in str(warning.message)


def test_plain_text_asks_for_nothing() -> None:
    """Text that the usual font has looks at no other, and doesn't warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fonts.fonts_for(figure(series([1]), title="température ± µ"), ["DejaVu Sans"]) == ()

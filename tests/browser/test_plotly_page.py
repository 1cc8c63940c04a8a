"""The page of the plotly renderer in a browser, from `file://`: what is drawn, and what must not run."""

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

import wandb_plot_plotly
from tests.browser.chromium import PROGRAM, Chromium
from tests.plugins.figures import figure, series

if PROGRAM is None:
    pytest.skip("the page is not tried in a browser: chromium is not installed", allow_module_level=True)

pytest.importorskip("plotly")

DESKTOP = (1280, 800)
FOREIGN = "window.foreign = true; window.Plotly = {newPlot() {}};"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser for all tests here: it takes seconds to start."""
    with Chromium(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


def test_figure_is_drawn(browser: Chromium, tmp_path: Path) -> None:
    """A page draws its figure with what lies beside it, asks for nothing else, and breaks no policy."""
    path = tmp_path / "loss.html"
    wandb_plot_plotly.render_figure(figure(series([1, 2, 3]), series([3, 2, 1], slot=1)), path)
    browser.open(path.as_uri(), DESKTOP)
    assert browser.evaluate("drawn.then(() => document.querySelectorAll('.trace').length)") == 2
    assert all(asked.startswith((tmp_path.as_uri(), "data:", "blob:")) for asked in browser.requested())
    assert browser.complaints() == []


def test_a_foreign_companion_does_not_run(browser: Chromium, tmp_path: Path) -> None:
    """Where another file lies under the companion's name, what it holds isn't run, and the page says what is wrong."""
    path = tmp_path / "loss.html"
    wandb_plot_plotly.render_figure(figure(series([1, 2, 3])), path)
    (companion,) = tmp_path.glob("*.css")
    packed = base64.b64encode(gzip.compress(FOREIGN.encode())).decode()
    companion.write_text(f':root {{ --plotly: "{packed}"; }}')
    browser.open(path.as_uri(), DESKTOP)
    assert browser.evaluate("drawn.then(() => window.foreign === undefined)") is True
    said = browser.evaluate("drawn.then(() => document.getElementById('figure').textContent)")
    assert said == f"{companion.name} has to lie in the same folder as this page, as it was written."

"""The same figure has the same bytes, whatever is set up around the process that draws it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Draws what reacts to surroundings: dates, decimal points, names, fonts, colours, gaps, bands, ids of SVG elements.
DRAW = """
import hashlib, json, locale, sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from tests.plugins.figures import figure, series
from wandb_plot.renderers.loading import load_renderer

with suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")
x = np.linspace(0, 9, 400)
y = np.where((x > 4) & (x < 5), np.nan, np.exp(-x))
dates = 1.77e9 + 1e5 * x
digests = {}
for name in sys.argv[1:]:
    renderer = load_renderer(name)
    smooth = y * 1.1 if "smooth" in renderer.traits.draws else None
    extra = {} if smooth is None else {"smooth": smooth}
    style = "paper" if "paper" in renderer.traits.styles else "screen"
    figures = [
        figure(series(y, x, low=y / 2, high=y * 2, **extra), series(y / 3, x, slot=30, label="$x$ 学"), yscale="log"),
        figure(series(y * 1.5e-7, dates, **extra), xscale="time", title="_a^b ä"),
        figure(series(y, x, low=y / 2, high=y * 2, **extra), style=style, alt="Line chart.", note="a note"),
    ]
    for number, wanted in enumerate(figures):
        for suffix in renderer.traits.formats:
            path = Path(f"{name}{number}.{suffix}")
            renderer.render(wanted, path, warn=lambda text: None)  # which script no font has
            digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
print(json.dumps(digests))
"""

MATPLOTLIBRC = """
font.family: serif
font.size: 22
figure.dpi: 37
figure.autolayout: True
savefig.dpi: 61
savefig.bbox: tight
axes.prop_cycle: cycler(color=["red", "lime"])
axes.formatter.use_locale: True
lines.linewidth: 9
lines.marker: x
path.simplify: False
svg.fonttype: none
pdf.compression: 0
timezone: Asia/Tokyo
text.parse_math: True
"""


RENDERERS = ("matplotlib", "seaborn", "plotly")


def draw(folder: Path, environment: Mapping[str, str], renderers: Iterable[str] = RENDERERS) -> dict[str, str]:
    """Draw in `folder` with just this environment; give the digests by file name."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", DRAW, *renderers],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    # Matplotlib says that it looks for fonts where that takes five seconds, as on a busy machine it may.
    assert [line for line in done.stderr.splitlines() if "building the font cache" not in line] == []
    assert done.returncode == 0
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give the digests of the plainest surroundings."""
    return draw(tmp_path_factory.mktemp("plain"), {"PYTHONHASHSEED": "0"})


def test_every_format_is_compared(expected: dict[str, str]) -> None:
    """Every format of every shipped renderer is compared, and no two files are the same."""
    assert {name.partition(".")[2] for name in expected} == {"png", "svg", "pdf", "html"}
    assert len(set(expected.values())) == len(expected) == 21


# Each process that draws takes seconds, so each is told several things that must not matter.
SURROUNDINGS = {
    "zone, hash seed, matplotlibrc in the current folder": (
        {"PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        ".",
        RENDERERS,
    ),
    "clock, backend, language, no home": (
        {"SOURCE_DATE_EPOCH": "86400", "MPLBACKEND": "no such backend", "DISPLAY": ":99"}
        | {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "HOME": "/nonexistent"}
        | {"XDG_CACHE_HOME": "/dev/null/cache", "XDG_CONFIG_HOME": "/dev/null/config"},
        None,
        RENDERERS,
    ),
    # All that draw with matplotlib set it up in the same way.
    "matplotlibrc that MATPLOTLIBRC names": ({"MATPLOTLIBRC": "elsewhere"}, "elsewhere", ("matplotlib",)),
    "matplotlibrc in the home": ({}, "home/.config/matplotlib", ("matplotlib",)),
}


@pytest.mark.parametrize(("environment", "settings", "renderers"), SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_surroundings_change_nothing(
    expected: dict[str, str],
    tmp_path: Path,
    environment: dict[str, str],
    settings: str | None,
    renderers: tuple[str, ...],
) -> None:
    """Time zone, language, hash seed, clock, backend, home and matplotlibrc reach no figure, nor stderr."""
    if settings:
        (tmp_path / settings).mkdir(parents=True, exist_ok=True)
        (tmp_path / settings / "matplotlibrc").write_text(MATPLOTLIBRC)
    drawn = draw(tmp_path, {"TMPDIR": str(tmp_path), **environment}, renderers)
    assert drawn == {name: digest for name, digest in expected.items() if name.startswith(renderers)}

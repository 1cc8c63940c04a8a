"""Renderers are found through the metadata of real distributions, and a broken one breaks only itself."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.plugins.figures import figure, series
from wandb_plot import RendererError, RendererTraits
from wandb_plot.renderers.loading import installed_renderers, load_renderer

PNG = b"\x89PNG\r\n\x1a\n, then pixels, then the last chunk: IEND\xaeB`\x82"

WORKING = f"""
from wandb_plot import hookimpl

PNG = {PNG!r}

@hookimpl
def render_figure(figure, path):
    path.write_bytes(PNG)
"""

SHIPPED = ("matplotlib", "seaborn", "plotly")

# Lists the renderers, then loads one, in a process that has imported nothing yet.
LIST = """
import json, sys

from wandb_plot.renderers.loading import installed_renderers, load_renderer

listed = [[found.name, found.distribution, found.version, found.default] for found in installed_renderers()]
imported = [sorted(name for name in sys.modules if name.startswith(("wandb_plot_", "numpy")))]
load_renderer("seaborn")
imported.append(sorted(name for name in sys.modules if name in ("wandb_plot_plotly", "wandb_plot_seaborn", "seaborn")))
print(json.dumps([listed, imported]))
"""


@dataclass
class Site:
    """A folder of installed distributions, on the path."""

    folder: Path

    def install(self, distribution: str, module: str, source: str, *names: str) -> None:
        """Install a distribution of one module that offers renderers under `names`."""
        (self.folder / f"{module}.py").write_text(source)
        metadata = self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        entries = "".join(f"{name} = {module}\n" for name in names)
        (metadata / "entry_points.txt").write_text(f"[wandb_plot.renderers]\n{entries}")

    def draw(self, name: str) -> RendererTraits:
        """Load a renderer, and draw with it in the folder; give its traits."""
        importlib.invalidate_caches()
        renderer = load_renderer(name)
        renderer.render(figure(series([1, 2])), self.folder / f"{name}.{renderer.traits.formats[0]}")
        return renderer.traits


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Make an empty folder of installed distributions; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield Site(tmp_path)
    for module in [module for module in sys.modules if module.startswith("stranger_")]:
        del sys.modules[module]


def test_shipped_renderers_come_through_the_same_door() -> None:
    """They are entry points of wandb-plot, matplotlib is the default; listing imports nothing, loading one no other."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", LIST], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    listed, (by_listing, by_loading) = json.loads(done.stdout)
    shipped = {name: (distribution, default) for name, distribution, _, default in listed}
    assert shipped["matplotlib"] == ("wandb-plot", True)
    assert shipped["seaborn"] == shipped["plotly"] == ("wandb-plot", False)
    assert (by_listing, by_loading) == ([], ["wandb_plot_seaborn"])


def test_shipped_renderers_say_what_they_draw(site: Site) -> None:
    """Formats, the default first; optional parts; whether they want long series reduced; styles."""
    traits = {name: site.draw(name) for name in SHIPPED}
    for name, draws in (("matplotlib", {"band", "panels"}), ("seaborn", {"band", "panels", "smooth"})):
        assert traits[name].formats == ("png", "svg", "pdf")
        assert traits[name].draws == draws
        assert not traits[name].decimate
        assert {"screen", "paper", "*.mplstyle"} <= set(traits[name].styles)
    assert traits["plotly"] == RendererTraits(formats=("html",), draws=frozenset({"band", "panels", "smooth"}))


def test_stranger_draws(site: Site) -> None:
    """A renderer without traits writes PNG, and is handed neither bands nor smoothed lines."""
    site.install("stranger-simple", "stranger_simple", WORKING, "simple")
    assert site.draw("simple") == RendererTraits()
    listed = {(found.name, found.distribution, found.version, found.default) for found in installed_renderers()}
    assert ("simple", "stranger-simple", "1.0", False) in listed
    assert (site.folder / "simple.png").read_bytes() == PNG


BROKEN = {
    "syntax": ("def", "failed to load: SyntaxError"),
    "missing": ("import no_such_module", "failed to load: ModuleNotFoundError: No module named 'no_such_module'"),
    "raising": ("raise RuntimeError('at import')", "failed to load: RuntimeError: at import"),
    "hookless": ("", "implements no render_figure"),
    "undecorated": ("def render_figure(figure, path): ...", "implements no render_figure"),
    "misspelt": (WORKING.replace("render_figure", "draw_figure"), "failed to load: PluginValidationError"),
    "surplus": (WORKING.replace("figure, path", "figure, path, dpi"), "failed to load: PluginValidationError"),
    "traits": (
        WORKING + "@hookimpl\ndef renderer_traits():\n    raise ValueError('no traits')\n",
        "failed to load: ValueError: no traits",
    ),
    "strange": (
        WORKING + "@hookimpl\ndef renderer_traits():\n    return ['png']\n",
        "renderer_traits gave a list, not RendererTraits",
    ),
    "throwing": (WORKING.replace("path.write_bytes(PNG)", "1 / 0"), "failed to draw: ZeroDivisionError"),
    "idle": (WORKING.replace("path.write_bytes(PNG)", "pass"), "wrote no file 'idle.png'"),
    "empty": (WORKING.replace("path.write_bytes(PNG)", "path.touch()"), "wrote no file 'empty.png'"),
    "text": (WORKING.replace("PNG)", "b'a title')"), "wrote a file 'text.png' that is no whole PNG image"),
    "cut": (WORKING.replace("PNG)", "PNG[:-4])"), "wrote a file 'cut.png' that is no whole PNG image"),
}


def test_broken_renderers_break_only_themselves(site: Site) -> None:
    """Each broken renderer is named with its distribution and its fault; every other one draws all the same."""
    for name, (source, _) in BROKEN.items():
        site.install(f"stranger-{name}", f"stranger_{name}", source, name)
    site.install("stranger-works", "stranger_works", WORKING, "works")
    for name, (_, fault) in BROKEN.items():
        with pytest.raises(RendererError) as caught:
            site.draw(name)
        assert caught.value.message.startswith(f"renderer '{name}' (from stranger-{name})")
        assert fault in caught.value.message
        assert (caught.value.exit_code, caught.value.code) == (6, "renderer_failed")
    for name in ("works", *SHIPPED):
        site.draw(name)


def test_renderers_own_error_is_passed_on(site: Site) -> None:
    """A RendererError that a renderer raises reaches the user as it is."""
    source = "from wandb_plot import RendererError, hookimpl\n@hookimpl\ndef render_figure(figure, path):\n"
    site.install("stranger-picky", "stranger_picky", source + "    raise RendererError('no', hint='why')\n", "picky")
    with pytest.raises(RendererError) as caught:
        site.draw("picky")
    assert (caught.value.message, caught.value.hint, caught.value.exit_code) == ("no", "why", 6)


@pytest.mark.parametrize("name", ["twice", "matplotlib"])
def test_a_name_offered_twice_is_refused(site: Site, name: str) -> None:
    """Two distributions that offer one name are both named, and neither draws, not even the shipped one."""
    site.install("stranger-one", "stranger_one", WORKING, name)
    if name == "twice":
        site.install("stranger-two", "stranger_two", WORKING, name)
    with pytest.raises(RendererError) as caught:
        site.draw(name)
    assert caught.value.candidates == ("stranger-one", "stranger-two" if name == "twice" else "wandb-plot")
    assert all(candidate in caught.value.message for candidate in caught.value.candidates)
    assert caught.value.exit_code == 6
    site.draw("seaborn")


def test_one_distribution_may_offer_several(site: Site) -> None:
    """One distribution may offer one module under two names."""
    site.install("stranger-both", "stranger_both", WORKING, "first", "second")
    assert site.draw("first") == site.draw("second")


def test_a_distribution_found_twice_is_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution that lies on the path twice, as editable installs do, is not its own rival."""
    site.install("stranger-simple", "stranger_simple", WORKING, "simple")
    twin = Site(site.folder / "twin")
    twin.folder.mkdir()
    twin.install("stranger-simple", "stranger_simple", WORKING, "simple")
    monkeypatch.syspath_prepend(twin.folder)
    assert [found.name for found in installed_renderers()].count("simple") == 1
    site.draw("simple")


def test_warnings_of_a_renderer_are_told_once(site: Site, tmp_path: Path) -> None:
    """What a renderer warns of reaches the user once a figure, and a script as Python's warning."""
    source = WORKING.replace(
        "    path.", "    import warnings\n    [warnings.warn('no glyph') for _ in 'ab']\n    path."
    )
    site.install("stranger-wary", "stranger_wary", source, "wary")
    told: list[str] = []
    load_renderer("wary").render(figure(series([1, 2])), tmp_path / "loss.png", warn=told.append)
    assert told == ["no glyph"]
    with pytest.warns(UserWarning, match="no glyph"):
        load_renderer("wary").render(figure(series([1, 2])), tmp_path / "loss.png")


def test_a_renderer_prepares_itself_if_it_can() -> None:
    """Its own function is called; one that fails says so when it draws, and one without has nothing to do."""
    called = []

    def fail() -> None:
        called.append(1)
        raise ImportError("no matplotlib")

    loaded = load_renderer("matplotlib")
    for prepare in (None, fail):
        replace(loaded, traits=replace(loaded.traits, prepare=prepare)).prepare()
    assert called == [1]
    loaded.prepare()
    assert "wandb_plot_matplotlib.file_formats" in sys.modules

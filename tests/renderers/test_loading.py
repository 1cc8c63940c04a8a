"""Renderers are found through the metadata of real distributions, and a broken one breaks only itself."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

PNG = b"\x89PNG\r\n\x1a\n, then pixels, then the last chunk: IEND\xaeB`\x82"

WORKING = f"""
from wandb_plot import hookimpl

PNG = {PNG!r}

@hookimpl
def render_figure(figure, path):
    path.write_bytes(PNG)
"""

# Reports every renderer that is installed: how it loads, and how it draws.
ASK = """
import json, sys
from pathlib import Path

from wandb_plot import WandbPlotError
from wandb_plot.renderers.loading import installed_renderers, load_renderer

listed = [[found.name, found.distribution, found.version, found.default] for found in installed_renderers()]
imported = sorted(name for name in sys.modules if name.startswith(("stranger", "wandb_plot_", "numpy")))

from tests.plugins.figures import figure, series

outcomes = {}
for name in {found[0] for found in listed}:
    try:
        renderer = load_renderer(name)
        renderer.render(figure(series([1, 2])), Path(f"{name}.{renderer.traits.formats[0]}"))
        outcomes[name] = {"traits": [renderer.traits.formats, sorted(renderer.traits.draws), renderer.traits.decimate]}
    except WandbPlotError as error:
        outcomes[name] = {
            "message": error.message, "hint": error.hint, "exit": error.exit_code, "code": error.code,
            "candidates": error.candidates,
        }
print(json.dumps({"listed": listed, "imported": imported, "outcomes": outcomes}))
"""


@dataclass
class Site:
    """A folder of installed distributions."""

    folder: Path

    def install(self, distribution: str, module: str, source: str, *names: str) -> None:
        """Install a distribution of one module that offers renderers under `names`."""
        (self.folder / f"{module}.py").write_text(source)
        metadata = self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        entries = "".join(f"{name} = {module}\n" for name in names)
        (metadata / "entry_points.txt").write_text(f"[wandb_plot.renderers]\n{entries}")

    def ask(self) -> dict[str, Any]:
        """Load and use every renderer in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", ASK],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": f"{self.folder}:{ROOT}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr == ""
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Make an empty folder of installed distributions."""
    return Site(tmp_path)


def test_shipped_renderers_come_through_the_same_door(site: Site) -> None:
    """The shipped renderers are entry points of wandb-plot, matplotlib is the default, and listing imports nothing."""
    answer = site.ask()
    listed = {name: (distribution, default) for name, distribution, _, default in answer["listed"]}
    assert listed["matplotlib"] == ("wandb-plot", True)
    assert listed["seaborn"] == listed["plotly"] == ("wandb-plot", False)
    assert answer["imported"] == []
    assert answer["outcomes"]["matplotlib"] == {"traits": [["png", "svg", "pdf"], ["band"], True]}
    assert answer["outcomes"]["seaborn"] == {"traits": [["png", "svg", "pdf"], ["band", "smooth"], True]}
    assert answer["outcomes"]["plotly"] == {"traits": [["html"], ["band", "smooth"], False]}


def test_stranger_draws(site: Site) -> None:
    """A renderer without traits writes PNG, and is handed neither bands nor smoothed lines."""
    site.install("stranger-simple", "stranger_simple", WORKING, "simple")
    answer = site.ask()
    assert ["simple", "stranger-simple", "1.0", False] in answer["listed"]
    assert answer["outcomes"]["simple"] == {"traits": [["png"], [], False]}
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
    outcomes = site.ask()["outcomes"]
    for name, (_, fault) in BROKEN.items():
        message = outcomes[name]["message"]
        assert message.startswith(f"renderer '{name}' (from stranger-{name})")
        assert fault in message
        assert (outcomes[name]["exit"], outcomes[name]["code"]) == (6, "renderer_failed")
    for name in ("works", "matplotlib", "seaborn", "plotly"):
        assert "traits" in outcomes[name]


def test_renderers_own_error_is_passed_on(site: Site) -> None:
    """A RendererError that a renderer raises reaches the user as it is."""
    source = "from wandb_plot import RendererError, hookimpl\n@hookimpl\ndef render_figure(figure, path):\n"
    site.install("stranger-picky", "stranger_picky", source + "    raise RendererError('no', hint='why')\n", "picky")
    outcome = site.ask()["outcomes"]["picky"]
    assert (outcome["message"], outcome["hint"], outcome["exit"]) == ("no", "why", 6)


@pytest.mark.parametrize("name", ["twice", "matplotlib"])
def test_a_name_offered_twice_is_refused(site: Site, name: str) -> None:
    """Two distributions that offer one name are both named, and neither draws, not even the shipped one."""
    site.install("stranger-one", "stranger_one", WORKING, name)
    if name == "twice":
        site.install("stranger-two", "stranger_two", WORKING, name)
    outcomes = site.ask()["outcomes"]
    candidates = ["stranger-one", "stranger-two" if name == "twice" else "wandb-plot"]
    assert outcomes[name]["candidates"] == candidates
    assert all(candidate in outcomes[name]["message"] for candidate in candidates)
    assert outcomes[name]["exit"] == 6
    assert "traits" in outcomes["seaborn"]


def test_one_distribution_may_offer_several(site: Site) -> None:
    """One distribution may offer one module under two names."""
    site.install("stranger-both", "stranger_both", WORKING, "first", "second")
    outcomes = site.ask()["outcomes"]
    assert "traits" in outcomes["first"]
    assert "traits" in outcomes["second"]


def test_a_distribution_found_twice_is_one(site: Site) -> None:
    """A distribution that lies on the path twice, as editable installs do, is not its own rival."""
    site.install("stranger-simple", "stranger_simple", WORKING, "simple")
    twin = Site(site.folder / "twin")
    twin.folder.mkdir()
    twin.install("stranger-simple", "stranger_simple", WORKING, "simple")
    code = "import sys; sys.path.insert(0, 'twin')\n"
    done = subprocess.run(
        [sys.executable, "-c", code + ASK],
        cwd=site.folder,
        env={**os.environ, "PYTHONPATH": f"{site.folder}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert [found[0] for found in answer["listed"]].count("simple") == 1
    assert "traits" in answer["outcomes"]["simple"]

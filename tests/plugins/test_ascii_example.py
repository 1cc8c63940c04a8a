"""The renderer of `examples/` is a stranger's distribution: pip installs it, and the core finds and uses it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/wandb-plot-ascii"

USE = """
import json, sys
from pathlib import Path

from tests.plugins.figures import figure, series
from wandb_plot.renderers.loading import installed_renderers, load_renderer

listed = {found.name: (found.distribution, found.version) for found in installed_renderers()}
assert "wandb_plot_ascii" not in sys.modules
renderer = load_renderer("ascii")
nan = float("nan")
renderer.render(
    figure(series([0, 1, 2, nan, 4, 5], label="up"), series([5, 4, 3, 2, 1, 0], slot=1, label="down")),
    Path("loss.txt"),
)
renderer.render(figure(series([1, 10, 100, 0]), yscale="log"), Path("log.txt"))
renderer.render(figure(series([nan])), Path("nothing.txt"))
refusals = [renderer.refusal(format=None, draws=["smooth"]), renderer.refusal(format="png", draws=[])]
print(json.dumps({"listed": listed, "refusals": refusals}))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example with pip into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(folder)]
    subprocess.run([*pip, *offline, str(EXAMPLE)], check=True)
    return folder


def test_installed_example_is_listed_and_draws(site: Path, tmp_path: Path) -> None:
    """Once pip has installed it, the renderer is listed with its distribution, draws, and says what it doesn't."""
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{site}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    said = json.loads(done.stdout)
    assert said["listed"]["ascii"] == ["wandb-plot-ascii", "1.0"]
    assert set(said["listed"]) >= {"matplotlib", "seaborn"}
    assert said["refusals"] == [
        "renderer 'ascii' does not draw: smooth",
        "renderer 'ascii' does not write 'png', only txt",
    ]
    lines = (tmp_path / "loss.txt").read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["loss, baseline (abc)", "loss from 0 to 5"]
    assert (lines[2][1], lines[2][-1]) == ("+", "*")
    assert lines[20].count("?") == 1
    assert lines[-3:] == ["  * up", "  + down", "  ? NaN or Inf"]
    assert "loss from 1 to 100" in (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert "no finite values" in (tmp_path / "nothing.txt").read_text(encoding="utf-8")

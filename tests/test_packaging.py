"""What the distribution holds, what starting up costs, and what no file of this repository says."""

import configparser
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from wandb_plot.cli import cli

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("wandb", "numpy", "pandas", "matplotlib", "seaborn", "pyarrow", "rich", "plotly", "jinja2")

in_a_clone = pytest.mark.skipif(not (ROOT / ".git").exists() or not shutil.which("git"), reason="not a git clone")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files in the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: dict[str, bytes], project: dict[str, Any]) -> None:
    """No `plugins`, `tests` or `scripts` becomes importable; every package says that it is typed."""
    packages = [ROOT / path for path in project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]]
    named = {package.name for package in packages}
    assert {"wandb_plot", "wandb_plot_matplotlib", "wandb_plot_seaborn"} <= named
    metadata = f"wandb_plot-{project['project']['version']}.dist-info"
    assert {name.partition("/")[0] for name in wheel} == named | {metadata}
    files = {path.relative_to(package.parent).as_posix() for package in packages for path in package.rglob("*.*")}
    assert {name for name in files if not name.endswith(".pyc")} == {name for name in wheel if metadata not in name}
    assert {f"{package}/py.typed" for package in named} <= set(wheel)
    assert f"{metadata}/licenses/LICENSE" in wheel


def test_the_wheel_offers_the_command_and_the_renderers(wheel: dict[str, bytes], project: dict[str, Any]) -> None:
    """What pip installs has the entry points that pyproject.toml declares, and each leads to something in the wheel."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/entry_points.txt"))
    offered = configparser.ConfigParser()
    offered.read_string(wheel[name].decode())
    assert dict(offered["console_scripts"]) == project["project"]["scripts"]
    renderers = dict(offered["wandb_plot.renderers"])
    assert renderers == project["project"]["entry-points"]["wandb_plot.renderers"]
    assert {f"{module}/__init__.py" for module in renderers.values()} <= set(wheel)


def test_one_version_everywhere(project: dict[str, Any]) -> None:
    """The installed distribution, pyproject.toml and the newest entry of CHANGELOG.md agree."""
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d\S*)\]", changes, re.MULTILINE)
    assert released[0] == project["project"]["version"] == version("wandb-plot")


@pytest.fixture(scope="module")
def imported() -> dict[str, list[str]]:
    """The heavy modules that each command line imported, all run in one fresh process."""
    lines = [["--help"], ["--version"], ["renderers", "--json"], *([name, "--help"] for name in cli.commands)]
    program = (
        "import contextlib, io, json, sys\n"
        "from wandb_plot.__main__ import run\n"
        "heavy, found = set(json.loads(sys.argv[2])), {}\n"
        "for line in json.loads(sys.argv[1]):\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        "        code = run(line)\n"
        "    assert code == 0, line\n"
        "    found[' '.join(line)] = sorted(heavy & set(sys.modules))\n"
        "print(json.dumps(found))\n"
    )
    heavy = [*HEAVY, "wandb_plot_matplotlib", "wandb_plot_seaborn", "wandb_plot_plotly"]
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(lines), json.dumps(heavy)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_help_and_listing_renderers_import_nothing_heavy(imported: dict[str, list[str]]) -> None:
    """`--help` of every command, and the list of renderers, load no array, drawing or client library."""
    assert {"--help", "generate --help", "renderers --json"} <= set(imported)
    assert {line: modules for line, modules in imported.items() if modules} == {}


def repository_files(*words: str) -> list[str]:
    """What git says of tracked files and of new ones that it would not ignore; no match is an empty list."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.splitlines()


@in_a_clone
def test_one_skill() -> None:
    """Programs that install skills take every SKILL.md for one; there is exactly ours."""
    files = repository_files("ls-files", "--cached", "--others", "--exclude-standard")
    assert [name for name in files if Path(name).name.lower() == "skill.md"] == ["SKILL.md"]


@in_a_clone
@pytest.mark.parametrize("name", ["pypi", "pythonhosted", "anaconda", "npmjs", "crates", "rubygems"])
def test_no_file_names_a_registry(name: str) -> None:
    """Where packages come from is the user's choice: pip's own configuration says it, no file of this repository."""
    pattern = rf"\b{name}\.(org|com|io)\b"
    assert repository_files("grep", "--untracked", "-I", "-l", "-i", "-P", "-e", pattern) == []

"""`docs/renderers.md` says what is so: its first example is installed and run, its reference compared with the code."""

import re
import subprocess
import sys
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import pytest

import wandb_plot
from tests.plugins.figures import figure, series
from wandb_plot import Figure, Mark, RendererTraits, Series, hookimpl
from wandb_plot.renderers import hookspecs

PAGE = (Path(__file__).parents[2] / "docs/renderers.md").read_text(encoding="utf-8")

DRAW = """
from pathlib import Path
from tests.plugins.figures import figure, series
from wandb_plot.renderers.loading import load_renderer

renderer = load_renderer("bare")
renderer.render(figure(series([1, 2, 3])), Path(f"loss.{renderer.traits.formats[0]}"))
"""


def blocks(language: str) -> list[str]:
    """List the code blocks of the page that are in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def section(title: str) -> str:
    """Cut the section of that title out of the page."""
    found = re.search(rf"^### {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no section {title!r}"
    return found[1]


def test_first_example_is_ten_lines() -> None:
    """The page starts with a renderer of ten lines."""
    first = blocks("python")[0]
    assert PAGE.index(first) < 250
    assert len([line for line in first.splitlines() if line]) <= 10


def test_first_example_works(tmp_path: Path) -> None:
    """The first example, installed by pip with the pyproject.toml of the page, draws."""
    source, site = tmp_path / "source", tmp_path / "site"
    source.mkdir()
    (source / "wandb_plot_bare.py").write_text(blocks("python")[0], encoding="utf-8")
    (source / "pyproject.toml").write_text(blocks("toml")[0], encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(site)]
    subprocess.run([*pip, *offline, str(source)], check=True)
    environment = {"PYTHONPATH": f"{site}:{Path(__file__).parents[2]}", "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", DRAW], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_every_block_of_python_runs() -> None:
    """Each block of Python is complete."""
    for block in blocks("python"):
        exec(compile(block, "renderers.md", "exec"), {})  # noqa: S102 -- our own page


def test_example_of_a_figure_runs() -> None:
    """The figure made in one line is a figure."""
    (line,) = re.findall(r"^`(Figure\(.*\))`\.$", PAGE, re.MULTILINE)
    names: dict[str, Any] = {"Figure": Figure, "Series": Series, "x": series([1]).x, "y": series([1]).y}
    made = eval(line, names)  # noqa: S307 -- our own page
    assert made.series[0].y == figure(series([1])).series[0].y


def test_every_hook_is_documented() -> None:
    """Each hook has a section that begins with its signature."""
    hooks = {name: hook for name, hook in vars(hookspecs).items() if hasattr(hook, f"{hookspecs.PROJECT}_spec")}
    titles = [
        f"{name}({', '.join(hook.__code__.co_varnames[: hook.__code__.co_argcount])})" for name, hook in hooks.items()
    ]
    documented = re.search(r"^## Hooks\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    assert documented is not None
    assert re.findall(r"^### (.*)$", documented[1], re.MULTILINE) == titles


@pytest.mark.parametrize("kind", [Figure, Series, Mark, RendererTraits])
def test_every_field_is_documented(kind: type) -> None:
    """Each class lists its fields in their order, with their defaults."""
    items = re.findall(r"^- `(\w+)`: (.*?)(?=^- |\Z)", section(kind.__name__), re.MULTILINE | re.DOTALL)
    assert [name for name, _ in items] == [field.name for field in fields(kind)]
    said = {name: re.findall(r"Default:\s+`(.*?)`\.", text) for name, text in items}
    assert said == {field.name: default(field) for field in fields(kind)}


def default(field: Field[Any]) -> list[str]:
    """Write the default of a field as the page does."""
    return [] if field.default is MISSING else [repr(field.default)]


def test_the_names_to_import_are_exported() -> None:
    """What the page tells a renderer to import is there; the other public names are told by docs/python.md."""
    exported = re.search(r"Import only what `wandb_plot` itself exports: (.*?)\.\s", PAGE, re.DOTALL)
    assert exported is not None
    assert set(re.findall(r"`(\w+)`", exported[1])) <= set(wandb_plot.__all__)
    assert hookimpl.project_name == hookspecs.PROJECT

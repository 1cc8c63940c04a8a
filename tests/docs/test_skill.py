"""SKILL.md is valid by the Agent Skills specification, and what it and the README say can be done."""

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]  # it ships no types, and two lines of use need no stubs

from wandb_plot.cli import cli
from wandb_plot.errors import WandbPlotError

ROOT = Path(__file__).resolve().parents[2]
SKILL = ROOT / "SKILL.md"
SCRIPTS = {
    "list_projects.py": "projects",
    "list_runs.py": "runs",
    "list_metrics.py": "metrics",
    "download_plots.py": "download",
    "generate_plots.py": "generate",
    "inspect_plot.py": "inspect",
    "check_runs.py": "check",
    "compare_runs.py": "compare",
    "read_history.py": "history",
    "make_table.py": "table",
    "diff_runs.py": "diff",
}


@pytest.fixture
def front_matter() -> dict[str, Any]:
    """What stands between the first two lines of dashes, as strict YAML reads it."""
    opening, matter, _body = re.split(r"^---$", SKILL.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    assert opening == ""
    parsed: dict[str, Any] = yaml.safe_load(matter)
    return parsed


def test_the_name_is_valid(front_matter: dict[str, Any]) -> None:
    """Lower-case letters, digits and single hyphens within, at most 64 characters; it is the distribution's name."""
    assert front_matter["name"] == "wandb-plot"
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", front_matter["name"])
    assert len(front_matter["name"]) <= 64


def test_the_description_is_valid(front_matter: dict[str, Any]) -> None:
    """One paragraph of at most 1,024 characters without angle brackets, which begins with what a user would say."""
    description = front_matter["description"]
    assert 0 < len(description) <= 1024
    assert not set("<>\n") & set(description)
    assert description.startswith("Weights & Biases (W&B, wandb)")


def test_the_other_fields_are_valid(front_matter: dict[str, Any]) -> None:
    """Only fields of the specification, none of which grants tools."""
    assert set(front_matter) <= {"name", "description", "license", "compatibility", "metadata"}
    assert front_matter["license"] == "MIT"
    assert 0 < len(front_matter["compatibility"]) <= 500


def test_the_body_is_short() -> None:
    """An agent reads all of it each time."""
    text = SKILL.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 200
    assert len(text) < 10_000


def test_its_files_are_there() -> None:
    """Every script and document that SKILL.md names exists beside it."""
    named = set(re.findall(r"\b\w+\.py\b", SKILL.read_text(encoding="utf-8")))
    assert named == set(SCRIPTS)
    assert all((ROOT / "scripts" / name).is_file() for name in named)


def test_its_exit_codes_are_ours() -> None:
    """The table has a row for success and for each way to fail that a user can do something about."""
    rows = re.findall(r"^\| (\d+) \|", SKILL.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(row) for row in rows] == sorted({0, *(kind.exit_code for kind in WandbPlotError.__subclasses__())})


def command_lines(name: str) -> list[str]:
    """The command lines in the fenced blocks of a document, scripts as the commands that they are."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```(?:bash|console|text)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    lines = [line.strip().removeprefix("$ ") for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += [f"python3 {line.replace(' P ', ' PROJECT ')}" for line in re.findall(r"`(\w+\.py [^`]+)`", text)]
    found = []
    for line in lines:
        script = re.match(r"python3 \S*?(\w+\.py) ", line)
        if script:
            found.append(f"wandb-plot {SCRIPTS[script[1]]} {line[script.end() :]}")
        elif re.match(r"(\.venv/bin/)?wandb-plot ", line):
            found.append(line.removeprefix(".venv/bin/"))
    return found


DOCUMENTED = sorted({line for name in ("SKILL.md", "README.md") for line in command_lines(name)})


def test_the_documents_show_commands() -> None:
    """Both documents show the main commands, so that the next test has something to look at."""
    for name in ("SKILL.md", "README.md"):
        shown = {shlex.split(line)[1] for line in command_lines(name)}
        assert {"runs", "metrics", "generate"} <= shown, name
    assert {shlex.split(line)[1] for line in command_lines("SKILL.md")} == set(SCRIPTS.values())


@pytest.mark.parametrize("line", DOCUMENTED)
def test_documented_commands_are_accepted(line: str) -> None:
    """Every command line shown has only options and values that the command takes."""
    _program, name, *words = shlex.split(line, comments=True)
    command = cli.commands[name]
    assert isinstance(command, click.Command)
    command.make_context(name, words)


@pytest.mark.parametrize(
    "name",
    ["SKILL.md", "README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/cli.md", "docs/python.md", "docs/numbers.md"],
)
def test_links_lead_somewhere(name: str) -> None:
    """Every relative link of a document leads to a file of the repository."""
    document = ROOT / name
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []

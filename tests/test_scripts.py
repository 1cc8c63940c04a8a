"""The skill's scripts: by whatever interpreter they are called, the command runs or says what to install."""

import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import Finished, private_environment

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
COMMANDS = {
    "check_runs.py": "check",
    "compare_runs.py": "compare",
    "read_history.py": "history",
    "make_table.py": "table",
    "diff_runs.py": "diff",
    "list_projects.py": "projects",
    "list_runs.py": "runs",
    "list_metrics.py": "metrics",
    "download_plots.py": "download",
    "generate_plots.py": "generate",
    "inspect_plot.py": "inspect",
}

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links virtual environments into place")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has nothing installed."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(folder, symlinks=True)
    return folder / "bin" / "python"


@pytest.fixture
def skill(tmp_path: Path) -> Path:
    """The skill as it is copied around: the scripts, and no environment."""
    folder = tmp_path / "skills" / "wandb-plot"
    shutil.copytree(SCRIPTS, folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def call(script: Path, *words: object, by: Path | str, cwd: Path, **env: object) -> Finished:
    """Call a script with the interpreter `by`, in the home of nobody."""
    environment = private_environment(cwd / "home") | {name: str(value) for name, value in env.items()}
    done = subprocess.run(
        [by, script, *map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_script_is_its_command(name: str, tmp_path: Path) -> None:
    """A script takes what its command takes."""
    shown = call(SCRIPTS / name, "--help", by=sys.executable, cwd=tmp_path)
    assert shown.code == 0
    assert shown.stdout.startswith(f"Usage: wandb-plot {COMMANDS[name]} [OPTIONS]")


def test_every_script_is_known_here() -> None:
    """A new script is tested too."""
    assert {path.name for path in SCRIPTS.glob("*.py")} == {*COMMANDS, "bootstrap.py"}


def test_each_script_can_be_run_by_its_path() -> None:
    """Without `python3` before it: it is executable, and says which interpreter runs it."""
    for name in COMMANDS:
        assert os.access(SCRIPTS / name, os.X_OK), name
        assert (SCRIPTS / name).read_text(encoding="utf-8").startswith("#!/usr/bin/env python3\n"), name


def test_draws_below_the_callers_directory(recorded: Path, tmp_path: Path) -> None:
    """Called by absolute path, `./wandb` and the output belong to the directory that the caller is in."""
    (tmp_path / "wandb").symlink_to(recorded)
    words = ("./wandb", "baseline", "--metrics", "train/loss", "--json")
    made = call(SCRIPTS / "generate_plots.py", *words, by=sys.executable, cwd=tmp_path)
    assert made.code == 0, made.stderr
    (file,) = json.loads(made.stdout)["files"]
    assert file["path"] == "wandb_plots/acme_vision/baseline_base0001/train_loss.png"
    assert (tmp_path / file["path"]).read_bytes().startswith(b"\x89PNG")


def test_finds_the_environment_of_the_clone(bare: Path, skill: Path, tmp_path: Path) -> None:
    """`.venv` of the clone serves any `python3`, also through a link to the clone; the exit code is the command's."""
    (skill / ".venv").symlink_to(sys.prefix)
    (tmp_path / "link").symlink_to(skill)
    script = tmp_path / "link" / "scripts" / "list_runs.py"
    assert call(script, "--help", by=bare, cwd=tmp_path).stdout.startswith("Usage: wandb-plot runs")
    assert call(script, by=bare, cwd=tmp_path).code == 2


def test_a_named_interpreter_comes_first(bare: Path, skill: Path, tmp_path: Path) -> None:
    """WANDB_PLOT_PYTHON is a path, or a name on PATH."""
    named = Path(sys.executable)
    script = skill / "scripts" / "list_runs.py"
    by_path = call(script, "--help", by=bare, cwd=tmp_path, WANDB_PLOT_PYTHON=named)
    by_name = call(script, "--help", by=bare, cwd=tmp_path, WANDB_PLOT_PYTHON=named.name, PATH=named.parent)
    assert by_path.code == by_name.code == 0


def test_finds_the_users_environment(bare: Path, skill: Path, tmp_path: Path) -> None:
    """Where the printed command installs to is found afterwards."""
    home = tmp_path / "share" / "wandb-plot"
    home.mkdir(parents=True)
    (home / "venv").symlink_to(sys.prefix)
    shown = call(skill / "scripts" / "list_runs.py", "--help", by=bare, cwd=tmp_path, XDG_DATA_HOME=home.parent)
    assert shown.code == 0, shown.stderr


def test_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    """Without any interpreter that will do: exit 6, and one line whose end can be pasted into a shell."""
    clone = tmp_path / "a clone"
    shutil.copytree(SCRIPTS, clone / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (clone / "wandb_plot").mkdir()
    (clone / "wandb_plot" / "__init__.py").touch()
    ended = call(clone / "scripts" / "list_runs.py", "./wandb", by=bare, cwd=tmp_path)
    assert (ended.code, ended.stdout) == (6, "")
    (line,) = ended.stderr.splitlines()
    assert shlex.split(line.partition("; run: ")[2]) == [str(bare), "-m", "pip", "install", str(clone)]


def test_says_it_in_json_too(bare: Path, skill: Path, tmp_path: Path) -> None:
    """With --json the last line of stderr is the error object."""
    error = call(skill / "scripts" / "list_runs.py", "./wandb", "--json", by=bare, cwd=tmp_path).error()
    assert error["code"] == "environment"
    assert str(error["hint"]).startswith(f"run: {bare} -m pip install")
    assert sorted(error) == ["candidates", "code", "hint", "message"]


def test_another_version_does_not_count(skill: Path, tmp_path: Path) -> None:
    """An interpreter with an older distribution is passed over: its entry points and options are others."""
    venv.create(tmp_path / "old", symlinks=True)
    (packages,) = (tmp_path / "old" / "lib").glob("python3.*/site-packages")
    (packages / "wandb_plot").mkdir()
    (packages / "wandb_plot-0.0.9.dist-info").mkdir()
    (packages / "wandb_plot-0.0.9.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: wandb-plot\nVersion: 0.0.9\n"
    )
    ended = call(skill / "scripts" / "list_runs.py", "--help", by=tmp_path / "old" / "bin" / "python", cwd=tmp_path)
    assert ended.code == 6


def test_a_chain_of_interpreters_ends(bare: Path, skill: Path, tmp_path: Path) -> None:
    """Each interpreter is asked once, and one that can't be started is passed over."""
    broken = tmp_path / "python"
    broken.write_bytes(b"\x7fELF, cut off")
    broken.chmod(0o755)
    (skill / ".venv").symlink_to(bare.parent.parent)
    script = skill / "scripts" / "list_runs.py"
    ended = call(script, "--help", by=bare, cwd=tmp_path, WANDB_PLOT_PYTHON=broken)
    assert ended.code == 6
    looked_at = ended.stderr.partition("(looked at ")[2].partition(")")[0]
    assert looked_at.split(", ") == [str(bare), str(broken), str(skill / ".venv" / "bin" / "python")]


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.name)
def test_old_pythons_can_read_it(path: Path) -> None:
    """Python 3.6 gets as far as saying that it is too old."""
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_an_old_python_is_told(bare: Path, skill: Path, tmp_path: Path) -> None:
    """Too old an interpreter names the version that is needed, and one to install with."""
    old = tmp_path / "old.py"
    old.write_text(
        "import runpy, sys\n"
        "script = sys.argv.pop(1)\n"
        f"sys.path.insert(0, {str(skill / 'scripts')!r})\n"
        "sys.version_info, sys.version = (3, 8, 1, 'final', 0), '3.8.1 (old)'\n"
        "runpy.run_path(script, run_name='__main__')\n"
    )
    ended = call(old, skill / "scripts" / "list_runs.py", by=bare, cwd=tmp_path)
    assert ended.code == 6
    assert ended.stderr.startswith(f"Error: Python >= 3.11 is needed; {bare} is 3.8.1; run: python3.11 -m venv ")


def test_the_version_is_the_distributions() -> None:
    """The scripts look for the distribution that they were released with."""
    constants = ast.parse((SCRIPTS / "bootstrap.py").read_text(encoding="utf-8")).body
    (found,) = (
        ast.literal_eval(node.value)
        for node in constants
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERSION"
    )
    assert found == version("wandb-plot")

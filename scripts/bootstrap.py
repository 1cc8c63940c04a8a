"""Finds an interpreter in which this very version of wandb-plot is installed, and runs a command in it.

Standard library only, in words that Python 3.6 understands: whatever `python3` is, it gets as far as saying what is
missing. Importing the package from this folder would not do: without an installed distribution there are no entry
points, and so no renderers.
"""

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

VERSION = "0.1.0"

_OLDEST = (3, 11)
_MISSING = 6
_ROOT = Path(__file__).resolve().parent.parent

# Names the interpreters that a chain of re-executions has been through, so that it ends.
_TRIED = "_WANDB_PLOT_TRIED"


def run_command(name: str) -> NoReturn:
    """Run `wandb-plot NAME` with this process's arguments, here or in the first interpreter that can.

    Ends the process: with the command's exit code, or with 6 and the command line that installs what is missing.
    """
    tried = [path for path in os.environ.pop(_TRIED, "").split(os.pathsep) if path]
    if _is_installed_here():
        from wandb_plot.__main__ import main

        sys.argv[1:1] = [name]
        main()
    for candidate in [sys.executable, *_candidates()]:
        if candidate not in tried:
            tried.append(candidate)
            if candidate != sys.executable:
                _continue_in(candidate, tried)
    _give_up(tried)


def _is_installed_here() -> bool:
    # The version takes some 50 ms to look up, which an interpreter that is only passed through need not spend.
    if sys.version_info < _OLDEST or find_spec("wandb_plot") is None:
        return False
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("wandb-plot") == VERSION
    except PackageNotFoundError:
        return False


def _candidates() -> "list[str]":
    """Interpreters that are there, the likeliest first."""
    named = os.environ.get("WANDB_PLOT_PYTHON", "")
    places = [named, str(_interpreter_in(_ROOT / ".venv")), str(_interpreter_in(_own_venv()))]
    return [found for found in map(shutil.which, filter(None, places)) if found]


def _own_venv() -> Path:
    """The virtual environment of this skill for the user, wherever the skill itself was copied to."""
    if os.name == "nt":
        home = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")  # noqa: PTH111 -- it never raises
    else:
        home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")  # noqa: PTH111 -- same
    return Path(home, "wandb-plot", "venv")


def _interpreter_in(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _continue_in(interpreter: str, tried: "list[str]") -> None:
    """Run this same script in `interpreter`; comes back only where that can't be started."""
    os.environ[_TRIED] = os.pathsep.join(tried)
    command = [interpreter, *sys.argv]
    try:
        if os.name == "nt":
            # There, exec ends this process at once: the shell would not wait for the command, nor see its exit code.
            import subprocess

            sys.exit(subprocess.call(command))  # noqa: S603 -- an interpreter that the user installed
        os.execv(interpreter, command)  # noqa: S606 -- same
    except OSError:
        del os.environ[_TRIED]


def _give_up(tried: "list[str]") -> NoReturn:
    words = sys.argv[1:]
    message = f"no Python here has wandb-plot {VERSION} installed (looked at {', '.join(tried)})"
    if sys.version_info < _OLDEST:
        message = f"Python >= 3.11 is needed; {sys.executable} is {sys.version.split()[0]}"
    hint = "run: " + _install_command()
    sys.stderr.write(f"Error: {message}; {hint}\n")
    if "--json" in (words[: words.index("--")] if "--" in words else words):
        import json

        error = {"code": "environment", "message": message, "hint": hint, "candidates": []}
        sys.stderr.write(json.dumps({"error": error}) + "\n")
    sys.exit(_MISSING)


def _install_command() -> str:
    """The command line that installs this version where `run_command` finds it."""
    old = sys.version_info < _OLDEST
    python = "python3.11" if old else sys.executable
    # Programs that copy skills may leave out files whose names begin with an underscore.
    complete = (_ROOT / "wandb_plot" / "__init__.py").is_file()
    install = ["-m", "pip", "install", str(_ROOT) if complete else "PATH_OF_A_CLONE_OF_WANDB_PLOT"]
    if not old and not _is_externally_managed():
        return _line([python, *install])
    venv = _own_venv()
    return _line([python, "-m", "venv", str(venv)]) + " && " + _line([str(_interpreter_in(venv)), *install])


def _is_externally_managed() -> bool:
    """Whether pip refuses to install into this interpreter (PEP 668)."""
    import sysconfig

    marker = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
    return sys.prefix == sys.base_prefix and marker.is_file()


def _line(words: "list[str]") -> str:
    if os.name == "nt":
        import subprocess

        return subprocess.list2cmdline(words)
    import shlex

    return " ".join(map(shlex.quote, words))

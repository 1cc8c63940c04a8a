"""The page on scale: its engines are those that are installed, and its example of one is an engine."""

import re
import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "scale.md").read_text(encoding="utf-8")


def test_every_engine_is_told() -> None:
    """The table names what the distribution offers."""
    told = set(re.findall(r"^\| `(\w+)[:`]", PAGE, re.MULTILINE))
    assert told == {entry.name for entry in entry_points(group="wandb_plot.engines")}


def test_the_example_of_an_engine_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function of the page, with an executor of the standard library in MPI's place."""
    futures = ModuleType("mpi4py.futures")
    futures.MPIPoolExecutor = ThreadPoolExecutor  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mpi4py", ModuleType("mpi4py"))
    monkeypatch.setitem(sys.modules, "mpi4py.futures", futures)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 -- the page's own lines
    engine = names["mpi"]
    assert callable(engine)
    with engine("", 2) as executor:
        assert isinstance(executor, Executor)
        assert executor.submit(sum, [1, 2]).result() == 3

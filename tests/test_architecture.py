"""Imports point down, and `make lint` would notice one that doesn't, on every floor of every folder."""

import ast
import re
import tomllib
from collections import defaultdict
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter.contracts.layers import LayersContract

ROOT = Path(__file__).parents[1]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
LAYERED = [contract for contract in LINTER["contracts"] if contract["type"] == "layers"]
FOLDERS = sorted(path.parent for path in (ROOT / "wandb_plot").rglob("__init__.py"))


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """Who imports whom, as the linter sees it."""
    first, *others = LINTER["root_packages"]
    return grimp.build_graph(first, *others, include_external_packages=True, cache_dir=None)


def keeps(contract: dict[str, Any], graph: grimp.ImportGraph) -> bool:
    """Whether the linter finds that a contract is kept."""
    options = {name: value for name, value in contract.items() if name not in ("name", "type")}
    # The linter takes text for every option, as from an INI file.
    options = {name: str(value) if isinstance(value, bool) else value for name, value in options.items()}
    made = LayersContract(contract["name"], session_options=LINTER, contract_options=options)
    return made.check(graph=graph, verbose=False).kept


def rooms(layer: str, container: str) -> list[str]:
    """The modules of one floor."""
    names = re.findall(r"[\w.]+", layer)
    return [f"{container}.{name}" if container else name for name in names]


@pytest.mark.parametrize("contract", LAYERED, ids=lambda contract: contract["name"])
def test_an_upward_import_is_noticed(contract: dict[str, Any], graph: grimp.ImportGraph) -> None:
    """From every floor to the one above it, and between rooms of one floor that don't know one another."""
    assert keeps(contract, graph)
    for container in contract.get("containers", [""]):
        layers = [rooms(layer, container) for layer in contract["layers"]]
        upward = [(below[0], above[-1]) for above, below in pairwise(layers)]
        sideways = [(layer[0], layer[-1]) for layer in layers if len(layer) > 1]
        assert upward or sideways
        for importer, imported in [*upward, *sideways]:
            changed = deepcopy(graph)
            changed.add_import(importer=importer, imported=imported, line_number=1, line_contents="import")
            assert not keeps(contract, changed), f"{importer} -> {imported}"


def test_every_folder_has_floors() -> None:
    """A folder with several files says in pyproject.toml how they stand on one another, but for those of one floor."""
    containers = {container for contract in LAYERED for container in contract.get("containers", [])}
    one_floor = {"wandb_plot.commands"}
    folders = {
        ".".join(folder.relative_to(ROOT).parts)
        for folder in FOLDERS
        if len([path for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]) > 2
    }
    assert folders - containers - one_floor == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_files_are_short(folder: Path) -> None:
    """Who finds a file longer than this has found two jobs."""
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in folder.glob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def names_of(path: Path) -> set[str]:
    """The functions, classes and methods of a file, and what is assigned at its top."""
    module = ast.parse(path.read_text(encoding="utf-8"))
    targets = [target for node in module.body if isinstance(node, ast.Assign) for target in node.targets]
    targets += [node.target for node in module.body if isinstance(node, ast.AnnAssign)]
    assigned = {target.id for target in targets if isinstance(target, ast.Name)}
    return assigned | {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_comments_point_to_what_is_there() -> None:
    """`module.name` in a docstring or comment is in that module, if any module of ours has that name."""
    files = list((ROOT / "wandb_plot").rglob("*.py"))
    homes: dict[str, set[str]] = defaultdict(set)
    for path in files:
        homes[path.stem].add(path.parent.name)
        names = names_of(path)
        for name in names:
            # A method is named with its class, as `History.rows_of`.
            homes[name] |= {path.stem, path.parent.name, *names}
    pointers = [
        (path.name, home, name)
        for path in files
        for home, name in re.findall(r"`(?:\w+\.)*(\w+)\.(\w+)(?:\([^`]*\))?`", path.read_text(encoding="utf-8"))
        if name in homes and home != "pandas"
    ]
    assert len(pointers) > 5
    assert [pointer for pointer in pointers if pointer[1] not in homes[pointer[2]]] == []

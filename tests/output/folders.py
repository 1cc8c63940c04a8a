"""What the tests of output folders do again and again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wandb_plot.model.run import Run
from wandb_plot.output.folder import OutputFolder

Opener = Callable[..., OutputFolder]


def a_run(id_: str = "abc", **changes: Any) -> Run:
    """A finished run of acme/vision."""
    known = {"name": f"run {id_}", "entity": "acme", "project": "vision", "state": "finished", "last_step": 9}
    return Run(id=id_, **known | changes)


def bytes_of(text: str) -> Callable[[Path], None]:
    """Something that makes a file of that text."""

    def produce(path: Path) -> None:
        path.write_bytes(text.encode(errors="replace"))

    return produce


def document(folder: Path) -> dict[str, Any]:
    """What metadata.json says."""
    return json.loads((folder / "metadata.json").read_bytes())


def shown(folder: Path) -> list[str]:
    """The files that a user sees, but for metadata.json."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in files if not name.startswith(".") and name != "metadata.json")


def draw(folder: OutputFolder, *metrics: str, text: str = "") -> dict[str, str]:
    """Do what a `generate` command does: assign, place, commit."""
    with folder:
        names = folder.assign({metric: f"{metric.replace('/', '_')}.png" for metric in metrics}, "plot")
        for metric, name in names.items():
            folder.store(name, bytes_of(f"figure of {metric} {text}"), {"kind": "plot", "metrics": [metric]})
    return names

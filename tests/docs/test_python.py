"""`docs/python.md` says what is so: its blocks run, and its names are those that the package exports."""

import re
from pathlib import Path

import pytest

import wandb_plot

PAGE = (Path(__file__).parents[2] / "docs/python.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_runs(
    block: str, recorded: Path, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each block is complete, beside a folder of recorded runs, and says what its words promise."""
    (here / "wandb").symlink_to(recorded)
    monkeypatch.chdir(here)
    exec(compile(block, "python.md", "exec"), {})  # noqa: S102 -- our own page
    said = capsys.readouterr().out
    if "source.run(" in block:
        assert said == "base0001 finished 0.1 ['wider', 'baseline']\n299.0 0.01\n"
    if "null_count" in block:
        assert said.splitlines()[-2:] == ["257 steps without val/loss", "_runtime"]
    if "draw(" in block:
        assert (here / "loss.pdf").read_bytes().startswith(b"%PDF")
    if "except" in block:
        assert said == "no metric is called or matches 'train/los' ('train/loss',)\n"


def test_every_public_name_is_mentioned() -> None:
    """The last section lists what the package exports beside the names for renderers."""
    listed = PAGE[PAGE.index("The public names are") :]
    renderers = (Path(__file__).parents[2] / "docs/renderers.md").read_text(encoding="utf-8")
    exported = re.search(r"Import only what `wandb_plot` itself exports: (.*?)\.\s", renderers, re.DOTALL)
    assert exported is not None
    names = re.findall(r"`(\w+)`", listed) + re.findall(r"`(\w+)`", exported[1])
    assert sorted(names) == sorted(wandb_plot.__all__)

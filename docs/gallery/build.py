"""Draw the figures of docs/gallery.md by the commands that stand there: `python docs/gallery/build.py`."""

import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
PAGE = HERE.with_suffix(".md")
# A command, and the image that it makes, with the words for it.
FIGURE = re.compile(
    r"^\$ wandb-plot (?P<command>generate .*)\n```\n(?P<image>!\[.*\]\(gallery/(?P<name>[\w.-]+)\))$", re.MULTILINE
)
_COLORS = 96


def draw(command: str, name: str, folder: Path) -> str:
    """Draw one figure in `folder`, which holds the runs, to its place in the gallery; give its words."""
    program = Path(sys.executable).with_name("wandb-plot")
    output = folder / "drawn" / name
    words = [program, *shlex.split(command), "--quiet", "--output", output]
    subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- our own command
    ((drawn, entry),) = json.loads((output / "metadata.json").read_bytes())["files"].items()
    # A palette is a third of the size, and looks the same.
    with Image.open(output / drawn) as image:
        image.quantize(_COLORS, dither=Image.Dither.NONE).save(HERE / name, optimize=True)
    return str(entry["alt"])


def main() -> None:
    """Record the runs, draw all figures, and write their words into the page."""
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, HERE / "record_runs.py", folder], check=True)  # noqa: S603 -- our own script
        for found in FIGURE.finditer(page):
            alt = re.sub(r"([\[\]\\])", r"\\\1", draw(found["command"], found["name"], Path(folder)))
            page = page.replace(found["image"], f"![{alt}](gallery/{found['name']})")
    PAGE.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

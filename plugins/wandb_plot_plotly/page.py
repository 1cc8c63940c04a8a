"""One figure as a web page, and the stylesheet that brings plotly.js to all pages of a folder.

Whatever lies beside a page under the name of its companion must not run. Browsers check the integrity of scripts, but
not of those that come from a disk. So plotly.js travels as text in a custom property of a stylesheet; the page makes a
script element of it, and the page's content security policy lets no script run but the two whose hashes it lists.
"""

import base64
import gzip
import hashlib
import html
import json
from functools import cache
from pathlib import Path

from plotly.offline import get_plotlyjs, get_plotlyjs_version

from wandb_plot import Figure, literal
from wandb_plot_plotly.description import describe

# Plotly.js compiles the shaders of long lines with `eval`, adds styles of its own, and draws what is to be saved into
# images.
_POLICY = (
    "default-src 'none'; script-src {hashes} 'unsafe-eval'; style-src 'unsafe-inline' 'self' file:; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)

# Page and stylesheet lie in one folder, which may move: the page names the stylesheet without a path. The button that
# would send the figure to plotly's servers is taken away.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<link rel="stylesheet" href="{companion}">
<style>body {{ margin: 0 }}</style>
</head>
<body>
<div id="figure" role="img" aria-label="{alt}"></div>
<script type="application/json" id="described">{figure}</script>
<script>{program}</script>
</body>
</html>
"""

_PROGRAM = """
async function plotly() {
  const packed = getComputedStyle(document.documentElement).getPropertyValue("--plotly").trim().slice(1, -1);
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const script = document.createElement("script");
  script.textContent = await new Response(unpacked).text();
  document.head.append(script);
  return window.Plotly;
}
async function draw() {
  const place = document.getElementById("figure");
  const figure = JSON.parse(document.getElementById("described").textContent);
  if (window.parent !== window) {
    // In a frame of a report the figure is as large as that.
    document.body.style.margin = "0";
    place.style.height = "100vh";
    Object.assign(figure.layout, { width: undefined, height: undefined, autosize: true });
  }
  const drawing = await plotly().catch(() => undefined);
  if (drawing) {
    drawing.newPlot(place, figure.data, figure.layout, {
      displaylogo: false, responsive: true, showSendToCloud: false, plotlyServerURL: "",
    });
  } else {
    const companion = document.querySelector("link").getAttribute("href");
    place.textContent = companion + " has to lie in the same folder as this page, as it was written.";
  }
}
const drawn = draw();
"""


def write_page(figure: Figure, path: Path) -> None:
    """Write the page to `path`, and `plotly-VERSION.css` into the same folder."""
    companion = f"plotly-{get_plotlyjs_version()}.css"
    # A script element ends at the first `</script`, also within a string.
    described = json.dumps(describe(figure), allow_nan=False).replace("<", r"\u003c")
    page = _PAGE.format(
        title=html.escape(literal(figure.title)),
        alt=html.escape(literal(figure.alt or figure.title)),
        policy=_POLICY.format(hashes=f"'{_digest(_PROGRAM)}' '{_digest(get_plotlyjs())}'"),
        companion=companion,
        figure=described,
        program=_PROGRAM,
    )
    path.write_text(page, encoding="utf-8", newline="\n")
    (path.parent / companion).write_bytes(_stylesheet())


@cache
def _stylesheet() -> bytes:
    packed = base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0))
    return b':root { --plotly: "' + packed + b'"; }\n'


def _digest(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

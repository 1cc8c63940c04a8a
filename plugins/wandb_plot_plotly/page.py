"""One figure as a web page, and the script that draws it."""

import html
import json
from pathlib import Path

from plotly.offline import get_plotlyjs, get_plotlyjs_version

from wandb_plot import Figure, literal
from wandb_plot_plotly.description import describe

# Page and script lie in one folder, which may move: the page names the script without a path. The button that would
# send the figure to plotly's servers is taken away.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<script src="{script}"></script>
</head>
<body>
<div id="figure" role="img" aria-label="{title}"></div>
<script>
const figure = {figure};
if (window.Plotly) {{
  const config = {{displaylogo: false, showSendToCloud: false, plotlyServerURL: ""}};
  Plotly.newPlot("figure", figure.data, figure.layout, config);
}} else {{
  document.getElementById("figure").textContent = "{script} has to lie in the same folder as this page.";
}}
</script>
</body>
</html>
"""


def write_page(figure: Figure, path: Path) -> None:
    """Write the page to `path`, and `plotly-VERSION.min.js` into the same folder."""
    script = f"plotly-{get_plotlyjs_version()}.min.js"
    # A script element ends at the first `</script`, also within a string.
    described = json.dumps(describe(figure), allow_nan=False).replace("<", r"\u003c")
    page = _PAGE.format(title=html.escape(literal(figure.title)), script=script, figure=described)
    path.write_text(page, encoding="utf-8", newline="\n")
    (path.parent / script).write_text(get_plotlyjs(), encoding="utf-8", newline="\n")

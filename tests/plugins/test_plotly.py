"""What the plotly renderer writes: the description that plotly.js draws, and a page that needs no network."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wandb_plot_plotly
from tests.plugins.figures import figure, series
from wandb_plot import Figure, Mark
from wandb_plot_plotly.description import describe

NAN = float("nan")


def unpacked(packed: dict[str, str]) -> list[float]:
    """Read an array as plotly.js does."""
    assert packed["dtype"] == "f8"
    return np.frombuffer(base64.b64decode(packed["bdata"]), "<f8").tolist()


def points(trace: dict[str, Any]) -> list[tuple[float, float | None]]:
    """List the points of a trace, None for a gap."""
    return [(x, None if np.isnan(y) else y) for x, y in zip(unpacked(trace["x"]), unpacked(trace["y"]), strict=True)]


def test_line_holds_every_value() -> None:
    """A line goes through the values as they are, and one alone has no legend."""
    (trace,) = describe(figure(series([3, 1, 1 / 3], x=[0, 10, 50])))["data"]
    assert points(trace) == [(0, 3), (10, 1), (50, 1 / 3)]
    assert trace["mode"] == "lines+markers"
    assert not trace["showlegend"]


def test_words_are_literal() -> None:
    """Names are neither markup nor mathematics, and control characters show."""
    layout = describe(figure(series([1]), title="a<b>\x07", xlabel="Step", ylabel="$x$&"))["layout"]
    assert layout["title"]["text"] == r"a&lt;b&gt;\x07"
    assert layout["xaxis"]["title"]["text"] == "Step"
    assert layout["yaxis"]["title"]["text"] == "$x$&amp;"
    assert layout["height"] == 450


def test_smoothing_is_strong_over_faint() -> None:
    """The raw line is faint and lies under the smoothed one; the legend names both."""
    raw, smooth, key = describe(figure(series([1, 2, 3], smooth=[1, 1, 2])))["data"]
    assert points(raw) == [(0, 1), (1, 2), (2, 3)]
    assert points(smooth) == [(0, 1), (1, 1), (2, 2)]
    assert raw["opacity"] < 0.5
    assert "opacity" not in smooth
    assert [trace["name"] for trace in (smooth, key)] == ["smoothed", "as logged"]
    assert (raw["showlegend"], smooth["showlegend"], key["showlegend"]) == (False, True, True)


def test_gaps_are_marked_and_lonely_points_seen() -> None:
    """NaN breaks the line and is marked on an axis of its own; a point between gaps has a marker."""
    y = [1, NAN, 3, NAN, 5, 6, *range(40)]
    line, dots, marks = describe(figure(series(y)))["data"]
    assert points(line)[:6] == [(0, 1), (1, None), (2, 3), (3, None), (4, 5), (5, 6)]
    assert (dots["mode"], points(dots)) == ("markers", [(0, 1), (2, 3)])
    assert unpacked(marks["x"]) == [1, 3]
    assert (marks["yaxis"], marks["name"], marks["showlegend"]) == ("y2", "NaN or Inf", True)


@pytest.mark.parametrize("ylim", [(None, None), (0, 1), (5, 6)])
def test_gaps_are_marked_below_all_values(ylim: tuple[float | None, float | None]) -> None:
    """Marks of gaps lie between the values and the ticks of x, whatever the limits, a row for each line."""
    runs = [series([1, NAN, 2], slot=slot, label=f"run {slot}") for slot in range(3)]
    described = describe(figure(*runs, ylim=ylim))
    layout = described["layout"]
    assert 0 == layout["yaxis2"]["domain"][0] < layout["yaxis2"]["domain"][1] == layout["yaxis"]["domain"][0] < 0.2
    assert (layout["xaxis"]["anchor"], layout["yaxis2"]["range"]) == ("y2", [3, 0])
    assert [unpacked(trace["y"]) for trace in described["data"] if trace["yaxis"] == "y2"] == [[0.5], [1.5], [2.5]]
    whole = describe(figure(series([1, 2])))["layout"]
    assert (whole["xaxis"]["anchor"], whole["yaxis"]["domain"]) == ("y", [0, 1])


def test_band_is_broken_by_gaps() -> None:
    """A band is one outline for each stretch without a gap."""
    band = describe(figure(series([2, 3, NAN, 5], low=[1, 2, NAN, 4], high=[3, 4, NAN, 6])))["data"][0]
    assert points(band)[:4] == [(0, 3), (1, 4), (1, 2), (0, 1)]
    assert points(band)[5:7] == [(3, 6), (3, 4)]
    assert band["fill"] == "toself"
    assert band["fillcolor"].endswith(",0.2)")


def test_scales_and_limits() -> None:
    """Logarithmic limits are powers of ten, times are milliseconds, and what is left open is left to plotly.js."""
    layout = describe(figure(series([1, 0]), yscale="log", ylim=(0, 100), xlim=(None, 5)))["layout"]
    assert (layout["yaxis"]["type"], layout["yaxis"]["range"]) == ("log", [None, 2])
    assert (layout["xaxis"]["type"], layout["xaxis"]["range"]) == ("linear", [None, 5])
    described = describe(figure(series([1, 2], x=[1.7e9, 1.8e9]), xscale="time", xlim=(1.6e9, None)))
    assert (described["layout"]["xaxis"]["type"], described["layout"]["xaxis"]["range"]) == ("date", [1.6e12, None])
    assert unpacked(described["data"][0]["x"]) == [1.7e12, 1.8e12]


def test_log_axis_marks_what_it_cannot_show() -> None:
    """On a logarithmic axis zero is a marked gap, and a band ends where the axis does."""
    wanted = series([1, 0, 5], low=[0.1, NAN, 4], high=[2, NAN, 6])
    described = describe(figure(wanted, yscale="log", ylim=(0.1, None)))
    band, marks = described["data"][0], described["data"][-1]
    assert min(y for _, y in points(band) if y is not None) == 0.1
    assert described["layout"]["yaxis"]["range"] == [-1, None]
    assert unpacked(marks["x"]) == [1]
    assert marks["name"] == "NaN, Inf or ≤ 0"


@pytest.mark.parametrize(
    ("y", "yscale", "words"), [([NAN], "linear", "no finite values"), ([-1], "log", "no positive values")]
)
def test_nothing_to_draw_is_said(y: list[float], yscale: str, words: str) -> None:
    """A figure without a drawable value says so."""
    (note,) = describe(figure(series(y), yscale=yscale))["layout"]["annotations"]
    assert note["text"] == words


def test_long_series_are_drawn_by_webgl() -> None:
    """Every point arrives; long series are left to WebGL."""
    (trace,) = describe(figure(series(np.arange(50_000))))["data"]
    assert trace["type"] == "scattergl"
    assert len(unpacked(trace["y"])) == 50_000


def test_group_has_an_entry_and_a_swatch() -> None:
    """A group of runs is named in the legend also when it is alone, and a swatch says what its band is."""
    described = describe(figure(series([1, 2], low=[0, 1], high=[2, 3], label="cnn (n=6)"), legend_title="mean ± std"))
    assert [trace["name"] for trace in described["data"] if trace["showlegend"]] == ["cnn (n=6)", "mean ± std"]
    swatch = described["data"][-1]
    assert swatch["fillcolor"].startswith("rgba(85,85,85,")
    smoothed = describe(figure(series([1, 2], smooth=[1, 2]), legend_title="twema 0.9"))
    title = smoothed["layout"]["legend"]["title"]
    assert (title["text"], title["font"]) == ("twema 0.9", {"color": "#555555"})


def test_marks_and_note() -> None:
    """A change of the number of runs and a crash have symbols with their meaning; a note stands in a corner."""
    marks = (Mark(kind="runs", x=1, y=2, text="n=6→4"), Mark(kind="crashed", x=2, y=3, text="failed"))
    described = describe(figure(series([1, 2, 3], marks=marks), note="12 <points> outside"))
    runs, crash = described["data"][1:]
    assert (runs["x"], runs["y"], runs["marker"]["color"], runs["mode"]) == ([1], [2], "white", "markers")
    assert (crash["x"], crash["name"], crash["mode"]) == ([2], "failed", "markers")
    label, note = described["layout"]["annotations"]
    assert (label["x"], label["y"], label["text"], label["bgcolor"]) == (1, 2, "n=6→4", "rgba(255,255,255,0.85)")
    assert note["text"] == "12 &lt;points&gt; outside"


def test_labels_of_marks_stand_apart() -> None:
    """Labels lie off their lines, where the next line is further, and never at the height of a neighbour."""
    marks = [tuple(Mark(kind="runs", x=x, y=y, text="n=2→1") for x in (50, 52, 54)) for y in (4, 5)]
    lines = [series(np.full(100, own[0].y), marks=own, slot=k) for k, own in enumerate(marks)]
    lines.append(series(np.zeros(100), slot=2, marks=(Mark(kind="runs", x=90, y=0, text="n=2→1"),)))
    labels = describe(figure(*lines))["layout"]["annotations"]
    places = [(label["y"], label["ay"]) for label in labels]
    assert len(set(places)) == 7
    assert all(abs(height) > 20 for _, height in places)
    assert (places[0][1] > 0, places[3][1] < 0, places[6][1] < 0) == (True, True, True)
    merged = (
        Mark(kind="runs", x=50, y=9, text="n=3→2", label=""),
        Mark(kind="runs", x=51, y=9, text="n=2→1", label="n=3→1"),
    )
    described = describe(figure(series(np.full(100, 9), marks=merged), yscale="log", xscale="log"))
    (label,) = described["layout"]["annotations"]
    assert (label["text"], label["x"], label["y"]) == ("n=3→1", np.log10(51), np.log10(9))
    assert len(described["data"]) == 3


def test_sixty_lines_differ() -> None:
    """No two of many lines look alike, and long names stand below the axes, for which the page grows."""
    lines = [series(np.arange(50), slot=slot, label=f"a-rather-long-name-of-run-{slot}") for slot in range(60)]
    described = describe(figure(*lines))
    looks = {
        (trace["line"]["color"], trace["line"]["dash"], trace.get("marker", {}).get("symbol"))
        for trace in described["data"]
    }
    assert len(looks) == 60
    assert described["layout"]["legend"]["orientation"] == "h"
    few = describe(figure(*lines[:2]))
    assert described["layout"]["height"] > few["layout"]["height"] + 300


def test_panels() -> None:
    """Each panel has axes of its own, with its title above; the legend has each name once, and hides it everywhere."""
    panels = [
        figure(series([1, 2, NAN], label="a"), series([2, 3, 4], slot=1, label="b"), title=title, ylabel=title)
        for title in ("loss", "accuracy", "lr")
    ]
    whole = Figure(title="", xlabel="", ylabel="", series=(), panels=tuple(panels), across=2, share_y=True)
    described = describe(whole)
    layout = described["layout"]
    lines = [trace for trace in described["data"] if trace["name"] in ("a", "b")]
    assert [(line["xaxis"], line["yaxis"]) for line in lines] == [
        (x, y) for x, y in (("x", "y"), ("x2", "y3"), ("x3", "y5")) for _ in "ab"
    ]
    assert [trace["name"] for trace in described["data"] if trace["showlegend"]] == ["a", "b", "NaN or Inf"]
    assert len({line["legendgroup"] for line in lines}) == 2
    assert [note["text"] for note in layout["annotations"]] == ["loss", "accuracy", "lr"]
    assert layout["xaxis"]["domain"][1] < layout["xaxis2"]["domain"][0]
    assert layout["yaxis5"]["domain"][1] < layout["yaxis"]["domain"][0]
    assert (layout["yaxis3"]["matches"], layout["yaxis4"]["anchor"], layout["yaxis5"]["anchor"]) == ("y", "x2", "x3")
    assert layout["yaxis"]["title"]["text"] == ""
    json.dumps(described, allow_nan=False)


def test_page_needs_only_the_file_beside_it(tmp_path: Path) -> None:
    """The page names one file, which lies beside it, asks nothing of the network, and offers to send nothing."""
    path = tmp_path / "loss.html"
    wandb_plot_plotly.render_figure(figure(series([1, 2], label="</script><b>")), path)
    page = path.read_text(encoding="utf-8")
    assert re.findall(r'src="([^"]*)"', page) == []
    (companion,) = re.findall(r'href="([^"]*)"', page)
    assert re.fullmatch(r"plotly-[\d.]+\.css", companion)
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["loss.html", companion]
    assert "://" not in page
    assert page.count("</script>") == 2
    assert 'showSendToCloud: false, plotlyServerURL: ""' in page
    described = re.search(r'id="described">(.*)</script>', page)
    assert described is not None
    assert json.loads(described[1]) == describe(figure(series([1, 2], label="</script><b>")))


def test_only_known_scripts_run(tmp_path: Path) -> None:
    """The policy of a page lists the hashes of its own script and of plotly.js, and lets no other script run.

    What a browser makes of it is asked in tests/browser.
    """
    path = tmp_path / "loss.html"
    wandb_plot_plotly.render_figure(figure(series([1, 2])), path)
    page = path.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    program = re.search(r"<script>(.*)</script>", page, re.DOTALL)
    packed = re.fullmatch(r':root { --plotly: "(.*)"; }\n', next(tmp_path.glob("*.css")).read_text())
    assert policy is not None
    assert program is not None
    assert packed is not None
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in (program[1].encode(), gzip.decompress(base64.b64decode(packed[1])))
    ]
    directives = dict(directive.split(" ", 1) for directive in policy[1].split("; "))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == " ".join([*digests, "'unsafe-eval'"])


def test_same_figure_same_bytes(tmp_path: Path) -> None:
    """No identifier or clock makes two pages of one figure differ."""
    pages = [tmp_path / "a" / "loss.html", tmp_path / "b" / "loss.html"]
    for page in pages:
        page.parent.mkdir()
        wandb_plot_plotly.render_figure(figure(series([1, NAN, 2]), series([1, 2, 3], slot=1)), page)
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_without_plotly_the_extra_is_named() -> None:
    """Where plotly isn't installed, the error says which extra brings it."""
    code = """
import sys
sys.modules["plotly"] = None
import wandb_plot_plotly
from wandb_plot import RendererError
try:
    wandb_plot_plotly.renderer_traits()
except RendererError as error:
    print(error.code, error.exit_code, error.hint)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "environment 6 install it with: pip install 'wandb-plot[html]'\n"


def test_loading_draws_in_nothing_heavy() -> None:
    """Its module loads without plotly and without matplotlib."""
    code = "import sys, wandb_plot_plotly as p; p.renderer_traits(); print({'plotly', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

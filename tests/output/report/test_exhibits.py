"""What the report shows of a folder, in which order, and how."""

from typing import Any

import numpy as np
import pytest

from tests.output.report.reading import STATISTICS, figure, image, page
from wandb_plot.numbers.statistics import statistics_of


def test_how_a_figure_was_made() -> None:
    """How many points, what was smoothed and which options were chosen stand below it; a sample says so."""
    full = figure("a", resolution={"kind": "full", "points": 20}, smoothing=None, options=["yscale=log"])
    sample = figure("b", resolution={"kind": "sampled", "points": 9, "of": 8000, "at_most": True}, smoothing="ema:0.9")
    sample["options"] = ["smoothing=ema:0.9", "renderer=seaborn"]
    assert page({"a.png": full, "b.png": sample}).texts("bdi") == [
        "20 points", "yscale=log",
        "a sample: 9 of at most 8,000 points", "smoothed by ema:0.9", "renderer=seaborn",
    ]  # fmt: skip


def test_sections_and_their_order() -> None:
    """Figures without a prefix come first, then prefixes in natural order, the system stream, images, and files."""
    metrics = ["train10/a", "loss2", "system.cpu", "train2/b", "Loss10", "loss1", "train2/a"]
    files = {f"{metric.replace('/', '_')}.png": figure(metric) for metric in metrics}
    files["both.png"] = figure("train2/a", "val/a")
    files |= {"x.png": image("media/images/x_1_ab.png"), "run.log": image("run.log")}
    found = page(dict(reversed(files.items())))
    assert found.texts("h2") == ["Runs", "Figures", "train2", "train10", "System", "Images", "Other files"]
    assert found.texts("h3") == [
        "loss1", "loss2", "Loss10", "train2/a, val/a", "train2/a", "train2/b", "train10/a", "system.cpu",
    ]  # fmt: skip
    targets = [address.removeprefix("#") for address in found.attributes("a", "href") if address.startswith("#")]
    assert set(targets) <= {attributes["id"] for _, attributes, _ in found.elements if "id" in attributes}


def test_images_by_key_and_step() -> None:
    """Downloaded images come in natural order of their keys, then by step, with step and caption in words."""
    sources = {
        "a.png": ("media/images/val/sample10_5_00ff.png", 5),
        "b.png": ("media/images/val/sample2_900_00ff.png", 900),
        "c.jpg": ("media/images/val/sample2_30_00ff.jpg", 30),
        "d.svg": ("figures/roc.svg", None),
    }
    files = {
        name: image(source, caption=f"of {name}") | ({} if step is None else {"step": step})
        for name, (source, step) in sources.items()
    }
    assert page(files).texts("figcaption") == [
        "figures/roc.svg of d.svg", "val/sample2 step 30 of c.jpg", "val/sample2 step 900 of b.png",
        "val/sample10 step 5 of a.png",
    ]  # fmt: skip


def test_how_each_format_is_shown() -> None:
    """Pictures are images, interactive figures are frames, all else is linked."""
    files = {f"{suffix}.{suffix}": figure(suffix) for suffix in ("png", "svg", "pdf", "html", "txt")}
    found = page(files)
    assert found.attributes("img", "src") == ["./png.png", "./svg.svg"]
    assert found.attributes("iframe", "src") == ["./html.html"]
    links = [address for address in found.attributes("a", "href") if not address.startswith("#")]
    assert links == ["./html.html", "./pdf.pdf", "./png.png", "./svg.svg", "./txt.txt"]


def test_a_figure_in_several_formats_is_shown_once() -> None:
    """By its sharpest picture, with links to the others; another of other options is shown beside it."""
    files = {f"f.{suffix}": figure("f") for suffix in ("html", "pdf", "png", "svg")}
    files["f--yscale=log.png"] = figure("f", options=["yscale=log"])
    found = page(files)
    assert found.attributes("img", "src") == ["./f.svg", "./f--yscale%3Dlog.png"]
    assert found.texts("h3") == ["f", "f"]
    assert "Also as PNG, HTML, PDF" in found.texts("p")
    assert "yscale=log" in found.texts("bdi")


def test_what_a_run_logged_can_run_no_script() -> None:
    """An image is an image, an SVG is that only, and no link leads to what a browser may take for a page."""
    names = ["a.png", "b.svg", "C.SVG", "d.html", "e.xhtml", "f.xml", "g", "h.txt", "i.js", "j.pdf", "k.svgz"]
    found = page({name: image(name) for name in names})
    assert found.attributes("img", "src") == ["./a.png", "./b.svg", "./C.SVG"]
    links = [address for address in found.attributes("a", "href") if not address.startswith("#")]
    assert links == ["./a.png", "./h.txt"]
    assert found.attributes("iframe", "src") == []
    assert found.texts("code") == ["d.html", "e.xhtml", "f.xml", "g", "i.js", "j.pdf", "k.svgz"]


def test_what_only_counts_comes_last() -> None:
    """A metric that rises evenly says nothing that its axis doesn't; it is folded, as the system stream is."""
    steps = np.arange(100.0)
    evenly = {"epoch": steps, "trainer/global_step": steps * 8 + 3, "falling": -steps, "loss": 1 / (steps + 1)}
    # As even as an epoch but for its middle.
    evenly["acc"] = np.where((steps > 40) & (steps < 60), 0.0, steps)
    files = {
        f"{at}.png": figure(
            name, series=[{"run_id": "abc", "metric": name, "points": 100, **statistics_of(steps, values)}]
        )
        for at, (name, values) in enumerate(evenly.items())
    }
    found = page(files | {"s.png": figure("system.cpu")})
    assert found.texts("h2") == ["Runs", "Figures", "Counters", "System"]
    assert found.texts("h3") == ["acc", "falling", "loss", "epoch", "trainer/global_step", "system.cpu"]
    details = [attributes for tag, attributes, _ in found.elements if attributes.get("class") == "section"]
    assert ["open" in attributes for attributes in details] == [True, False, False]


@pytest.mark.parametrize(
    ("series", "line"),
    [
        ({}, "2.31 → 0.41, min 0.39 at 9200, max 2.31 at 0; 3 NaN"),
        ({"min": 1, "max": 1, "first": 1, "nan_count": 0}, "constant at 1"),
        ({"points": 1, "nan_count": 0}, "a single point: 2.31"),
        ({"first": None, "nan_from": 0}, "no finite values; not finite from 0"),
    ],
)
def test_a_short_line_of_each_figure(series: dict[str, Any], line: str) -> None:
    """From where to where, its extremes and what isn't finite; the long words can be unfolded."""
    entry = figure("loss", series=[{"run_id": "abc", "metric": "loss", **STATISTICS, **series}], alt="All of it.")
    found = page({"loss.png": entry})
    assert found.texts("figcaption") == [f"loss {line}"]
    assert found.texts("summary") == ["Figures 1", "In words", "Statistics"]
    assert found.attributes("img", "alt") == ["All of it."]


def test_whose_a_file_is_where_runs_have_their_own() -> None:
    """In a folder of several runs a file names those it shows, unless it shows all of them."""
    described = [{"id": "a", "name": "one"}, {"id": "b", "name": "two"}]
    files = {
        "all.png": figure("all", series=[]),
        "mine.png": figure("mine", series=[], runs=["acme/vision/b"]),
        "x.png": image("x.png", runs=["acme/vision/a"]),
        "gone.png": image("z.png", runs=["acme/vision/gone"]),
    }
    assert page(files, described=described).texts("bdi") == ["two", "one", "gone"]


def test_entries_of_which_little_is_said() -> None:
    """What another version wrote, or a hand, is shown as far as it goes."""
    found = page({"a.png": {}, "b.png": {"kind": "plot"}, "c": {"kind": "other"}})
    assert found.attributes("img", "src") == ["./b.png", "./a.png"]
    assert found.texts("code") == ["c"]

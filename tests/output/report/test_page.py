"""The report as HTML: what is on the page, in which order, and that no name can be more than text there."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.report.samples import a_run, make_folder, two_runs
from wandb_plot.figures.assembly import FigureOptions
from wandb_plot.model.run import Run
from wandb_plot.output.report.page import render_report

VOID = {"meta", "img", "input", "br"}
STATISTICS = {
    "points": 20000,
    "first": 2.31,
    "last": 0.41,
    "min": 0.39,
    "min_step": 9200,
    "max": 2.31,
    "max_step": 0,
    "mean": 0.9,
    "std": 0.123456789,
    "nan_count": 3,
    "inf_count": 0,
}


class Page(HTMLParser):
    """The page as a browser would see it: elements, each with its attributes and the text within.

    Attributes:
        elements: `(tag, attributes, text)` in order of their start tags.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[int] = []
        self.feed(text)
        self.close()
        assert not self._open, "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost one."""
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        """Add text to all that are open."""
        for at in self._open:
            self.elements[at][2].append(data)

    def texts(self, tag: str) -> list[str]:
        """The text of each element of a kind."""
        return [" ".join("".join(text).split()) for name, _, text in self.elements if name == tag]

    def attributes(self, tag: str, name: str) -> list[str]:
        """An attribute of each element of a kind that has it."""
        return [attributes[name] for kind, attributes, _ in self.elements if kind == tag and name in attributes]

    def structure(self) -> list[tuple[str, ...]]:
        """The elements without their text and the values of their attributes."""
        return [(tag, *attributes) for tag, attributes, _ in self.elements]


def figure(*metrics: str, **fields: Any) -> dict[str, Any]:
    """What metadata.json says of a figure of one run."""
    series = [{"run_id": "abc", "metric": metric, **STATISTICS} for metric in metrics]
    return {"kind": "plot", "metrics": list(metrics), "alt": f"Line chart of {metrics}.", "series": series} | fields


def image(source: str, **fields: Any) -> dict[str, Any]:
    """What metadata.json says of a download."""
    return {"kind": "download", "source": source} | fields


def document(files: Mapping[str, Any], runs: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """A metadata.json of acme/vision."""
    described = [{"id": "abc", "name": "baseline", "state": "finished", "last_step": 19999, "url": None}]
    return {"schema": 1, "entity": "acme", "project": "vision", "runs": runs or described, "files": dict(files)}


def page(
    files: Mapping[str, Any], runs: Sequence[Run] = (), described: Sequence[Mapping[str, Any]] | None = None
) -> Page:
    """The report of a folder."""
    return Page(render_report(document(files, described), runs))


def rows(found: Page, caption: str) -> list[str]:
    """The rows of the table of that caption, each as text with bars between cells."""
    tables: dict[str, list[str]] = {}
    current = ""
    for tag, _, text in found.elements:
        words = " ".join("".join(text).split())
        if tag == "caption":
            current = words
        elif tag == "tr":
            tables.setdefault(current, []).append("")
        elif tag in ("th", "td"):
            tables[current][-1] += f"|{words}"
    return [row.strip("|") for row in tables.get(caption, [])]


def test_a_real_folder(tmp_path: Path) -> None:
    """What commands left in a folder is all on the page: files by relative addresses, words, runs and numbers."""
    metadata = make_folder(tmp_path, two_runs(), metrics=["val/loss", "train/loss"], images=2)
    found = Page(render_report(metadata, two_runs()))
    assert found.texts("h1") == ["2 runs"]
    assert found.texts("h2") == ["Runs", "train", "val", "Images"]
    assert found.attributes("img", "src") == ["./train_loss.png", "./val_loss.png"] + [
        f"./samples_{step}_{step:020x}.png" for step in (0, 50)
    ]
    assert all((tmp_path / name).is_file() for name in found.attributes("img", "src"))
    words = " ".join(found.texts("figcaption"))
    for entry in metadata["files"].values():
        assert entry.get("alt", entry.get("caption")).replace(" -> ", " → ") in words


def test_every_number_of_a_series() -> None:
    """For a single series each statistic has a row, extremes with their steps; counts are whole numbers."""
    assert rows(page({"loss.png": figure("loss")}), "Statistics") == [
        "Of|baseline", "Points|20000", "First|2.31", "Last|0.41", "Mean|0.9", "Std|0.123457", "NaN|3", "Inf|0",
        "Min @ step|0.39 @ 9200", "Max @ step|2.31 @ 0",
    ]  # fmt: skip


def test_a_series_without_finite_values() -> None:
    """What has no value is a dash."""
    nothing = dict.fromkeys(STATISTICS) | {"points": 2, "nan_count": 2, "inf_count": 0}
    entry = figure("loss", series=[{"run_id": "abc", "metric": "loss", **nothing}])
    told = dict(row.split("|") for row in rows(page({"loss.png": entry}), "Statistics"))
    assert (told["First"], told["Std"], told["Min @ step"], told["NaN"]) == ("–", "–", "–", "2")  # noqa: RUF001


@pytest.mark.parametrize(
    ("series", "headers"),
    [
        ([("abc", "loss"), ("abc", "acc")], ["loss", "acc"]),
        ([("abc", "loss"), ("def", "loss")], ["baseline (abc)", "baseline (def)"]),
        ([("abc", "loss"), ("def", "acc")], ["loss · baseline (abc)", "acc · baseline (def)"]),
    ],
)
def test_a_row_for_each_of_several_series(series: list[tuple[str, str]], headers: list[str]) -> None:
    """It is called by its metric, its run, or both: what tells it from the others. Namesakes show their ids."""
    entry = figure("loss", series=[{"run_id": run, "metric": metric, **STATISTICS} for run, metric in series])
    found = page({"loss.png": entry}, described=[{"id": id_, "name": "baseline"} for id_ in ("abc", "def")])
    table = rows(found, "Statistics")
    assert table[0] == "Series|Points|First|Last|Mean|Std|NaN|Inf|Min @ step|Max @ step"
    assert [row.split("|")[0] for row in table[1:]] == headers


def test_how_a_figure_was_made() -> None:
    """Resolution, smoothing and renderer stand below it; a sample says so."""
    full = figure("a", resolution={"kind": "full", "points": 20}, renderer="matplotlib", smoothing=None)
    sample = figure("b", resolution={"kind": "sampled", "points": 9, "of": 80}, renderer="seaborn", smoothing="ema:0.9")
    assert page({"a.png": full, "b.png": sample}).texts("bdi") == [
        "every logged point (20)", "drawn by matplotlib",
        "a sample: 9 of 80 points", "smoothed by ema:0.9", "drawn by seaborn",
    ]  # fmt: skip


def test_figures_of_groups(tmp_path: Path) -> None:
    """The runs behind each line are listed, how many they are from end to end, and how they were aligned."""
    runs = two_runs()
    metadata = make_folder(tmp_path, runs, metrics=["val/loss"], options=FigureOptions(group_by="state"))
    described = rows(Page(render_report(metadata, runs)), "Groups")
    assert described[1:] == [
        "state=finished|val/loss|baseline|1|exact",
        "state=running|val/loss|warmup-cosine-decay-large-batch|1|exact",
    ]


def test_where_a_group_grows_smaller() -> None:
    """The first places where runs end are told, the rest counted."""
    counts = {"first": 9, "last": 2, "drops": [{"x": 10 * at, "n": 9 - at} for at in range(1, 8)]}
    group = {"label": "lr=1", "metric": "loss", "run_ids": ["abc"], "alignment": "interpolated", "n": counts}
    assert rows(page({"loss.png": figure("loss", groups=[group])}), "Groups")[1] == (
        "lr=1|loss|baseline|9 to 2 (8 from 10, 7 from 20, 6 from 30, 5 from 40, 4 from 50, 2 more drops)|interpolated"
    )


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
    """Pictures are images, interactive figures are frames, all else is linked; a page that a run logged is linked."""
    files = {f"f.{suffix}": figure("f") for suffix in ("png", "svg", "pdf", "html", "txt")}
    found = page(files | {"logged.html": image("media/html/logged.html"), "G.GIF": image("G.GIF")})
    assert found.attributes("img", "src") == ["./f.png", "./f.svg", "./G.GIF"]
    assert found.attributes("iframe", "src") == ["./f.html"]
    links = [address for address in found.attributes("a", "href") if not address.startswith("#")]
    assert links == ["./f.html", "./f.pdf", "./f.png", "./f.svg", "./f.txt", "./G.GIF", "./logged.html"]


def test_runs_of_the_folder_and_what_is_known_of_them() -> None:
    """All runs are listed in natural order of their names, with group and tags of those that the command was about."""
    described = [
        {"id": "a", "name": "lr 10", "state": "crashed", "last_step": None},
        {"id": "b", "name": "lr 9", "state": "finished", "last_step": 0, "url": "https://wandb.ai/acme/vision/runs/b"},
        {"id": "a", "name": "other", "state": "finished", "last_step": 7, "path": "acme/speech/a"},
    ]
    known = [a_run("a", name="lr 10", tags=("x", "y"), group="sweep")]
    found = page({}, known, described)
    assert rows(found, "All runs") == [
        "Name|Id|State|Last step|Group|Tags", "lr 9|b|finished|0|–|–", "lr 10|a|crashed|–|sweep|x, y",  # noqa: RUF001
        "other|a|finished|7|–|–",  # noqa: RUF001
    ]  # fmt: skip
    assert "https://wandb.ai/acme/vision/runs/b" in found.attributes("a", "href")
    assert "This folder holds no figures and no images yet." in found.texts("p")


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


def test_config_differences_come_first_and_the_rest_is_folded() -> None:
    """Keys that differ are in a table of their own, nested ones with dots; what all runs share can be unfolded."""
    configs = [{"lr": 0.1, "opt": {"name": "adam"}, "seed": 1}, {"lr": 0.2, "opt": {"name": "adam"}, "note": ""}]
    runs = [a_run(id_, name=id_, config=config) for id_, config in zip("ab", configs, strict=True)]
    found = page({}, runs)
    assert rows(found, "Config: what differs") == ["Key|a|b", "lr|0.1|0.2", "seed|1|–", "note|–"]  # noqa: RUF001
    assert rows(found, "Config common to these 2 runs") == ["Key|Value", "opt.name|adam"]
    assert found.texts("summary") == ["Config common to these 2 runs"]


def test_runs_stand_in_one_order_in_all_tables() -> None:
    """Whatever order they were asked for in, runs are sorted by name, as people sort."""
    runs = [a_run(id_, name=f"run {id_}", config={"lr": int(id_)}) for id_ in ("10", "9")]
    found = page({}, runs, [{"id": run.id, "name": run.name} for run in runs])
    assert [row.split("|")[0] for row in rows(found, "All runs")] == ["Name", "run 9", "run 10"]
    assert rows(found, "Config: what differs") == ["Run|lr", "run 9|9", "run 10|10"]


def test_many_runs_are_rows() -> None:
    """Where more runs differ than keys do, a run is a row, labelled as in the figures."""
    runs = [a_run(str(at), config={"lr": at / 10}) for at in range(3)]
    assert rows(page({}, runs), "Config: what differs") == [
        "Run|lr", "baseline (lr=0)|0", "baseline (lr=0.1)|0.1", "baseline (lr=0.2)|0.2",
    ]  # fmt: skip


def test_summaries_without_what_is_not_for_readers() -> None:
    """Numbers are rounded; W&B's own keys and what it says of media stay away; non-finite numbers are named."""
    media = {"_type": "image-file", "path": "media/images/x.png"}
    summary = {
        "val": {"loss": 0.123456789, "roc": media},
        "_step": 9,
        "_wandb": {"x": 1},
        "x": media,
        "g": float("nan"),
    }
    found = page({}, [a_run("abc", config={}, summary=summary)])
    assert rows(found, "Summary of baseline (abc)") == ["Key|Value", "val.loss|0.123457", "g|NaN"]


def test_a_long_value_is_cut() -> None:
    """A config that holds a whole prompt does not bury the rest of the table."""
    row = rows(page({}, [a_run("abc", config={"prompt": "x" * 5000})]), "Config of baseline (abc)")[1]
    assert len(row) < 400
    assert row.endswith("x…")


def test_nothing_of_this_machine() -> None:
    """Where a run lies on disk isn't said."""
    run = a_run("abc", segments=("offline-run-20260101_000000-abc",))
    assert "offline-run" not in render_report(document({"a.png": figure("a")}), [run])


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//x.example"])
def test_only_web_addresses_are_links(url: str) -> None:
    """A server can name any address for a run; one that is no web page is not linked."""
    found = page({}, described=[{"id": "abc", "name": "baseline", "url": url}])
    assert all(address.startswith("#") for address in found.attributes("a", "href"))


def test_entries_of_which_little_is_said() -> None:
    """What another version wrote, or a hand, is shown as far as it goes."""
    found = page({"a.png": {}, "b.png": {"kind": "plot"}, "c": {"kind": "other"}})
    assert found.attributes("img", "src") == ["./b.png", "./a.png"]
    assert "c" in found.texts("a")


any_text = st.text(st.characters(exclude_categories=()), max_size=30) | st.sampled_from(
    [
        "</script><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onload='x",
        "{{ 7 * 7 }}",
        "&lt;",
        "\x00\ud800",
    ]
)


def with_names(metric: str, name: str, words: str, group: str) -> str:
    """A report in which everything that comes from a server is one of these."""
    described = [{"id": "abc", "name": f"n{name}", "state": f"s{words}", "last_step": 1, "url": f"https://x/{words}"}]
    files = {
        "a.png": figure(f"m{metric}", alt=f"w{words}", renderer=f"r{words}", smoothing=f"s{words}"),
        "b.png": image(f"media/images/k{name}_1_ab.png", caption=f"c{words}", step=1),
        "c.txt": image(f"t{name}"),
    }
    run = a_run("abc", name=f"n{name}", config={f"k{metric}": f"v{words}"}, tags=(f"t{group}",), group=f"g{group}")
    return render_report(document(files, described), [run])


@cache
def structure_without_names() -> list[tuple[str, ...]]:
    """The elements of that report where every name is plain."""
    return Page(with_names("", "", "", "")).structure()


@given(any_text, any_text, any_text, any_text)
def test_no_name_is_more_than_text(metric: str, name: str, words: str, group: str) -> None:
    """Whatever runs, metrics and captions are called, the page has the same elements and attributes, in UTF-8."""
    # A slash makes a prefix, and thereby another heading.
    metric = metric.replace("/", "")
    text = with_names(metric, name, words, group)
    text.encode()
    assert Page(text).structure() == structure_without_names()
    assert not set(text) & {chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160))}


@given(st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=3).map("/".join))
@pytest.mark.parametrize("kind", ["plot", "download"])
def test_addresses_stay_in_the_folder(kind: str, name: str) -> None:
    """The address of a file is relative, and decodes to its name: no scheme, no host, no query."""
    file = f"{name}x.png"
    (address,) = page({file: {"kind": kind, "source": file}}).attributes("img", "src")
    assert address.isascii()
    assert unquote(address) == f"./{file}"
    # A forged name may climb, but never to another host.
    assert urljoin("https://here.example/folder/", address).startswith("https://here.example/")


def test_the_same_bytes_for_the_same_folder(tmp_path: Path) -> None:
    """Neither the order of files in the document nor hash seed, locale and time zone show."""
    code = """if True:
        import sys
        from tests.output.report.samples import two_runs
        from tests.output.report.test_page import document, figure, image
        from wandb_plot.output.report.page import render_report
        names = ["train/loss", "val/loss", "Val/loss", "acc", "ACC"]
        files = {f"{at}.png": figure(name) for at, name in enumerate(names)}
        files |= {f"i{at}.png": image("x.png") for at in range(3)}
        ordered = sorted(files, reverse=sys.argv[1] == "reversed")
        text = render_report(document({name: files[name] for name in ordered}), two_runs())
        sys.stdout.buffer.write(text.encode())
    """
    settings = [("forward", "1", "C", "UTC"), ("reversed", "2", "de_DE.UTF-8", "Asia/Tokyo")]
    pages = {
        subprocess.run(
            [sys.executable, "-c", code, order],
            env=os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone, "HOME": str(tmp_path)},
            cwd=Path(__file__).parents[3],
            check=True,
            capture_output=True,
        ).stdout
        for order, seed, locale, zone in settings
    }
    assert len(pages) == 1


def test_the_template_engine_is_loaded_for_a_report_only() -> None:
    """A command that writes no report doesn't pay for jinja2."""
    code = "import sys, wandb_plot.output.report.page; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"

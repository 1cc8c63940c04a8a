"""The report in a browser, from `file://`: at phone and desktop width, light and dark, and with the filter in use."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import PROGRAM, Chromium
from tests.output.report.samples import SMOOTHED, a_run, make_folder, two_runs
from wandb_plot.model.run import Run
from wandb_plot.output.report.page import render_report

if PROGRAM is None:
    pytest.skip("the report is not tried in a browser: chromium is not installed", allow_module_level=True)

PHONE, DESKTOP = (375, 812), (1280, 800)
LONG = "a_name_without_any_space_that_is_far_wider_than_a_phone_" * 4
HOSTILE = '</style></script><img src=x onerror="window.broken = 1">{{ 7 * 7 }}'

CONTRAST = Path(__file__).with_name("contrast.js").read_text()

# Images below the fold load when somebody scrolls to them.
LOAD_ALL = """Promise.all(Array.from(document.images, (image) => {
  image.loading = "eager";
  return image.complete || new Promise((resolve) => { image.onload = image.onerror = resolve; });
}))"""
FIRST_LOADED = """new Promise((resolve) => {
  const image = document.images[0];
  image.complete && image.naturalWidth ? resolve() : image.addEventListener("load", resolve);
})"""
SHOWN = """Array.from(document.querySelectorAll("[data-haystack]"))
  .filter((exhibit) => exhibit.checkVisibility())
  .map((exhibit) => exhibit.querySelector("h3, strong").textContent)"""
# Figures are drawn some time after their page has loaded.
TRACES = """new Promise((resolve) => {
  const look = () => {
    const found = document.querySelectorAll(".trace").length;
    if (found) resolve(found); else setTimeout(look, 20);
  };
  look();
})"""
SECTIONS = """Array.from(document.querySelectorAll("{}"))
  .filter((found) => found.checkVisibility()).map((found) => found.textContent)"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser for all tests here: it takes seconds to start."""
    with Chromium(tmp_path_factory.mktemp("profile")) as chromium:
        yield chromium


def write_report(folder: Path, runs: Sequence[Run], **fields: Any) -> str:
    """Make an output folder with a report, and return the report's address."""
    metadata = make_folder(folder, runs, **fields)
    return write_page(folder, metadata, runs)


def write_page(folder: Path, metadata: Mapping[str, Any], runs: Sequence[Run]) -> str:
    """Write the report of a folder, and return its address."""
    page = folder / "index.html"
    page.write_bytes(render_report(metadata, runs).encode())
    return page.as_uri()


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of two runs with seven images."""
    return write_report(tmp_path_factory.mktemp("compared"), two_runs(), images=7)


@pytest.fixture(scope="module")
def extreme(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A report of names that no layout is made for."""
    folder = tmp_path_factory.mktemp("extreme")
    runs = [a_run("a" * 60, name=LONG, config={LONG: LONG, "lr": 1}, tags=(LONG,), summary={LONG: 1.0})]
    runs += [a_run(f"r{at}", name=f"{at} {HOSTILE}", config={"lr": at, HOSTILE: at}, last_step=20) for at in range(9)]
    metadata = make_folder(folder, runs, metrics=["val/loss"], suffix="svg", images=1)
    for entry in metadata["files"].values():
        entry.update({"alt": LONG + HOSTILE} if entry["kind"] == "plot" else {"caption": LONG, "source": LONG + ".png"})
    return write_page(folder, metadata, runs)


@pytest.fixture(scope="module")
def smoothed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of one run, in a metric's name letters that an address has to escape."""
    runs = [a_run(config={"lr": 0.1}, last_step=50)]
    return write_report(
        tmp_path_factory.mktemp("größe"), runs, suffix="svg", options=SMOOTHED, metrics=["größe/損失+1"]
    )


@pytest.mark.parametrize("page", ["compared", "extreme", "smoothed"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_it_fits_and_loads(browser: Chromium, request: pytest.FixtureRequest, page: str, size: tuple[int, int]) -> None:
    """At phone and desktop width nothing makes the page scroll sideways, with all tables unfolded; every image loads.

    Nothing is asked of the network, and the console stays empty.
    """
    browser.open(request.getfixturevalue(page), size)
    browser.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    browser.evaluate(LOAD_ALL)
    widths = browser.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]")
    assert max(widths) <= size[0]
    assert browser.evaluate("Array.from(document.images, (image) => image.naturalWidth).every(Boolean)")
    assert len(browser.requested()) > 1
    assert all(address.startswith("file:///") for address in browser.requested())
    assert browser.complaints() == []
    assert browser.evaluate("window.broken") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["compared", "extreme"])
def test_text_can_be_read(browser: Chromium, request: pytest.FixtureRequest, page: str, scheme: str) -> None:
    """Light and dark, every text has the contrast that WCAG's level AA asks for, and the page is as light or dark."""
    browser.open(request.getfixturevalue(page), DESKTOP, scheme=scheme)
    browser.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
    assert browser.evaluate(CONTRAST) >= 4.5
    ground = browser.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert max(ground) < 40 if scheme == "dark" else min(ground) > 230
    assert browser.evaluate("getComputedStyle(document.images[0]).backgroundColor") == "rgb(255, 255, 255)"


@pytest.fixture
def typed(browser: Chromium, compared: str) -> Callable[[str], list[str]]:
    """Type into the filter box of a fresh page, and return the titles that are still shown."""
    browser.open(compared, PHONE)

    def type_and_look(text: str) -> list[str]:
        browser.evaluate("document.getElementById('filter').focus(), document.getElementById('filter').select()")
        if text:
            browser.type(text)
        else:
            browser.press("Delete", 46)
        shown: list[str] = browser.evaluate(SHOWN)
        return shown

    return type_and_look


def test_the_filter(browser: Chromium, typed: Callable[[str], list[str]]) -> None:
    """It keeps what has all its words, in any case; sections without a match go, with their links; empty shows all."""
    assert typed("LOSS") == ["train/loss", "val/loss"]
    assert browser.evaluate(SECTIONS.format("main h2")) == ["Runs", "train", "val"]
    assert browser.evaluate(SECTIONS.format("nav a")) == ["Runs", "train", "val"]
    assert browser.evaluate("document.getElementById('count').textContent") == "2 of 12 shown"
    assert typed("loss tra") == ["train/loss"]
    assert typed("samples_150") == ["samples"]
    assert typed("no such thing") == []
    assert len(typed("")) == 11, "the system's figures are folded again"
    assert browser.evaluate("document.getElementById('count').textContent") == ""
    assert browser.evaluate(SECTIONS.format("main h2")) == ["Runs", "Figures", "train", "val", "System", "Images"]


def test_without_scripts(browser: Chromium, compared: str) -> None:
    """All is there but the filter, which could do nothing."""
    browser.open(compared, DESKTOP, scripts=False)
    assert len(browser.evaluate(SHOWN)) == 11
    assert browser.evaluate("document.querySelector('[role=search]').checkVisibility()") is False


def test_by_keyboard(browser: Chromium, compared: str) -> None:
    """The first stop skips to the contents; then links, the filter, tables that scroll, and what can be unfolded."""
    browser.open(compared, PHONE)
    stops = []
    for _ in range(16):
        browser.press("Tab", 9)
        stops.append(browser.evaluate("document.activeElement.className || document.activeElement.tagName"))
        assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        in_sight = browser.evaluate("document.activeElement.getBoundingClientRect().toJSON()")
        assert in_sight["left"] >= 0
        assert in_sight["right"] <= PHONE[0]
    tables = ["scroll", "A", "scroll", "SUMMARY", "SUMMARY"]
    assert stops == ["skip", *["A"] * 6, "INPUT", *tables, "SUMMARY", "picture", "SUMMARY"]


def test_names_for_those_who_do_not_see(browser: Chromium, compared: str) -> None:
    """There is one page heading, and levels don't jump; landmarks, figures, images and boxes that scroll have names."""
    browser.open(compared, DESKTOP)
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    nodes = [(node["role"]["value"], node["name"]["value"]) for node in tree if "name" in node and not node["ignored"]]
    roles = {role for role, _ in nodes}
    assert {"main", "navigation", "search", "banner"} <= {node["role"]["value"] for node in tree if not node["ignored"]}
    assert {"figure", "image", "region", "searchbox", "table", "rowheader", "columnheader"} <= roles
    named = ("figure", "image", "region", "searchbox", "link", "navigation", "heading", "table")
    assert [role for role, name in nodes if role in named and not name] == []
    levels = browser.evaluate("Array.from(document.querySelectorAll('h1, h2, h3'), (h) => Number(h.tagName[1]))")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))


def test_on_paper(browser: Chromium, compared: str) -> None:
    """Printed in a dark room, the page is black on white, with all tables unfolded and nothing to click or type in."""
    browser.open(compared, (800, 1100), scheme="dark", medium="print")
    assert browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.evaluate("document.querySelector('[role=search]').checkVisibility()") is False
    assert browser.evaluate("document.querySelector('nav').checkVisibility()") is False
    tables = "Array.from(document.querySelectorAll('table'), (table) => table.checkVisibility()).every(Boolean)"
    assert browser.evaluate(tables)


def test_interactive_figures(browser: Chromium, tmp_path: Path) -> None:
    """Figures that are pages are drawn within the report, from the file that lies beside them."""
    pytest.importorskip("plotly")
    address = write_report(tmp_path, two_runs(), suffix="html", metrics=["val/loss"])
    browser.open(address, DESKTOP)
    assert browser.evaluate(TRACES, frame=0) == 2
    assert all(asked.startswith(tmp_path.as_uri()) for asked in browser.requested())
    assert browser.complaints() == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_interactive_figures_fill_their_cards(browser: Chromium, tmp_path: Path, size: tuple[int, int]) -> None:
    """Whatever size they were drawn for, the whole figure is seen, and no part of the card is left empty."""
    pytest.importorskip("plotly")
    browser.open(write_report(tmp_path, two_runs(), suffix="html", metrics=["val/loss"]), size)
    assert browser.evaluate(TRACES, frame=0) == 2
    drawn = browser.evaluate("document.querySelector('.main-svg').getBoundingClientRect().toJSON()", frame=0)
    frame = browser.evaluate("document.querySelector('iframe').getBoundingClientRect().toJSON()")
    assert abs(drawn["width"] - frame["width"]) < 1
    assert abs(drawn["height"] - frame["height"]) < 1


def test_figures_can_be_read_on_a_phone(browser: Chromium, compared: str) -> None:
    """A figure of 8 inches isn't shrunk to the width of a phone, where its letters would be 4 pixels high."""
    browser.open(compared, PHONE)
    shown = browser.evaluate("document.querySelector('.figures img').getBoundingClientRect().width")
    assert 10 * 100 / 72 * shown / 800 >= 9, "letters of 10 points, on a figure that is 800 pixels wide"
    box = browser.evaluate("document.querySelector('.figures .picture').getBoundingClientRect().toJSON()")
    assert box["right"] <= PHONE[0]


def test_many_figures_load_when_they_are_looked_at(browser: Chromium, tmp_path: Path) -> None:
    """Of 150 figures only those near the top are asked for at first, and those of folded sections not at all."""
    metadata = make_folder(tmp_path, [a_run()], metrics=["val/loss"], suffix="svg")
    (entry,) = metadata["files"].values()
    picture = (tmp_path / "val_loss.svg").read_bytes()
    files = {f"{at}.svg": {**entry, "metrics": [f"{'system.' * (at > 140)}m{at}"]} for at in range(150)}
    for file in files:
        (tmp_path / file).write_bytes(picture)
    browser.open(write_page(tmp_path, {**metadata, "files": files}, []), DESKTOP)
    browser.evaluate(FIRST_LOADED)
    asked = {address.rpartition("/")[2] for address in browser.requested()}
    assert "0.svg" in asked
    assert len(asked) < 75
    assert not {f"{at}.svg" for at in range(141, 150)} & asked


def test_a_link_opens_a_folded_section(browser: Chromium, compared: str) -> None:
    """Whoever follows it sees what it leads to."""
    browser.open(compared, DESKTOP)
    assert "system.cpu" not in browser.evaluate(SHOWN)
    browser.evaluate("Array.from(document.querySelectorAll('nav a')).find((a) => a.textContent === 'System').click()")
    browser.evaluate("new Promise((resolve) => setTimeout(resolve, 200))")
    assert "system.cpu" in browser.evaluate(SHOWN)


def test_a_logged_svg_runs_no_script(browser: Chromium, tmp_path: Path) -> None:
    """It is shown, and neither it nor a click on it runs what is in it."""
    metadata = dict(make_folder(tmp_path, [a_run()], metrics=[], images=1))
    script = "<script>document.title = 'mine'; parent.broken = 1; top.document.title = 'mine'</script>"
    (tmp_path / "x.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="alert(1)">{script}</svg>'
    )
    metadata["files"] = {"x.svg": {"kind": "download", "source": "media/images/x.svg"}}
    browser.open(write_page(tmp_path, metadata, [a_run()]), DESKTOP)
    browser.evaluate(LOAD_ALL)
    assert browser.evaluate("document.images[0].naturalWidth") == 40
    browser.evaluate("document.images[0].click()")
    assert browser.evaluate("document.title").startswith("baseline")
    assert browser.evaluate("window.broken") is None

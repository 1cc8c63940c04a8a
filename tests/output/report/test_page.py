"""The report as HTML: one page of all that is in a folder, in which no name can be more than text."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.output.report.reading import Page, document, figure, image, page
from tests.output.report.samples import a_run, make_folder, two_runs
from wandb_plot.figures.assembly import FigureOptions
from wandb_plot.output.metadata_file import read_metadata
from wandb_plot.output.report.page import render_report


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
    words = [entry.get("alt", entry.get("caption")).replace(" -> ", " → ") for entry in metadata["files"].values()]
    assert set(found.attributes("img", "alt")) == set(words)
    assert set(words) <= set(found.texts("p"))


def test_nothing_of_this_machine() -> None:
    """Where a run lies on disk isn't said."""
    run = a_run("abc", segments=("offline-run-20260101_000000-abc",))
    assert "offline-run" not in render_report(document({"a.png": figure("a")}), [run])


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//x.example"])
def test_only_web_addresses_are_links(url: str) -> None:
    """A server can name any address for a run; one that is no web page is not linked."""
    found = page({}, described=[{"id": "abc", "name": "baseline", "url": url}])
    assert all(address.startswith("#") for address in found.attributes("a", "href"))


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
        from tests.output.report.reading import document, figure, image
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


def test_whatever_is_missing_or_odd_in_a_document(tmp_path: Path) -> None:
    """A document of which any one value is missing or of another type is shown as far as it goes, or kept aside."""
    runs = two_runs()
    options = FigureOptions(group_by="state", band="std")
    whole = make_folder(tmp_path, runs, metrics=["train/grad_norm"], images=1, options=options)
    for path in places_in(whole):
        for odd in (None, 5, "missing"):
            changed = json.loads(json.dumps(whole))
            parent = changed
            for key in path[:-1]:
                parent = parent[key]
            if odd == "missing":
                del parent[path[-1]]
            else:
                parent[path[-1]] = odd
            (tmp_path / "metadata.json").write_text(json.dumps(changed))
            assert render_report(read_metadata(tmp_path).document, runs).endswith("</html>\n"), (path, odd)


def places_in(value: Any) -> Iterator[tuple[Any, ...]]:
    """The way to every value in a JSON document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (key,)
        yield from ((key, *rest) for rest in places_in(inner))

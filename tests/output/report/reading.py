"""The report as a browser sees it, and documents to make it of."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

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
# Of 11 numbers from 0 to 10.
EVEN = {
    "points": 11,
    "first": 0,
    "last": 10,
    "min": 0,
    "max": 10,
    "max_step": 10,
    "mean": 5,
    "std": 11**0.5,
    "nan_count": 0,
}
SAMPLED = {"kind": "sampled", "points": 9, "of": 80}


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

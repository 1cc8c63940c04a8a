"""Tables as text for people and papers: plain, Markdown, LaTeX with booktabs, CSV."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_", "%": r"\%",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "±": r"$\pm$",
}  # fmt: skip
_LATEX_SPECIAL = re.compile("|".join(map(re.escape, _LATEX)))
_MARKDOWN_SPECIAL = re.compile(r"[\\`*_{}\[\]<>|]")


@dataclass(frozen=True)
class TextCell:
    """The text of a cell.

    Attributes:
        best: whether it is the best of its column, which is marked.
        remark: what stands after it, unmarked.
    """

    text: str
    best: bool = False
    remark: str = ""


TextRows = Sequence[Sequence[TextCell]]


def plain_rows(rows: TextRows) -> list[list[str]]:
    """The texts, the best with a star."""
    return [[_remarked(cell.text + (" *" if cell.best else ""), cell) for cell in row] for row in rows]


def markdown(headings: Sequence[str], rows: TextRows, notes: Sequence[str]) -> str:
    """A table of GitHub's Markdown, the best in bold, the notes after it."""
    lines = [_markdown_row(map(_markdown_text, headings)), _markdown_row("---" for _ in headings)]
    lines += [_markdown_row(map(_markdown_cell, row)) for row in rows]
    return "\n".join([*lines, *(f"\n{_markdown_text(note)}" for note in notes)]) + "\n"


def latex(headings: Sequence[str], rows: TextRows, notes: Sequence[str], *, texts: int, above: str = "") -> str:
    """A LaTeX tabular with the rules of booktabs, the best in bold, the notes as comments before it.

    Args:
        headings: of the columns.
        rows: of cells.
        notes: how the numbers were made.
        texts: how many columns from the left hold text, and are aligned so.
        above: a heading above those of the other columns; none where it is empty.
    """
    columns = "l" * texts + "r" * (len(headings) - texts)
    lines = [r"% needs \usepackage{booktabs}", *(f"% {' '.join(note.split())}" for note in notes)]
    lines += [rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    if above:
        spanning = rf"\multicolumn{{{len(headings) - texts}}}{{c}}{{{_latex_text(above)}}}"
        lines += [_latex_row([*[""] * texts, spanning]), rf"\cmidrule(lr){{{texts + 1}-{len(headings)}}}"]
    lines += [_latex_row(map(_latex_text, headings)), r"\midrule"]
    lines += [_latex_row(map(_latex_cell, row)) for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def comma_separated(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """CSV; None is nothing between two commas."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return stream.getvalue()


def _remarked(text: str, cell: TextCell) -> str:
    return f"{text} {cell.remark}" if cell.remark else text


def _markdown_row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _markdown_cell(cell: TextCell) -> str:
    text = _markdown_text(cell.text)
    return _remarked(f"**{text}**" if cell.best else text, cell)


def _markdown_text(text: str) -> str:
    return _MARKDOWN_SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def _latex_row(texts: Iterable[str]) -> str:
    return " & ".join(texts) + r" \\"


def _latex_cell(cell: TextCell) -> str:
    text = _latex_text(cell.text)
    return _remarked(rf"\textbf{{{text}}}" if cell.best else text, cell)


def _latex_text(text: str) -> str:
    return _LATEX_SPECIAL.sub(lambda found: _LATEX[found[0]], " ".join(text.split()))

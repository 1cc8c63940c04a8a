"""Tables as Markdown and LaTeX."""

from wandb_plot.output.table_text import TextCell, comma_separated, latex, markdown, plain_rows

HEADINGS = ["config.opt_name", "acc:max"]
ROWS = [[TextCell("a|b_c"), TextCell("0.9 ± 0.1", best=True)], [TextCell("50% & {x}\n~^\\"), TextCell("-")]]


def test_markdown_escapes_what_would_be_obeyed() -> None:
    """No name breaks a row or makes its neighbours bold."""
    assert markdown(HEADINGS, ROWS, ["one_note"]) == (
        "| config.opt\\_name | acc:max |\n| --- | --- |\n| a\\|b\\_c | **0.9 ± 0.1** |\n"
        "| 50% & \\{x\\} ~^\\\\ | - |\n\none\\_note\n"
    )


def test_latex_escapes_what_would_be_obeyed() -> None:
    """Every special character is itself, a note is a comment of one line."""
    assert latex(HEADINGS, ROWS, ["a\nb"], texts=1).splitlines() == [
        r"% needs \usepackage{booktabs}",
        "% a b",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"config.opt\_name & acc:max \\",
        r"\midrule",
        r"a\textbar{}b\_c & \textbf{0.9 $\pm$ 0.1} \\",
        r"50\% \& \{x\} \textasciitilde{}\textasciicircum{}\textbackslash{} & - \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_a_heading_of_latex_may_span_the_numbers() -> None:
    """Above their own headings, and not above the texts."""
    lines = latex(["a", "x_1", "x_2"], [[TextCell("b"), TextCell("1"), TextCell("2")]], [], texts=1, above="acc_1")
    assert lines.splitlines()[3:6] == [
        r" & \multicolumn{2}{c}{acc\_1} \\",
        r"\cmidrule(lr){2-3}",
        r"a & x\_1 & x\_2 \\",
    ]


def test_a_remark_is_never_marked() -> None:
    """It stands after what marks the number."""
    rows = [[TextCell("0.9", best=True, remark="(n=3)")]]
    assert plain_rows(rows) == [["0.9 * (n=3)"]]
    assert "**0.9** (n=3)" in markdown(["acc"], rows, [])
    assert r"\textbf{0.9} (n=3)" in latex(["acc"], rows, [], texts=0)


def test_csv_has_nothing_where_there_is_none() -> None:
    """Texts are in quotes where they must be."""
    assert comma_separated(["a,b", "c"], [[None, 0.5]]) == '"a,b",c\n,0.5\n'


def test_the_best_has_a_star_in_plain_text() -> None:
    """It stands behind the number."""
    assert plain_rows(ROWS)[0][1] == "0.9 ± 0.1 *"

"""What lines are called, and in which order and colours they come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.figures.runs import a_run, history
from wandb_plot.errors import UsageError
from wandb_plot.figures.assembly import Assembled, assemble
from wandb_plot.figures.options import FigureOptions, Presentation
from wandb_plot.figures.words.legend import check_template
from wandb_plot.model.run import Run

RUNS = [
    a_run(f"id{arch}{lr}", f"{arch}-{lr}", config={"arch": arch, "lr": lr})
    for arch in ("vit", "cnn")
    for lr in (0.1, 1e-4)
]


def drawn(
    runs: list[Run] = RUNS, *, group_by: str | None = None, metrics: tuple[str, ...] = ("loss",), **given: Any
) -> Assembled:
    """A figure of `runs`, presented as `given`."""
    options = FigureOptions(group_by=group_by, presentation=Presentation(**given))
    logged = [(run, history(**{metric: {0: 1.0, 1: 2.0} for metric in metrics})) for run in runs]
    return assemble(metrics, logged, options)


def labels(made: Assembled) -> list[str]:
    """What the legend calls the lines."""
    return [series.label for series in made.figure.series]


def test_templates_make_labels() -> None:
    """Fields are keys of runs, with the formats of Python."""
    assert labels(drawn(label="{config.arch} (lr {config.lr:g})")) == [
        "vit (lr 0.1)",
        "vit (lr 0.0001)",
        "cnn (lr 0.1)",
        "cnn (lr 0.0001)",
    ]


def test_labels_of_a_template_stay_different() -> None:
    """What tells the runs apart is put behind labels that they would share."""
    assert labels(drawn(label="{config.arch}")) == [
        "vit (vit-0.1)",
        "vit (vit-0.0001)",
        "cnn (cnn-0.1)",
        "cnn (cnn-0.0001)",
    ]


def test_templates_name_groups() -> None:
    """Where the runs of a group differ, the field says so."""
    made = drawn(group_by="config.arch", label="{config.arch}, lr {config.lr}")
    assert labels(made) == ["cnn, lr mixed", "vit, lr mixed"]
    assert made.figure.legend_title == "mean (n=2)"


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{config.arhc}", "config.arhc"),
        ("{config.arch", "expected '}'"),
        ("{}", "no run has ''"),
        ("{name.__class__}", "no run"),
    ],
)
def test_templates_that_mean_nothing_are_refused(template: str, said: str) -> None:
    """Before anything is read; nothing but keys of runs can be reached."""
    with pytest.raises(UsageError, match=said.replace("}", "\\}")):
        check_template(template, RUNS)


def test_a_format_that_a_value_does_not_take_is_refused() -> None:
    """With the value."""
    with pytest.raises(UsageError, match="vit doesn't take the format"):
        drawn(label="{config.arch:.2f}")


def test_titles_and_axes_are_called_as_given() -> None:
    """Metrics are renamed wherever they show; words keep the logged names."""
    renamed = drawn(rename={"loss": "Training loss"})
    assert (renamed.figure.title, renamed.figure.ylabel) == ("Training loss of 4 runs", "Training loss")
    assert "Line chart of loss over _step" in renamed.document["alt"]
    named = drawn(title="T", xlabel="X", ylabel="")
    assert (named.figure.title, named.figure.xlabel, named.figure.ylabel) == ("T", "X", "")
    assert labels(drawn(RUNS[:1], metrics=("loss", "acc"), rename={"acc": "Accuracy"})) == ["loss", "Accuracy"]


def test_lines_come_in_the_order_that_is_asked_for() -> None:
    """By label, group value, name or id; the rest follows as it was. Colours stay with the runs."""
    made = drawn(group_by="config.arch", order=("vit",))
    assert [(series.label, series.slot) for series in made.figure.series] == [("vit", 1), ("cnn", 0)]
    assert labels(drawn(order=("cnn-0.1", "idvit0.0001"))) == ["cnn-0.1", "vit-0.0001", "vit-0.1", "cnn-0.0001"]


def test_other_lines_come_in_the_order_in_which_they_end() -> None:
    """From the highest end in sight to the lowest, as they lie beside a legend; what was asked for stays first."""
    ends = {"a": [5.0, 1.0], "b": [1.0, 3.0], "c": [4.0, 2.0]}
    logged = [(a_run(name), history(loss=dict(enumerate(values)))) for name, values in ends.items()]

    def order(**options: Any) -> list[str]:
        return labels(assemble(("loss",), logged, FigureOptions(**options)))

    assert order() == ["b", "c", "a"]
    assert order(xlim=(None, 0.5)) == ["a", "c", "b"]
    assert order(presentation=Presentation(order=("a",))) == ["a", "b", "c"]
    noisy = {"a": dict.fromkeys(range(99), 1.0) | {99: 9.0}, "b": dict.fromkeys(range(100), 2.0)}
    logged = [(a_run(name), history(loss=values)) for name, values in noisy.items()]
    assert order() == ["b", "a"]


def test_colors_are_chosen_by_key_or_name() -> None:
    """A key with its value paints every run that has it; `config.` may be left out. What nobody is called is told."""
    made = drawn(colors=(("arch=vit", "#d62728"), ("idcnn0.1", "#000000"), ("config.arch=mlp", "#111111")))
    assert [series.color for series in made.figure.series] == ["#d62728", "#d62728", "#000000", None]
    assert made.hints == ["--color: no line is called 'config.arch=mlp'"]
    grouped = drawn(group_by="config.arch", colors=(("cnn", "#222222"), ("config.arch=vit", "#333333")))
    assert [series.color for series in grouped.figure.series] == ["#222222", "#333333"]


def test_counts_and_metrics_are_not_cut() -> None:
    """Whatever long names of groups have in common, and lose."""
    runs = [
        a_run(f"r{at}", config={"model": f"a-rather-long-name-of-a-model-{'vit' if at < 2 else 'cnn'}"})
        for at in range(4)
    ]
    logged = [
        (run, history(**{"train/loss": dict.fromkeys(range(9 - at % 2 * 4), 1.0), "val/loss": {0: 1.0}}))
        for at, run in enumerate(runs)
    ]
    grouped = FigureOptions(group_by="config.model")
    assert labels(assemble(["train/loss"], logged, grouped)) == ["cnn (n=2→1)", "vit (n=2→1)"]
    first = FigureOptions(
        group_by="config.model", presentation=Presentation(order=("vit",), colors=(("cnn", "#123456"),))
    )
    made = assemble(["train/loss"], logged, first)
    assert [(series.label, series.color) for series in made.figure.series] == [
        ("vit (n=2→1)", None),
        ("cnn (n=2→1)", "#123456"),
    ]
    assert made.hints == []
    assert labels(assemble(["train/loss", "val/loss"], logged, grouped)) == [
        "train/loss · cnn (n=2→1)",
        "train/loss · vit (n=2→1)",
        "val/loss · cnn (n=2)",
        "val/loss · vit (n=2)",
    ]
    assert labels(assemble(["train/loss", "val/loss"], logged[:2], grouped)) == ["train/loss (n=2→1)", "val/loss (n=2)"]


@given(st.lists(st.tuples(st.text("ab- ", max_size=30), st.text("xy1", max_size=90)), min_size=2, max_size=6))
def test_no_two_runs_share_a_label_or_a_name_in_words(named: list[tuple[str, str]]) -> None:
    """However long and alike their names and configs are."""
    runs = [a_run(f"id{at}", name, config={"k": value}) for at, (name, value) in enumerate(named)]
    made = drawn(runs)
    assert len(set(labels(made))) == len(runs)
    told = made.document["alt"].split("Line by line: " if len(runs) > 2 else " runs: ")[1].split("; ")[: len(runs)]
    assert len({one.rpartition(": ")[0] for one in told}) == len(runs)

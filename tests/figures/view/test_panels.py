"""Figures of several pairs of axes."""

from typing import Any

import numpy as np
import pytest

from tests.figures.runs import a_run, history
from wandb_plot.errors import UsageError
from wandb_plot.figures.assembly import Assembled, assemble
from wandb_plot.figures.options import FigureOptions
from wandb_plot.figures.view.panels import panels_across, size_of
from wandb_plot.numbers.smoothing import Smoothing

RUNS = [
    (
        a_run(f"{env}{arch}{seed}", config={"env": env, "arch": arch, "seed": seed}),
        history(
            loss={step: (10 if env == "A" else 1) + seed + step for step in range(5)},
            acc={step: step / 10 for step in range(5)},
        ),
    )
    for env in "AB"
    for arch in ("vit", "cnn")
    for seed in (0, 1)
]


def drawn(*metrics: str, **options: Any) -> Assembled:
    """A figure of panels."""
    return assemble(metrics or ("loss",), RUNS, FigureOptions(**options))


def test_a_panel_for_each_metric() -> None:
    """Each with all runs, in the same colours; the whole has no series of its own."""
    figure = drawn("loss", "acc", panels="metric").figure
    assert (figure.series, figure.title, figure.across) == ((), "", 2)
    assert [panel.title for panel in figure.panels] == ["loss", "acc"]
    first, second = ({(series.label, series.slot) for series in panel.series} for panel in figure.panels)
    assert first == second
    assert len(first) == 8


def test_a_panel_for_each_value_of_a_key() -> None:
    """Groups within it are told apart by what differs beside that key, and have one colour in all panels."""
    made = drawn(panels="config.env", group_by="!config.seed")
    figure = made.figure
    assert [panel.title for panel in figure.panels] == ["env=A", "env=B"]
    assert [[(series.label, series.slot) for series in panel.series] for panel in figure.panels] == [
        [("cnn", 0), ("vit", 1)]
    ] * 2
    assert [panel.series[0].y.tolist() for panel in figure.panels] == [
        [10.5, 11.5, 12.5, 13.5, 14.5],
        [1.5, 2.5, 3.5, 4.5, 5.5],
    ]
    assert (figure.title, figure.legend_title) == ("loss by arch", "arch · mean (n=2)")
    assert "There are 2 panels, one for each config.env." in made.document["alt"]
    assert made.document["panels"] == ["env=A", "env=B"]


def test_groups_of_panels_are_told_apart_in_words() -> None:
    """One group has a line in each panel, and each has its own sentence."""
    alt = drawn(panels="config.env", group_by="config.arch").document["alt"]
    assert "by config.arch. " in alt
    assert "Line by line: cnn (2 runs) (env=A): 10.5 -> 14.5" in alt
    assert "; cnn (2 runs) (env=B): 1.5 -> 5.5" in alt


def test_axes_may_be_shared() -> None:
    """All panels reach as far as all series together, with a margin."""
    panels = drawn(panels="config.env", share_y=True).figure.panels
    assert [panel.ylim for panel in panels] == [pytest.approx((1 - 0.05 * 14, 15 + 0.05 * 14))] * 2
    assert {panel.ylim for panel in drawn(panels="config.env").figure.panels} == {(None, None)}


def test_limits_are_found_panel_by_panel() -> None:
    """A free side fits what is inside in that panel, and each says what it leaves out."""
    panels = drawn(panels="config.env", xlim=(None, 2)).figure.panels
    assert [panel.ylim for panel in panels] == [pytest.approx((9.85, 13.15)), pytest.approx((0.85, 4.15))]
    assert [panel.note for panel in panels] == ["8 points outside"] * 2


def test_smoothing_goes_by_the_range_of_all_panels() -> None:
    """The same run is smoothed alike whatever stands beside it in its panel."""
    short = (a_run("short", config={"env": "A"}), history(loss={step: float(step % 7) for step in range(100)}))
    long = (a_run("long", config={"env": "B"}), history(loss={step: float(step % 7) for step in range(1000)}))
    options = FigureOptions(panels="config.env", smoothing=Smoothing("twema", 0.9))
    one, other = (panel.series[0].smooth for panel in assemble(["loss"], [short, long], options).figure.panels)
    assert one is not None
    assert other is not None
    np.testing.assert_allclose(one, other[:100])


@pytest.mark.parametrize(
    ("count", "wanted", "found"), [(1, 0, 1), (3, 0, 3), (4, 0, 2), (7, 0, 3), (2, 5, 2), (6, 5, 5)]
)
def test_panels_stand_in_rows_of_about_one_length(count: int, wanted: int, found: int) -> None:
    """At most three side by side, unless more are wanted."""
    assert panels_across(count, wanted) == found


def test_a_key_that_no_run_has_makes_no_panels() -> None:
    """Bad usage, with the nearest."""
    with pytest.raises(UsageError, match=r"config\.en"):
        drawn(panels="config.en")


def test_metrics_far_apart_on_one_pair_of_axes_are_advised_to_part() -> None:
    """A hundredfold makes the lesser one a flat line; panels are offered."""
    runs = [(a_run("a"), history(big={0: 900.0, 1: 1000.0}, small={0: 1.0, 1: 0.5}))]
    made = assemble(["big", "small"], runs, FigureOptions())
    assert made.warnings == [
        "big is 1,021 times as large as small, which looks flat beside it: --panels metric draws each alone"
    ]
    assert not assemble(["big", "small"], runs, FigureOptions(panels="metric")).warnings


def test_a_label_of_several_panels_counts_the_runs_of_all() -> None:
    """One legend has one entry for a group, whose runs end in one panel and not in the other, or begin as fewer."""
    short = [
        (run, history(loss={0: 1.0, 1: 2.0}, acc={0: 1.0} if run.config["seed"] else {0: 1.0, 1: 2.0}))
        for run, _ in RUNS
    ]
    figure = assemble(["loss", "acc"], short, FigureOptions(panels="metric", group_by="config.arch")).figure
    assert [[series.label for series in panel.series] for panel in figure.panels] == [
        ["cnn (n=4→2)", "vit (n=4→2)"]
    ] * 2
    fewer = [(run, read) for run, read in short if run.config["env"] == "A" or run.config["seed"] == 0]
    by_env = assemble(["acc"], fewer, FigureOptions(panels="config.env", group_by="config.arch")).figure
    assert {series.label for panel in by_env.panels for series in panel.series} == {"cnn (n=1..2)", "vit (n=1..2)"}
    together = assemble(["loss", "acc"], short, FigureOptions(group_by="config.arch")).figure
    assert [series.label for series in together.series][1:3] == ["loss · vit (n=4)", "acc · cnn (n=4→2)"]


@pytest.mark.parametrize(
    ("panels", "columns", "style", "size"),
    [
        (0, 0, "screen", (8, 4.5)),
        (0, 0, "look.mplstyle", (8, 4.5)),
        (0, 0, "paper", (8, 4.5)),
        (6, 3, "screen", (12, 6)),
        (2, 1, "screen", (8, 6)),
        (6, 3, "icml2024:half", (8, 4.5)),
    ],
)
def test_figures_grow_with_their_panels(panels: int, columns: int, style: str, size: tuple[float, float]) -> None:
    """On a screen a figure grows with its panels; the usual size leaves the size to any other style."""
    assert size_of(panels, columns, style) == size

"""Figures from histories: the numbers behind every line, against pandas done independently."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.figures.runs import START, a_run, history
from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.figures.assembly import Assembled, assemble
from wandb_plot.figures.lines.run_series import Histories
from wandb_plot.figures.options import FigureOptions
from wandb_plot.model.figure import Series
from wandb_plot.model.history import History
from wandb_plot.numbers.smoothing import Smoothing


@pytest.fixture
def seeds() -> Histories:
    """Three runs of two learning rates, on steps that overlap in part."""
    rng = np.random.default_rng(5)
    lengths = {"a": 50, "b": 40, "c": 50}
    return [
        (
            a_run(name, config={"lr": 0.1 if name != "c" else 0.2}),
            history(loss=dict(enumerate(rng.normal(size=length)))),
        )
        for name, length in lengths.items()
    ]


def by_color(made: Assembled) -> list[Series]:
    """The series of a figure in the order of their colours; they themselves are in that of their ends."""
    return sorted(made.figure.series, key=lambda series: series.slot)


def test_a_line_is_what_was_logged(seeds: Histories) -> None:
    """One line a run, on its own steps, with the slot of its place among the runs."""
    made = assemble(["loss"], seeds, FigureOptions())
    figure = made.figure
    assert [(series.label, series.slot) for series in by_color(made)] == [("a", 0), ("b", 1), ("c", 2)]
    for series, (_, read) in zip(by_color(made), seeds, strict=True):
        np.testing.assert_array_equal(series.y, read.columns["loss"].values)
    assert (figure.title, figure.ylabel, figure.xlabel) == ("loss of 3 runs", "loss", "step")


def test_a_run_keeps_its_colour_where_another_lacks_the_metric(seeds: Histories) -> None:
    """Slots go by the runs of the command, not by those that a figure has."""
    without = [(seeds[0][0], history(other={0: 1})), *seeds[1:]]
    made = assemble(["loss"], without, FigureOptions())
    assert [(series.label, series.slot) for series in by_color(made)] == [("b", 1), ("c", 2)]
    assert made.warnings == ["a has no numbers of loss"]


@pytest.mark.parametrize(("kind", "ddof"), [("std", 1), ("stderr", 1)])
def test_groups_are_means_with_bands(seeds: Histories, kind: str, ddof: int) -> None:
    """Mean and band are those that pandas makes of the rows; n says where runs end."""
    options = FigureOptions(group_by="config.lr", band=kind)  # type: ignore[arg-type]
    made = assemble(["loss"], seeds, options)
    group, alone = by_color(made)
    table = pd.DataFrame({run.id: pd.Series(read.columns["loss"].values) for run, read in seeds[:2]})
    spread = table.std(axis=1, ddof=ddof) / (np.sqrt(table.count(axis=1)) if kind == "stderr" else 1)
    np.testing.assert_allclose(group.y, table.mean(axis=1))
    assert group.low is not None
    assert group.high is not None
    np.testing.assert_allclose(group.low, table.mean(axis=1) - spread)
    np.testing.assert_allclose(group.high, table.mean(axis=1) + spread)
    assert (made.figure.legend_title, group.label, alone.label) == (f"lr · mean ± {kind}", "0.1 (n=2→1)", "0.2 (n=1)")
    document = made.document["groups"][0]
    assert (document["alignment"], document["run_ids"]) == ("exact", ["a", "b"])
    assert document["n"] == {"first": 2, "last": 1, "drops": [{"x": 40, "n": 1}]}
    assert "mean of its runs" in made.document["alt"]


def test_a_group_goes_without_what_is_not_finite_and_counts_it() -> None:
    """The mean is of the runs that have a number there; the words say how many values had none."""
    first = history(loss={0: 1.0, 1: np.nan, 2: 3.0})
    second = history(loss={0: 3.0, 1: 5.0, 2: np.inf})
    made = assemble(["loss"], [(a_run("a"), first), (a_run("b"), second)], FigureOptions(group_by="group"))
    (group,) = made.figure.series
    assert group.y.tolist() == [2, 5, 3]
    assert "2 non-finite values of its runs left out" in made.document["alt"]


def test_smoothing_is_over_the_points_of_the_metric(seeds: Histories) -> None:
    """The running average is pandas', with a gap where something non-finite was logged."""
    values = seeds[0][1].columns["loss"].values.copy()
    values[10:13] = np.nan, np.inf, np.nan
    holed = [(seeds[0][0], history(loss=dict(enumerate(values))))]
    (series,) = assemble(["loss"], holed, FigureOptions(smoothing=Smoothing("average", 5))).figure.series
    kept = pd.Series(values)[np.isfinite(values)]
    assert series.smooth is not None
    np.testing.assert_allclose(series.smooth[np.isfinite(values)], kept.rolling(5, min_periods=1, center=True).mean())
    assert np.isnan(series.smooth[10:13]).all()
    assert np.isnan(series.y[10:13]).all()


def test_the_time_weighted_average_goes_by_the_range_of_the_figure() -> None:
    """A short run beside a long one is smoothed as much per step, also when limits show a part."""
    long, short = {step: float(step % 7) for step in range(1000)}, {step: float(step % 7) for step in range(100)}
    options = FigureOptions(smoothing=Smoothing("twema", 0.9), xlim=(0, 50))
    both = assemble(["loss"], [(a_run("a"), history(loss=long)), (a_run("b"), history(loss=short))], options)
    first, second = (series.smooth for series in by_color(both))
    assert first is not None
    assert second is not None
    np.testing.assert_allclose(first[:100], second)


def test_other_axes_take_the_value_of_the_same_row() -> None:
    """A row without one is left out and counted; a metric of another cadence loses nothing else."""
    read = history(loss={0: 3, 1: 2, 2: 1}, epoch={0: 0, 2: 1}, _runtime={0: 0.5, 1: 1.5, 2: 2.5})
    made = assemble(["loss"], [(a_run("a"), read)], FigureOptions(x_axis="epoch"))
    (series,) = made.figure.series
    assert (series.x.tolist(), series.y.tolist()) == ([0, 1], [3, 1])
    assert made.warnings == ["a: 1 of 3 points of loss have no epoch and are left out"]
    (series,) = assemble(["loss"], [(a_run("a"), read)], FigureOptions(x_axis="_runtime")).figure.series
    assert series.x.tolist() == [0.5, 1.5, 2.5]
    with pytest.raises(NotFoundError, match="nothing of loss"):
        assemble(["loss"], [(a_run("a"), history(loss={0: 1}, epoch={5: 1}))], FigureOptions(x_axis="epoch"))


def test_wall_time_is_seconds_on_a_time_axis() -> None:
    """The system stream has it too, from the start of the run on."""
    read = history(system__cpu={0.5: 10, 1.5: 20})
    figure = assemble(["system.cpu"], [(a_run("a"), read)], FigureOptions(x_axis="_timestamp")).figure
    assert figure.xscale == "time"
    assert figure.series[0].x.tolist() == [START.timestamp() + 0.5, START.timestamp() + 1.5]
    with pytest.raises(UsageError, match="has no epoch"):
        assemble(["system.cpu"], [(a_run("a"), read)], FigureOptions(x_axis="epoch"))


@pytest.mark.parametrize(
    ("chosen", "low", "high"),
    [
        ({}, 1, False),
        ({"xlim": (None, 0.5)}, 1, True),
        ({"ylim": (2, None)}, 2, True),
        ({"band": "none"}, None, False),
        ({"yscale": "linear"}, None, False),
    ],
)
def test_an_axis_ends_where_a_band_below_zero_does(chosen: dict[str, Any], low: float | None, high: bool) -> None:
    """The floor of bands on a log scale is the end of the axis, in every renderer, unless another limit was chosen."""
    runs = [(a_run(name, config={"arch": "a"}), history(loss={0: y, 1: y})) for name, y in (("a", 0.5), ("b", 15.0))]
    options = FigureOptions(**({"group_by": "config.arch", "band": "std", "yscale": "log"} | chosen))
    figure = assemble(["loss"], runs, options).figure
    assert figure.ylim[0] == low
    assert (figure.ylim[1] is not None) == high


def test_a_log_scale_leaves_gaps_and_counts_them() -> None:
    """Values that aren't above zero are gaps; an x that isn't has no place at all. The statistics keep both."""
    read = history(loss={0: 1.0, 1: -2.0, 2: 0.0, 3: 4.0})
    made = assemble(["loss"], [(a_run("a"), read)], FigureOptions(xscale="log", yscale="log"))
    (series,) = made.figure.series
    assert series.x.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(series.y, [np.nan, np.nan, 4.0])
    assert made.warnings == ["a: 3 of 4 points of loss are not above zero on a log scale"]
    assert made.document["series"][0]["min"] == -2.0
    assert "3 points not above zero left out" in made.document["alt"]


def test_a_sample_is_of_no_fewer_points_than_it_has() -> None:
    """In a combined figure every line counts: a sampled one as the points it was chosen from, or else as the rows."""
    lines = {"loss": dict.fromkeys(range(8), 1.0), "acc": dict.fromkeys(range(6), 2.0), "only": {3: 1.0}}
    whole = history(**lines)
    sampled = History(whole.columns, rows=20, sampled=frozenset({"loss", "acc"}))
    figure = assemble(["loss", "acc", "only"], [(a_run("a"), sampled)], FigureOptions())
    assert figure.document["resolution"] == {"kind": "sampled", "points": 15, "of": 41, "at_most": True}
    assert figure.figure.note == "15 of at most 41 points"
    limited = assemble(["loss", "acc", "only"], [(a_run("a"), sampled)], FigureOptions(xlim=(None, 6)))
    assert limited.figure.note == "15 of at most 41 points, 1 point outside"
    told = {name: replace(whole[name], non_null=count) for name, count in (("loss", 9), ("acc", 12), ("only", 1))}
    exact = assemble(["loss", "acc", "only"], [(a_run("a"), replace(sampled, columns=told))], FigureOptions())
    assert exact.figure.note == "15 of 22 points"


def test_several_metrics_in_one_figure_are_told_apart() -> None:
    """By the metric, and by the run too where there are several."""
    read = history(loss={0: 1}, acc={0: 0.5})
    alone = assemble(["loss", "acc"], [(a_run("a"), read)], FigureOptions()).figure
    assert [series.label for series in alone.series] == ["loss", "acc"]
    assert (alone.title, alone.ylabel) == ("loss, acc · a", "")
    both = assemble(["loss", "acc"], [(a_run("a"), read), (a_run("b"), read)], FigureOptions()).figure
    assert [(series.label, series.slot) for series in both.series] == [
        ("loss · a", 0),
        ("loss · b", 1),
        ("acc · a", 2),
        ("acc · b", 3),
    ]


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        ({"arch": "abc", "lr": "12", "seed": "123"}, "--group-by '!config.seed' makes 6 lines of them"),
        ({"arch": "abc", "lr": "12", "note": None}, "--group-by config.arch makes 3 lines of them"),
        ({}, "name fewer, or choose some with --filter, --sort and --limit"),
    ],
)
def test_many_runs_are_better_grouped(config: dict[str, str | None], hint: str) -> None:
    """More than a dozen runs get a hint at groups that really make few lines; so many names go without shared words."""
    settings = [
        {key: at if values is None else values[at % len(values)] for key, values in config.items()} for at in range(36)
    ]
    runs = [
        (a_run(f"r{at}", name=f"big-sweep-{at}", config=one), history(loss={0: 1.0, 1: 2.0 + at}))
        for at, one in enumerate(settings)
    ]
    assert hint in " ".join(assemble(["loss"], runs, FigureOptions()).hints)
    assert assemble(["loss"], runs[:12], FigureOptions()).hints == []
    assert {one.label for one in assemble(["loss"], runs, FigureOptions()).figure.series} >= {"sweep-0", "sweep-35"}


def test_a_spike_of_a_line_is_hinted_at() -> None:
    """Where a few values stretch the y axis, a hint offers limits that leave them out; nothing is left out unasked."""
    values = {step: 1.0 + step / 1000 for step in range(500)}
    made = assemble(["loss"], [(a_run("a"), history(loss=values | {250: 60.0}))], FigureOptions())
    assert made.hints == ["a few points stretch the y axis: --ylim :p99 draws the rest larger, and counts them"]
    assert (made.figure.ylim, made.figure.note) == ((None, None), "")
    assert assemble(["loss"], [(a_run("a"), history(loss=values))], FigureOptions()).hints == []

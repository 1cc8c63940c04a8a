"""The line of a group: what becomes of it where its runs end or diverge."""

from typing import Any

import numpy as np
import pytest

from tests.figures.runs import a_run, history
from wandb_plot.figures.assembly import Assembled, assemble
from wandb_plot.figures.lines.run_series import Histories
from wandb_plot.figures.options import FigureOptions, Presentation
from wandb_plot.model.figure import Mark
from wandb_plot.numbers.smoothing import Smoothing

NAN = np.nan


def six_runs() -> Histories:
    """Six seeds over 10 steps: `d` turns NaN at step 6, `e` has its last point at 4."""
    lines: dict[str, dict[float, float]] = {
        name: {step: base - step / 100 for step in range(10)} for base, name in enumerate("abcdef")
    }
    lines["d"] |= dict.fromkeys(range(6, 10), NAN)
    lines["e"] = {step: value for step, value in lines["e"].items() if step <= 4}
    return [
        (a_run(name, config={"arch": "vit", "seed": at}), history(loss=line))
        for at, (name, line) in enumerate(lines.items())
    ]


def drawn(histories: Histories, **options: Any) -> Assembled:
    """The figure of the loss, grouped by architecture."""
    return assemble(["loss"], histories, FigureOptions(group_by="config.arch", **options))


def test_kept_runs_are_marked_where_they_become_fewer() -> None:
    """The line goes on with those that are left; each change of n is marked, and told with the runs it is due to."""
    made = drawn(six_runs())
    (line,) = made.figure.series
    assert line.marks == (
        Mark(kind="runs", x=5, y=line.y[5], text="n=6→5"),
        Mark(kind="runs", x=6, y=line.y[6], text="n=5→4"),
    )
    assert line.y[9] == pytest.approx(np.mean([0, 1, 2, 5]) - 0.09)
    assert (made.figure.legend_title, line.label) == ("arch · mean", "vit (n=6→4)")
    assert made.document["groups"][0]["n"] == {"first": 6, "last": 4, "drops": [{"x": 5, "n": 5}, {"x": 6, "n": 4}]}
    assert made.document["groups"][0]["diverged"] == [{"run_id": "d", "x": 6}]
    assert made.document["groups"][0]["ended"] == [{"run_id": "e", "x": 4}]
    assert made.warnings == [
        "config.arch=vit: the line of loss goes on without runs that end: d (not finite from 6), e (ends at 4)"
    ]
    assert "n=6→4, d not finite from 6, e ends at 4" in made.document["alt"]


@pytest.mark.parametrize(
    ("ends", "labels"),
    [((500, 510), ["", "n=3→1"]), ((300, 700), [None, None]), ((300, 900), [None, None])],
    ids=["near", "far", "at the end"],
)
def test_changes_near_to_one_another_have_one_label(ends: tuple[int, int], labels: list[str | None]) -> None:
    """Marks keep their places and texts; where labels would lie on one another, one says the whole change."""
    lengths = (*ends, 1000)
    runs = [
        (a_run(f"r{length}", config={"arch": "vit"}), history(loss=dict.fromkeys(range(0, length, 10), 1.0)))
        for length in lengths
    ]
    (line,) = drawn(runs).figure.series
    assert [(mark.x, mark.text) for mark in line.marks] == [(ends[0], "n=3→2"), (ends[1], "n=2→1")]
    assert [mark.label for mark in line.marks] == labels
    (zoomed,) = drawn(runs, xlim=(490.0, 520.0)).figure.series
    assert [mark.label for mark in zoomed.marks if 490 <= mark.x <= 520] == [None] * sum(
        490 < end < 520 for end in ends
    )


def test_a_wall_clock_end_is_told_as_a_time() -> None:
    """Not as seconds since the epoch, of which six digits say little."""
    histories = [
        (
            a_run(name, config={"arch": "vit"}),
            history(loss=dict.fromkeys(range(points), 1.0), _timestamp={x: 1_763_958_000.0 + x for x in range(points)}),
        )
        for name, points in {"a": 400, "b": 200}.items()
    ]
    made = assemble(["loss"], histories, FigureOptions(group_by="config.arch", x_axis="_timestamp"))
    assert "b (ends at 2025-11-24 04:23:19 UTC)" in made.warnings[0]


def test_nan_of_one_run_adds_no_points_to_the_line() -> None:
    """A run that logs NaN at every step, among others with a value now and then, leaves the line theirs."""
    steady = {step: 1.0 + (step % 20) / 100 for step in range(0, 300, 10)}
    diverged = {step: value for step, value in steady.items() if step < 100} | dict.fromkeys(range(103, 290), NAN)
    lines = {"a": steady, "b": diverged}
    made = drawn([(a_run(name, config={"arch": "vit"}), history(loss=line)) for name, line in lines.items()])
    (line,) = made.figure.series
    assert line.x.tolist() == [*steady]
    assert [(mark.x, mark.text) for mark in line.marks] == [(100, "n=2→1")]
    assert "spike" not in made.document["alt"]


@pytest.mark.parametrize(("aggregate", "band"), [("median", "none"), ("iqm", "std"), ("mean", "ci")])
def test_a_line_is_the_same_made_a_few_x_at_a_time(monkeypatch: pytest.MonkeyPatch, aggregate: str, band: str) -> None:
    """Of very many runs, values are ranked for some x at a time, which limits what that takes."""
    (whole,) = drawn(six_runs(), aggregate=aggregate, band=band).figure.series
    monkeypatch.setattr("wandb_plot.figures.lines.group_line._CELLS_AT_ONCE", 20)
    (series,) = drawn(six_runs(), aggregate=aggregate, band=band).figure.series
    assert series.arrays.keys() == whole.arrays.keys()
    for name, line in whole.arrays.items():
        np.testing.assert_allclose(series.arrays[name], line, rtol=1e-12)


def test_the_line_may_stop_where_the_first_run_ends() -> None:
    """Every point of it is of all runs then."""
    made = drawn(six_runs(), incomplete="stop")
    (line,) = made.figure.series
    assert line.x.tolist() == [0, 1, 2, 3, 4]
    assert line.marks == ()
    assert (made.figure.legend_title, line.label) == ("arch · mean (n=6)", "vit (to 4)")
    assert "stops where its first run ends, at 4, d not finite from 6, e ends at 4" in made.document["alt"]
    assert made.document["groups"][0]["incomplete"] == "stop"
    named = drawn(six_runs(), incomplete="stop", presentation=Presentation(label="{config.arch}!", order=("vit!",)))
    assert (named.figure.series[0].label, named.hints) == ("vit! (to 4)", [])


def test_lines_that_stop_tell_their_runs_too_where_groups_differ() -> None:
    """A group whose runs all last says nothing of its end."""
    other = (a_run("x", config={"arch": "cnn"}), history(loss=dict.fromkeys(range(10), 1.0)))
    labels = [series.label for series in drawn([*six_runs(), other], incomplete="stop").figure.series]
    assert sorted(labels) == ["cnn (n=1)", "vit (n=6, to 4)"]


@pytest.mark.parametrize(
    ("axis", "start", "said"),
    [("_runtime", 0, "to 400 s"), ("_timestamp", 1767225600, "to 2026-01-01 00:06:40 UTC"), ("epoch", 0, "to 400")],
)
def test_a_stop_is_told_in_the_terms_of_its_axis(axis: str, start: float, said: str) -> None:
    """Runtime with its unit, wall time as a time."""
    runs = [
        (
            a_run(name, config={"arch": "vit"}),
            history(
                **{"loss": dict.fromkeys(range(last + 1), 1.0), axis: {k: start + 100 * k for k in range(last + 1)}}
            ),
        )
        for name, last in (("a", 9), ("b", 4))
    ]
    made = assemble(["loss"], runs, FigureOptions(x_axis=axis, group_by="config.arch", incomplete="stop"))
    assert made.figure.series[0].label == f"vit ({said})"


def test_runs_that_do_not_last_may_be_left_out() -> None:
    """They have no part in any point or count, and are named."""
    made = drawn(six_runs(), incomplete="drop")
    (line,) = made.figure.series
    np.testing.assert_allclose(line.y, np.mean([0, 1, 2, 5]) - np.arange(10) / 100)
    assert line.run_ids == ("a", "b", "c", "f")
    assert made.document["groups"][0]["left_out"] == ["d", "e"]
    assert "runs that end are left out of loss: d (not finite from 6), e (ends at 4)" in made.warnings[0]
    assert "for config.arch=vit (4 runs):" in made.document["alt"]
    assert "d left out: not finite from 6, e left out: ends at 4" in made.document["alt"]
    assert "non-finite" not in made.document["alt"]


def test_a_group_of_which_nothing_is_left_is_told() -> None:
    """Where each of its runs diverged there is no line of it, and other groups are drawn."""
    diverged = (a_run("x", config={"arch": "cnn"}), history(loss={0: 1.0, 1: NAN}))
    made = drawn([*six_runs(), diverged], incomplete="drop")
    assert [series.label for series in made.figure.series] == ["vit"]
    assert "config.arch=cnn: every run of it ended early or diverged in loss, and is left out" in made.warnings


def test_runs_of_other_cadence_do_not_end_early() -> None:
    """A run whose next point would lie behind the end of the others has lasted."""
    sparse = (a_run("s", config={"arch": "vit"}), history(loss=dict.fromkeys(range(0, 10, 4), 1.0)))
    assert drawn([six_runs()[0], sparse]).document["groups"][0]["ended"] == []


def test_slower_runs_do_not_end_early() -> None:
    """Over runtime runs of as many steps end elsewhere: n changes there, and no run is called incomplete."""
    runs = [
        (
            a_run(name, config={"arch": "vit"}),
            history(loss=dict.fromkeys(range(9), 1.0), _runtime={at: at * pace for at in range(9)}),
        )
        for name, pace in (("a", 1.0), ("b", 1.5))
    ]
    made = assemble(["loss"], runs, FigureOptions(x_axis="_runtime", group_by="config.arch", incomplete="drop"))
    assert made.document["groups"][0]["ended"] == []
    assert made.figure.series[0].label == "vit (n=2→1)"
    assert made.warnings == []


def test_a_flickering_count_is_marked_where_runs_are_lost_for_good() -> None:
    """A run with a gap at every other step would hide the line behind marks."""
    gappy = {step: NAN if step % 2 and step < 50 else 1.0 for step in range(60)}
    short = dict.fromkeys(range(40), 2.0)
    whole = dict.fromkeys(range(60), 3.0)
    runs = [
        (a_run(name, config={"arch": "vit"}), history(loss=line))
        for name, line in (("a", gappy), ("b", short), ("c", whole))
    ]
    (line,) = drawn(runs).figure.series
    assert [(mark.x, mark.text) for mark in line.marks] == [(39, "n=3→2")]
    assert line.label == "vit (n=1..3)"


def test_a_smoothed_group_keeps_its_band() -> None:
    """The edges are smoothed as the line is, and marks are on the smoothed line."""
    made = drawn(six_runs(), band="std", smoothing=Smoothing("average", 3))
    raw = drawn(six_runs(), band="std").figure.series[0]
    (line,) = made.figure.series
    for smoothed, edge in ((line.smooth, raw.y), (line.low, raw.low), (line.high, raw.high)):
        assert smoothed is not None
        assert edge is not None
        np.testing.assert_allclose(smoothed[1:-1], np.convolve(edge, np.ones(3) / 3, "valid"))
    assert line.smooth is not None
    assert line.marks[0].y == line.smooth[5]
    assert made.figure.legend_title == "arch · mean ± std · average 3"
    assert "and the band smoothed alike" in made.document["alt"]


@pytest.mark.parametrize(
    ("band", "aggregate", "said"),
    [
        ("ci", "mean", "mean, 95% CI (n=2)"),
        ("minmax", "median", "median, min to max (n=2)"),
        ("none", "iqm", "IQM (n=2)"),
    ],
)
def test_legends_say_what_bands_are(band: str, aggregate: str, said: str) -> None:
    """With how many runs, where that is the same everywhere; a band of so few gets a hint."""
    made = drawn(six_runs()[:2], band=band, aggregate=aggregate)
    assert made.figure.legend_title == f"arch · {said}"
    assert made.figure.series[0].label == "vit"
    assert bool(made.hints) == (band == "ci")


@pytest.mark.parametrize(
    ("state", "words"),
    [("crashed", "the run crashed"), ("killed", "the run was killed"), ("preempted", "the run was preempted")],
)
def test_an_early_end_is_marked(state: str, words: str) -> None:
    """The last value of a run that ended before it was done has a mark on it, and words."""
    made = assemble(["loss"], [(a_run("a", state=state), history(loss={0: 3.0, 1: 2.0, 2: NAN}))], FigureOptions())
    assert made.figure.series[0].marks == (Mark(kind="crashed", x=1, y=2, text=state),)
    assert f"{words} there" in made.document["alt"]
    assert made.document["series"][0]["state"] == state

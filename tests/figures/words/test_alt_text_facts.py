"""What is found of the lines that are drawn."""

from tests.figures.runs import a_run, history
from wandb_plot.figures.assembly import assemble
from wandb_plot.figures.options import FigureOptions
from wandb_plot.numbers.smoothing import Smoothing


def test_words_are_about_what_is_seen() -> None:
    """Between the limits of x only; the statistics of metadata.json remain those of the whole run."""
    read = history(loss={step: float(step) for step in range(100)})
    made = assemble(["loss"], [(a_run("a"), read)], FigureOptions(xlim=(10, 20), smoothing=Smoothing("average", 3)))
    assert "for a: 10 -> 20, minimum 10 at 10, the smoothed line ends at 20." in made.document["alt"]
    assert made.document["series"][0]["max"] == 99
    assert made.document["limits"] == [{"x": [10, 20], "y": [9.5, 20.5], "outside": 89}]
    assert made.figure.note == "89 points outside"


def test_two_lines_that_cross() -> None:
    """At the first x behind the crossing, on steps that both have or that lie between two of theirs."""
    down = history(loss={step: 10.0 - step for step in range(0, 12, 2)})
    up = history(loss={step: float(step) for step in range(1, 11, 3)})
    alt = assemble(["loss"], [(a_run("down"), down), (a_run("up"), up)], FigureOptions()).document["alt"]
    assert "The lines cross at 6, from where down is lower." in alt


def test_metadata_says_what_is_odd() -> None:
    """Where a series ends in NaN, its greatest spike, and that it still falls; nothing of a calm one."""
    falling = (
        {step: 9.0 - step / 100 for step in range(300)} | {90: 500.0} | dict.fromkeys(range(300, 310), float("nan"))
    )
    runs = [(a_run("a"), history(loss=falling)), (a_run("b"), history(loss={0: 1.0, 1: 2.0}))]
    odd, calm = assemble(["loss"], runs, FigureOptions()).document["series"]
    assert (odd["nan_from"], odd["spikes"], odd["spike_step"], odd["end"]) == (300, 1, 90, "falling")
    assert calm.keys().isdisjoint({"nan_from", "spikes", "spike_step", "end", "state"})


def test_the_entry_of_a_series() -> None:
    """metadata.json counts every point drawn or marked as a gap, and has its keys in the documented order."""
    read = history(loss={0: 2.0, 1: float("nan"), 2: 1.0})
    (entry,) = assemble(["loss"], [(a_run("abc"), read)], FigureOptions()).document["series"]
    assert (entry["run_id"], entry["metric"], entry["points"]) == ("abc", "loss", 3)
    assert " ".join(entry) == ("run_id metric points first last min min_step max max_step mean std nan_count inf_count")


def test_a_group_says_which_run_made_a_spike() -> None:
    """With the run's own value, beside the band at the end and the keys that vary."""
    calm = {step: 1 + step % 3 / 100 for step in range(100)}
    runs = [
        (a_run(name, config={"arch": "cnn", "lr": lr}), history(loss=values))
        for name, lr, values in (("a", 0.1, calm), ("b", 0.1, calm), ("c", 0.2, calm | {50: 40.0}))
    ]
    alt = assemble(["loss"], runs, FigureOptions(group_by="config.arch", band="minmax")).document["alt"]
    assert "band at the end 1 to 1," in alt
    assert "spike to 14.01 at 50, 14 times the median 1.01 (c 40)" in alt
    assert "Runs of a group differ in lr." in alt

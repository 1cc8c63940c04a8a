"""A figure in words: what those who can't see it are told."""

from collections.abc import Mapping

import numpy as np
import pytest

from wandb_plot.figures.alt_text import SeriesFacts, alt_text
from wandb_plot.numbers.statistics import summarize

NAN, INF = np.nan, np.inf

FALLING = {0: 2.31, 9200: 0.39, 19999: 0.41}


def line(
    points: Mapping[int, float] | Mapping[float, float], label: str = "baseline (abc)", metric: str = "train/loss"
) -> SeriesFacts:
    """The facts of a line through `points`, by x."""
    return SeriesFacts(
        label=label, metric=metric, summary=summarize(np.array([*points], float), np.array([*points.values()], float))
    )


def test_one_run_as_documented() -> None:
    """The sentence of the documentation, word for word."""
    assert alt_text([line(FALLING)]) == (
        "Line chart of train/loss over _step for baseline (abc): 2.31 -> 0.41, minimum 0.39 at 9200."
    )


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ({0: 0.1, 5: 0.95, 9: 0.9}, "0.1 -> 0.9, minimum 0.1 at 0, maximum 0.95 at 5."),
        ({0: 1.0, 5: 0.123456, 9: 20000.0}, "1 -> 20000, minimum 0.1235 at 5."),
        ({0: 1e-7, 1: 3.14159e20}, "1e-07 -> 3.142e+20, minimum 1e-07 at 0."),
        ({7: 0.5}, "a single point, 0.5 at 7."),
        ({0: 4.0, 9: 4.0}, "constant at 4."),
        ({0: NAN}, "no finite values, 1 NaN value shown as a gap."),
        ({0: 1.0, 1: NAN, 2: NAN, 3: NAN, 4: 2.0}, "1 -> 2, minimum 1 at 0, 3 NaN values shown as gaps."),
        ({0: 1.0, 1: INF, 2: -INF, 3: NAN, 4: 2.0}, "minimum 1 at 0, 1 NaN and 2 infinite values shown as gaps."),
    ],
)
def test_the_course_of_a_line(points: dict[int, float], words: str) -> None:
    """From where to where, the extremes and where they are, and the gaps."""
    assert alt_text([line(points)]).endswith(words)


def test_several_runs() -> None:
    """Each run is told after its label."""
    assert alt_text([line(FALLING, "base"), line({0: 2.0, 10: 1.0}, "wide")]) == (
        "Line chart of train/loss over _step for 2 runs: base: 2.31 -> 0.41, minimum 0.39 at 9200; "
        "wide: 2 -> 1, minimum 1 at 10."
    )


def test_many_runs_are_bounded() -> None:
    """Eight are told one by one, of the rest how many there are and where they end."""
    words = alt_text([line({0: 1.0, 9: at / 10}, f"run-{at}") for at in range(20)])
    assert "for 20 runs: " in words
    assert words.count("->") == 8
    assert words.endswith("; and 12 more, ending between 0.8 and 1.9.")
    assert len(words) < 700


def test_groups_with_a_band() -> None:
    """A line that stands for runs says how many, what of them it is, and what the band means."""
    one = line(FALLING, "config.lr=0.1")
    groups = [
        SeriesFacts(label=label, metric="train/loss", summary=one.summary, runs=runs)
        for label, runs in (("config.lr=0.1", 5), ("config.lr=1", 1))
    ]
    words = alt_text(groups, aggregate="mean", band="std")
    assert "for 2 groups of runs: config.lr=0.1 (5 runs): 2.31 -> 0.41" in words
    assert words.endswith(" Each line is the mean of its runs, with the standard deviation as a band.")
    assert alt_text(groups[:1], aggregate="median", band="none").endswith("Each line is the median of its runs.")
    assert "for config.lr=0.1 (5 runs): 2.31" in alt_text(groups[:1])


def test_several_metrics() -> None:
    """In a combined figure each line is told after its metric, and after its run where there are several."""
    both = [line(FALLING), line({0: 1.0, 1: 2.0}, metric="val/loss")]
    assert alt_text(both).startswith(
        "Line chart of train/loss and val/loss over _step for baseline (abc): train/loss: 2.31 -> 0.41"
    )
    assert "2 runs: train/loss of baseline (abc): 2.31" in alt_text([*both, line(FALLING, "wide")])
    five = [line(FALLING, metric=metric) for metric in "abcde"]
    assert alt_text(five).startswith("Line chart of a, b, c and 2 more metrics over _step")


def test_extremes_of_a_sample_are_called_so() -> None:
    """Nobody takes the extremes of a sample for those of the run."""
    summary = line({0: 1.0, 1: 9.0, 2: 2.0}).summary
    sampled = SeriesFacts(label="base", metric="loss", summary=summary, sampled=True)
    assert alt_text([sampled]).endswith("1 -> 2, minimum of the sample 1 at 0, maximum of the sample 9 at 1.")
    constant = SeriesFacts(label="base", metric="loss", summary=line({0: 1.0, 1: 1.0}).summary, sampled=True)
    assert alt_text([constant]).endswith("constant at 1 in the sample.")


def test_smoothing_and_log_scales_are_named() -> None:
    """What was done to the numbers, and to the axes, is said; as is what a log axis leaves out."""
    one = SeriesFacts(label="base", metric="loss", summary=line(FALLING).summary, undrawable=2)
    words = alt_text([one], x_axis="tokens", xscale="log", yscale="log", smoothing="twema:0.9")
    assert "over tokens for base" in words
    assert "2 points not above zero left out by the log scale" in words
    assert "A smoothed line (twema:0.9) is drawn too; the numbers are those of the raw values." in words
    assert words.endswith("Log scale on x and y.")
    assert alt_text([one], yscale="log").endswith("Log scale on y.")


def test_wall_time_is_told_as_time() -> None:
    """Places on a time axis are UTC times; a number that is no time stays a number."""
    words = alt_text([line({1.7e9: 2.0, 1.7e9 + 60: 1.0})], x_axis="_timestamp", xscale="time")
    assert words.endswith("2 -> 1, minimum 1 at 2023-11-14 22:14:20 UTC.")
    assert alt_text([line({0: 2.0, 1e15: 1.0})], xscale="time").endswith("minimum 1 at 1e+15.")


def test_places_between_steps_keep_their_digits() -> None:
    """Where x isn't whole, seconds of a runtime are still told."""
    assert alt_text([line({0: 2.0, 12345.678: 1.0})], x_axis="_runtime").endswith("minimum 1 at 12345.7.")


def test_names_from_elsewhere_stay_on_one_short_line() -> None:
    """Line breaks and endless names of runs and metrics don't get through."""
    words = alt_text([line(FALLING, label="two\nlines", metric="m" * 500)])
    assert "\n" not in words
    assert "for two lines: " in words
    assert len(words) < 200

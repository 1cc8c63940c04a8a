"""A figure in words: what those who can't see it are told."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from wandb_plot.figures.lines.series_findings import findings_of
from wandb_plot.figures.view.limits import View
from wandb_plot.figures.words.alt_text import alt_text
from wandb_plot.figures.words.alt_text_facts import Crossings, FigureFacts, SeriesFacts

NAN, INF = np.nan, np.inf

FALLING = {0: 2.31, 9200: 0.39, 19999: 0.41}


def line(
    points: Mapping[int, float] | Mapping[float, float],
    label: str = "baseline (abc)",
    metric: str = "train/loss",
    **facts: Any,
) -> SeriesFacts:
    """The facts of a line through `points`, by x."""
    findings = findings_of(np.array([*points], float), np.array([*points.values()], float))
    return SeriesFacts(label=label, metric=metric, findings=findings, **facts)


def told(*lines: SeriesFacts, **words: Any) -> str:
    """The text about `lines`."""
    return alt_text(lines, FigureFacts(**words))


def test_one_run_as_documented() -> None:
    """The sentence of the documentation, word for word."""
    assert told(line(FALLING)) == (
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
def test_the_findings_of_a_line(points: dict[int, float], words: str) -> None:
    """From where to where, the extremes and where they are, and the gaps."""
    assert told(line(points)).endswith(words)


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({400 + at: NAN for at in range(9)}, "NaN from 400 to the end (before that 2.4 -> 0.89, minimum 0.89 at 1)"),
        ({400: NAN}, "NaN at its last point, 400 (before that 2.4"),
        ({400: INF, 401: -INF}, "infinite from 400 to the end (before that 2.4"),
        ({100: NAN, 200: 0.9, 400: NAN, 401: INF}, "NaN or infinite from 400 to the end (before that 2.4 -> 0.9"),
    ],
)
def test_nothing_comes_before_a_divergence(end: dict[int, float], words: str) -> None:
    """Nobody reads that a run went down without having read that it went."""
    assert f"for baseline (abc): {words}" in told(line({0: 2.4, 1: 0.89} | end))


def test_gaps_are_those_before_a_divergence() -> None:
    """What runs to the end is not told a second time."""
    words = told(line({0: 2.4, 1: NAN, 2: 0.89, 3: NAN, 4: NAN}))
    assert words.endswith(
        "NaN from 3 to the end (before that 2.4 -> 0.89, minimum 0.89 at 2, 1 NaN value shown as a gap)."
    )


def test_spikes_are_told_with_their_size() -> None:
    """The greatest first, and how many more there are."""
    noise = np.random.default_rng(2).normal(size=300) / 100 + 1
    for place, height in ((50, 25.0), (150, 12.0), (250, 8.0)):
        noise[place] = height
    words = told(line(dict(enumerate(noise.tolist()))))
    assert "spike to 25 at 50, 25 times the median 1.002" in words
    assert "spike to 12 at 150" in words
    assert "1 more spike" in words
    below = {at: -1 + at % 2 / 100 for at in range(100)} | {40: -9.0}
    assert "spike to -9 at 40 from a median of -0.99" in told(line(below))


def test_whether_a_line_still_moves_is_told() -> None:
    """By the medians of its last two tenths; what has come to rest is level."""
    falling = {at: 5.0 - at / 100 for at in range(200)}
    assert "still falling at the end" in told(line(falling))
    assert "still rising at the end" in told(line({at: -y for at, y in falling.items()}))
    assert "level at the end" in told(line({at: max(1.0, 5.0 - at / 10) for at in range(200)}))


def test_several_runs() -> None:
    """Each run is told after its label."""
    assert told(line(FALLING, "base"), line({0: 2.0, 10: 1.0}, "wide")) == (
        "Line chart of train/loss over _step for 2 runs: base: 2.31 -> 0.41, minimum 0.39 at 9200; "
        "wide: 2 -> 1, minimum 1 at 10."
    )


def test_what_matters_of_several_runs_comes_first() -> None:
    """What is drawn, what happened to which run, and the order of the ends; then each line's way, without all that."""
    lines = [line({0: 2.0 + at, 9: 1.0 + at / 10}, f"run-{at}") for at in range(3)]
    lines[1] = line({0: 3.0, 4: 1.5, 9: NAN}, "run-1")
    lines[2] = line({0: 4.0, 9: 1.2}, "run-2", state="crashed")
    assert told(*lines) == (
        "Line chart of train/loss over _step for 3 runs. "
        "Notable: run-1: NaN at its last point, 9; run-2: the run crashed there. "
        "From lowest to highest at the end: run-0 1, run-2 1.2; 1 line that diverged not ranked by the end. "
        "Line by line: run-0: 2 -> 1, minimum 1 at 9; run-1: until it diverged 3 -> 1.5, minimum 1.5 at 4; "
        "run-2: 4 -> 1.2, minimum 1.2 at 9."
    )


def test_many_runs_are_bounded() -> None:
    """More than eight aren't told one by one, but in which order they end, where they begin, and whether they move."""
    calm = {at: 5.0 - at / 10 for at in range(20)}
    words = told(*(line({at: y + place for at, y in calm.items()}, f"run-{place}") for place in range(20)))
    assert words.startswith("Line chart of train/loss over _step for 20 runs. From lowest to highest at the end: run-0")
    assert words.endswith(" The lines begin between 5 and 24; at the end 20 still falling.")
    assert len(words) < 400


def test_many_lines_of_many_metrics_are_ranked_or_told() -> None:
    """A metric with three lines or more is ranked; the lines of others are told one by one."""
    ranked = [line({0: 2.0, 9: 1.0 + at}, f"run-{at}", metric=name) for name in "abc" for at in range(3)]
    words = told(*ranked, line(FALLING, "run-0", metric="d"))
    assert words.count("from lowest to highest at the end") == words.count("the lines begin between") == 3
    assert words.endswith(" Line by line: d of run-0: 2.31 -> 0.41, minimum 0.39 at 9200.")


def test_whoever_stands_out_is_named_among_thirty() -> None:
    """Runs that diverged, crashed, exploded or spiked, wherever they stand in the legend."""
    calm = {at: 1 + at % 3 / 100 for at in range(100)}
    lines = [line(calm, f"run-{at}") for at in range(30)]
    lines[3] = line(calm | {99: NAN}, "run-3")
    lines[20] = line(calm | dict.fromkeys(range(70, 100), NAN), "run-20")
    lines[25] = line(calm | {50: 40.0}, "run-25")
    lines[27] = line(calm | dict.fromkeys(range(60, 100), 10000.0), "run-27")
    lines[29] = line(calm, "run-29", state="crashed")
    words = told(*lines)
    assert (
        "for 30 runs. Notable: run-3: NaN at its last point, 99; run-20: NaN from 70 to the end; "
        "run-25: spike to 40 at 50, 40 times the median 1.01; run-27: explodes from 60 on, to 10000 from 1.01; "
        "run-29: the run crashed there. From lowest" in words
    )
    assert len(words) < 700


def test_lines_are_ranked_by_their_end_once() -> None:
    """The order is given once; an extreme only where another line holds it, and without a value told before."""
    ends = {"a": 0.5, "b": 0.1, "c": 0.3, "d": 0.2}
    lines = [line({0: 2.0, 5: end / 2, 9: end}, name) for name, end in ends.items()]
    words = told(*lines, line({0: 2.0, 5: 0.01, 9: NAN}, "e"))
    assert (
        " From lowest to highest at the end: b 0.1, d 0.2, c 0.3, a 0.5; lowest of all e; "
        "1 line that diverged not ranked by the end. Line by line: a: 2"
    ) in words


def test_a_value_that_a_line_starts_with_is_no_extreme_of_all() -> None:
    """Else the line that diverged would sound as if it ended highest."""
    lines = [line({0: 2.0 + at / 10, 9: 0.1 + at / 100}, f"run-{at}") for at in range(3)]
    words = told(*lines, line({0: 2.5, 4: 1.0, 9: NAN}, "diverged"))
    assert "of all" not in words
    assert "1 line that diverged not ranked by the end" in words


def test_of_many_lines_both_ends_are_ranked() -> None:
    """With a gap between them; the value of an extreme is told where its line isn't described."""
    lines = [line({0: 1.0, 9: at / 10}, f"run-{at:02}") for at in range(20)]
    lines[15] = line({0: 1.0, 4: 70.0, 9: 1.5}, "run-15")
    assert (
        "From lowest to highest at the end: run-00 0, run-01 0.1, run-02 0.2, ..., run-17 1.7, run-18 1.8, run-19 1.9; "
        "highest of all run-15, 70 at 4."
    ) in told(*lines)


def groups(*bands: tuple[float, float] | None, **facts: Any) -> list[SeriesFacts]:
    """Lines of groups by `config.lr`, each with its band at the end."""
    return [
        line(FALLING, f"config.lr={at}", runs=3, short=str(at), keys=("config.lr",), band_end=band, **facts)
        for at, band in enumerate(bands)
    ]


def test_keys_of_groups_are_said_once() -> None:
    """As the legend has them; groups that their values don't tell apart keep their labels."""
    words = told(*groups(None, None))
    assert "for 2 groups of runs by config.lr: 0 (3 runs): 2.31" in words
    assert words.count("config.lr") == 1
    alike = [line(FALLING, label, runs=3, short="1", keys=("config.lr",)) for label in ("config.lr=1", "config.lr=1.0")]
    assert "2 groups of runs: config.lr=1 (3 runs): " in told(*alike)


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ([(1.0, 2.0), (2.0, 3.0)], "All bands overlap at the end."),
        ([(1.0, 2.0), (2.1, 3.0), None], "No bands overlap at the end."),
        ([(1.0, 2.0), (1.5, 3.0), (2.5, 4.0)], "At the end only these bands overlap: 0 and 1, 1 and 2."),
    ],
)
def test_bands_at_the_end(bands: list[tuple[float, float] | None], words: str) -> None:
    """Their edges are told line by line, and once which of them overlap."""
    text = told(*groups(*bands))
    assert "band at the end 1 to 2" in text
    assert words in text


def test_a_single_band_overlaps_none() -> None:
    """Nothing is said of overlaps where nothing could overlap."""
    assert "overlap" not in told(*groups((1.0, 2.0), None))


def test_groups_that_mix_conditions_say_so() -> None:
    """Every key that varies, but nothing where only seeds do."""
    mixed = told(*groups(None, None, varying=("optim.lr", "data.seed")))
    assert mixed.endswith(" Runs of a group differ in optim.lr, data.seed.")
    assert "differ" not in told(*groups(None, None, varying=("seed", "data_seed")))


def test_crossings_are_told() -> None:
    """Where two lines cross, and which is lower behind."""
    two = (line(FALLING, "base"), line(FALLING, "wide"))
    assert "The lines cross at 120, from where wide is lower." in told(*two, crossings=Crossings((120.0,), 1))
    assert "don't cross: base is lower throughout." in told(*two, crossings=Crossings((), 0))
    assert "cross 3 times, the last time at 9, from where base" in told(*two, crossings=Crossings((1.0, 5.0, 9.0), 0))
    assert "cross" not in told(*two, crossings=Crossings((), None))


def test_groups_with_a_band() -> None:
    """A line that stands for runs says how many, what of them it is, and what the band means."""
    groups = [
        line(FALLING, f"config.lr={lr}", runs=runs, run_count_text=f"n={runs}") for lr, runs in ((0.1, 5), (1, 1))
    ]
    words = told(*groups, aggregate="mean", band="std")
    assert "for 2 groups of runs: config.lr=0.1 (5 runs): 2.31 -> 0.41" in words
    assert words.endswith(" Each line is the mean of its runs, with the standard deviation (n - 1) as a band.")
    assert told(groups[0], aggregate="median", band="none").endswith("Each line is the median of its runs.")
    assert told(groups[0], aggregate="iqm").endswith("Each line is the interquartile mean of its runs.")
    assert "for config.lr=0.1 (5 runs): 2.31" in told(groups[0])


def test_runs_that_a_group_loses_are_named() -> None:
    """With what became of them; of many the first four."""
    ended = tuple((f"run-{at}", "ends at", 10.0 * at) for at in range(1, 7))
    words = told(
        line(FALLING, "config.lr=0.1", runs=9, run_count_text="n=9→3", runs_change=True, incomplete_runs=ended)
    )
    assert (
        "n=9→3, run-1 ends at 10, run-2 ends at 20, run-3 ends at 30, run-4 ends at 40, 2 more runs likewise" in words
    )


def test_several_metrics() -> None:
    """In a combined figure each line is told after its metric, and after its run where there are several."""
    both = [line(FALLING), line({0: 1.0, 1: 2.0}, metric="val/loss")]
    assert told(*both).startswith(
        "Line chart of train/loss and val/loss over _step for baseline (abc): train/loss: 2.31 -> 0.41"
    )
    assert "2 runs. Line by line: train/loss of baseline (abc): 2.31" in told(*both, line(FALLING, "wide"))
    assert told(*(line(FALLING, metric=metric) for metric in "abcde")).startswith(
        "Line chart of a, b, c and 2 more metrics over _step"
    )
    assert "a, b, c and 1 more metric over" in told(*(line(FALLING, metric=metric) for metric in "abcd"))


def test_extremes_of_a_sample_are_called_so() -> None:
    """Nobody takes the extremes of a sample for those of the run."""
    sampled = line({0: 1.0, 1: 9.0, 2: 2.0}, sampled=True)
    assert told(sampled).endswith("1 -> 2, minimum of the points read 1 at 0, maximum of the points read 9 at 1.")
    assert told(line({0: 1.0, 1: 1.0}, sampled=True)).endswith("constant at 1 at the points read.")


def test_smoothing_and_log_scales_are_named() -> None:
    """What was done to the numbers, and to the axes, is said; as is what a log axis leaves out."""
    one = line(FALLING, undrawable=2, smooth_last=0.43)
    words = told(one, x_axis="tokens", xscale="log", yscale="log", smoothing="twema:0.9")
    assert "over tokens for base" in words
    assert "2 points not above zero left out by the log scale" in words
    assert "the smoothed line ends at 0.43" in words
    assert "A smoothed line (twema:0.9) is drawn too; the numbers are those of the raw values." in words
    assert words.endswith("Log scale on x and y.")
    assert told(one, yscale="log").endswith("Log scale on y.")


def test_limits_are_told() -> None:
    """What is seen is what the words are about; how many points are outside is said."""
    view = View((-10.0, 500.0), (0.0, 2.0), 12)
    assert told(line(FALLING), views=[view]).endswith(
        " Only x from -10 to 500 is shown and described. The y axis goes from 0 to 2. 12 points lie outside."
    )
    assert told(line(FALLING), views=[View((None, 500.0))]).endswith(" Only x to 500 is shown and described.")
    assert told(line(FALLING), views=[View()]).endswith("at 9200.")


def test_wall_time_is_told_as_time() -> None:
    """Places on a time axis are UTC times; a number that is no time stays a number."""
    words = told(line({1.7e9: 2.0, 1.7e9 + 60: 1.0}), x_axis="_timestamp", xscale="time")
    assert words.endswith("2 -> 1, minimum 1 at 2023-11-14 22:14:20 UTC.")
    assert told(line({0: 2.0, 1e15: 1.0}), xscale="time").endswith("minimum 1 at 1e+15.")


def test_places_between_steps_keep_their_digits() -> None:
    """Where x isn't whole, seconds of a runtime are still told."""
    assert told(line({0: 2.0, 12345.678: 1.0}), x_axis="_runtime").endswith("minimum 1 at 12345.7.")


def test_names_from_elsewhere_stay_on_one_short_line() -> None:
    """Line breaks and endless names of runs and metrics don't get through."""
    words = told(line(FALLING, label="two\nlines", metric="m" * 500))
    assert "\n" not in words
    assert "for two lines: " in words
    assert len(words) < 200

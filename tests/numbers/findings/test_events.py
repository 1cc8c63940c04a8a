"""What happens within a series: planted events are found where they are, and clean series have none."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.findings.events import NonFinite, Stretch, explosion, flat_end, non_finite, pauses
from wandb_plot.numbers.findings.spikes import spikes
from wandb_plot.numbers.findings.trend import end_of

N = 5000
X = np.arange(N, dtype=float)
NOISE = np.random.default_rng(0).standard_normal(N)
LOSS = 2 * np.exp(-X / 500) + 0.3 + 0.02 * NOISE
SERIES = hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats())


def with_values(at: int, *values: float) -> FloatArray:
    """The loss with other values from `at` on."""
    changed = LOSS.copy()
    changed[at : at + len(values)] = values
    return changed


@pytest.mark.parametrize(
    "clean",
    [
        LOSS,
        10 * np.exp(-X / 5) + 0.3 + 0.001 * NOISE,
        np.cumsum(NOISE),
        np.where(N / 2 > X, 0.1, 0.01),
        np.round(np.minimum(X / 1000, 1), 3),
        X,
        np.sin(X / 50),
        np.zeros(N),
    ],
    ids=["loss", "steep", "walk", "schedule", "saturated", "counter", "wave", "zero"],
)
def test_ordinary_series_have_no_spike_and_no_explosion(clean: FloatArray) -> None:
    """Trends, steps of a schedule, saturation and random walks are no findings."""
    assert spikes(X, clean) == []
    assert explosion(X, clean) is None


@pytest.mark.parametrize("value", [6.5, -4.0])
def test_a_planted_spike_is_found_with_its_surroundings(value: float) -> None:
    """Place, value and the median of ten points on each side; up or down."""
    (spike,) = spikes(X, with_values(1234, value))
    assert (spike.x, spike.value) == (1234.0, value)
    around = np.median(np.concatenate([LOSS[1224:1234], LOSS[1235:1245]]))
    assert spike.around == pytest.approx(around)
    assert spike.factor == (pytest.approx(value / around) if value > 0 else None)


def test_a_spike_of_several_points_is_one() -> None:
    """Up to five points belong together; the largest names the place. Two apart are two, the larger first."""
    assert [spike.x for spike in spikes(X, with_values(3000, 2, 4, 3))] == [3001.0]
    twice = with_values(3000, 2)
    twice[1000] = 9
    assert [spike.x for spike in spikes(X, twice)] == [1000.0, 3000.0]


def test_a_lasting_change_is_no_spike() -> None:
    """What stays for more than five points is a jump."""
    assert spikes(X, with_values(3000, *[2.0] * 6)) == []


@given(st.floats(-1e6, 1e6), st.integers(-200, 200))
def test_spikes_do_not_depend_on_units(offset: float, exponent: int) -> None:
    """Scaled by a power of two and moved, the same points stand out."""
    planted = with_values(1234, 6.5)[1000:1500]
    moved = np.ldexp(planted + np.round(offset), exponent)
    assert [spike.x for spike in spikes(X[1000:1500], moved)] == [1234.0]


def test_an_explosion_is_found_where_it_begins() -> None:
    """A loss that grows without end leaves what came before near the place where it began to."""
    growing = LOSS * np.exp(np.maximum(X - 4000, 0) / 50)
    found = explosion(X, growing)
    assert found
    assert 4100 <= found.x <= 4150
    assert found.value == growing[-1]
    assert found.before == np.median(growing[: int(found.x)])
    assert explosion(X, with_values(4000, 1e9)) is None


def test_non_finite_values_are_told_in_stretches() -> None:
    """From where to where, of which kind, and whether the series ends with them."""
    y = with_values(10, np.nan, np.nan)
    y[20], y[30:32] = np.inf, [np.nan, -np.inf]
    y[401:] = np.nan
    assert non_finite(X, y) == [
        NonFinite("nan", 10, 11, 2, to_end=False),
        NonFinite("inf", 20, 20, 1, to_end=False),
        NonFinite("both", 30, 31, 2, to_end=False),
        NonFinite("nan", 401, 4999, 4599, to_end=True),
    ]


def test_a_standstill_at_the_end() -> None:
    """At least twenty equal points and a tenth of all; a constant series is none."""
    stopped = LOSS.copy()
    stopped[4000:] = 0.25
    assert flat_end(X, stopped) == Stretch(4000, 4999, 1000, 0.25)
    assert flat_end(X, np.ones(N)) is None
    assert flat_end(X, LOSS) is None


def test_pauses_are_ten_times_the_usual_distance() -> None:
    """The longest comes first."""
    x = np.concatenate([np.arange(100.0), np.arange(500.0, 600.0), np.arange(650.0, 700.0)])
    assert [(pause.start, pause.stop) for pause in pauses(x)] == [(99.0, 500.0), (599.0, 650.0)]


@pytest.mark.parametrize(
    ("y", "course"),
    [
        (LOSS[:1000], "falling"),
        (-LOSS[:1000], "rising"),
        (LOSS, "level"),
        (NOISE, "level"),
        (NOISE * 4e307, "level"),
    ],
)
def test_how_a_series_ends(y: FloatArray, course: str) -> None:
    """Still moving, or level within the noise, whatever the magnitude."""
    end = end_of(X[: len(y)], y)
    assert end
    assert end.trend == course
    tenth = len(y) // 10
    assert end.change == pytest.approx(np.median(y[-tenth:]) - np.median(y[-2 * tenth : -tenth]))


def test_few_or_equal_points_have_no_course() -> None:
    """Nineteen points, or a constant, say nothing of a trend."""
    assert end_of(X[:19], LOSS[:19]) is None
    assert end_of(X, np.ones(N)) is None


@given(SERIES)
@example(np.array([2.7e-308, 0, 2.7e-308, 6, 2.7e-308, 2.7e-308, 2.7e-308]))
@example(np.array([1.7e308, 0, 1.7e308, 0, 1.7e308, 1.7e308, 1.7e308]))
@example(np.full(21, 9e307))
def test_any_series_at_all_has_an_answer(y: FloatArray) -> None:
    """Extremes of float64, NaN and infinities raise nothing and warn of nothing."""
    x = np.arange(len(y), dtype=float)
    for spike in spikes(x, y):
        assert np.isfinite(spike.value)
    for find in (non_finite, explosion, flat_end, end_of):
        find(x, y)
    pauses(x)

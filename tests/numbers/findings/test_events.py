"""What happens within a series: planted events are found where they are, and clean series have none."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.numbers.findings.series import LOSS, NOISE, N, X, with_values
from wandb_plot.model.history import FloatArray
from wandb_plot.numbers.findings.events import NonFinite, Stretch, explosion, flat_end, non_finite, pauses
from wandb_plot.numbers.findings.spikes import spikes
from wandb_plot.numbers.findings.trend import end_of

SERIES = hnp.arrays(np.float64, st.integers(0, 60), elements=st.floats())


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


def test_an_explosion_is_found_where_it_begins() -> None:
    """A loss that grows without end leaves what came before near the place where it began to."""
    growing = LOSS * np.exp(np.maximum(X - 4000, 0) / 50)
    found = explosion(X, growing)
    assert found
    assert 4100 <= found.x <= 4150
    earlier = int(found.x) - 1
    assert np.abs(growing[earlier:]).min() <= 10 * np.median(growing[:earlier])
    assert found.value == growing[-1]
    assert found.before == np.median(growing[: int(found.x)])
    assert explosion(X, with_values(4000, 1e9)) is None


@pytest.mark.parametrize("at", [1000, 1001, 3217, 4997])
def test_an_explosion_at_once_is_found_at_its_first_point(at: int) -> None:
    """Wherever the jump is, the step told is that of the first point after it."""
    found = explosion(X, np.where(at > X, LOSS, 1e4))
    assert found
    assert found.x == at


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


def test_a_flat_end() -> None:
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

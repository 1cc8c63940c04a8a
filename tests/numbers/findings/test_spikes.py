"""Spikes: what was planted is found where it is, as large as it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.numbers.findings.series import LOSS, X, with_values
from wandb_plot.numbers.findings.spikes import spikes


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
    assert [(spike.x, spike.points) for spike in spikes(X, with_values(3000, 2, 4, 3))] == [(3001.0, 3)]
    assert [spike.points for spike in spikes(X, with_values(3000, 4))] == [1]
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

"""Long series reduced: what a picture shows of them stays."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from wandb_plot.figures.m4_decimation import decimate
from wandb_plot.model.figure import Series
from wandb_plot.model.figure_choices import XScale
from wandb_plot.model.history import FloatArray

N = 200_000
WIDTH = 100


def series(y: FloatArray, x: FloatArray | None = None) -> Series:
    """A line over its steps."""
    return Series(label="a", metric="loss", x=np.arange(float(len(y))) if x is None else x, y=y)


def noise(n: int = N) -> FloatArray:
    """A random walk."""
    return np.cumsum(np.random.default_rng(1).normal(size=n))


def columns(one: Series, xscale: XScale = "linear") -> dict[int, tuple[float, float, float, float]]:
    """First, least, greatest and last value in each of the bins, by a plain loop over the points."""
    x = np.log10(one.x) if xscale == "log" else one.x
    low, high = x[0], x[-1]
    held: dict[int, list[float]] = {}
    for place, value in zip(x.tolist(), one.y.tolist(), strict=True):
        # Half a hair to the right: the edge of a bin belongs to it whatever the rounding.
        held.setdefault(int((place - low) / (high - low) * WIDTH * 4 + 1e-9), []).append(value)
    return {at: (values[0], min(values), max(values), values[-1]) for at, values in held.items()}


@pytest.mark.parametrize("xscale", ["linear", "log", "time"])
def test_every_column_keeps_its_shape(xscale: XScale) -> None:
    """First, least, greatest and last value of every bin on the drawn axis are those of the full series."""
    x = np.geomspace(1, 1e6, N) if xscale == "log" else np.arange(float(N))
    full = series(noise(), x)
    reduced = decimate(full, width=WIDTH, xscale=xscale)
    assert len(reduced.x) <= 4 * 4 * WIDTH + 8
    assert columns(reduced, xscale) == columns(full, xscale)


def test_points_are_kept_not_made() -> None:
    """What remains is a part of the points, in order, with what belongs to each."""
    full = series(noise())
    full = replace(full, smooth=full.y + 1, low=full.y - 2, high=full.y + 3)
    reduced = decimate(full, width=WIDTH, xscale="linear")
    at = reduced.x.astype(int)
    assert (np.diff(at) > 0).all()
    for name in ("y", "smooth", "low", "high"):
        np.testing.assert_array_equal(getattr(reduced, name), getattr(full, name)[at])


@pytest.mark.parametrize("name", ["y", "smooth", "low", "high"])
def test_a_spike_in_any_line_survives(name: str) -> None:
    """One point that stands out stays, whichever of the lines it is in."""
    flat = np.zeros(N)
    calm = replace(series(flat), smooth=flat, low=flat, high=flat)
    for spike in (7.0, -7.0):
        spiked = flat.copy()
        spiked[123_456] = spike
        line: dict[str, Any] = {name: spiked}
        full = replace(calm, **line)
        assert 123_456 in decimate(full, width=WIDTH, xscale="linear").x


def test_gaps_stay_gaps() -> None:
    """One NaN stays for a short gap; a long one keeps its ends and no value in between."""
    y = noise()
    y[777] = np.nan
    y[100_000:150_000] = np.nan
    reduced = decimate(series(y), width=WIDTH, xscale="linear")
    gaps = reduced.x[np.isnan(reduced.y)]
    assert 777 in gaps
    assert {100_000, 149_999} <= set(gaps.tolist())
    inside = (reduced.x >= 100_000) & (reduced.x < 150_000)
    assert np.isnan(reduced.y[inside]).all()


def test_limits_keep_the_detail_within_them() -> None:
    """Bins divide what is seen: a narrow view of a long series keeps every point the picture can show."""
    reduced = decimate(series(noise()), width=WIDTH, xscale="linear", xlim=(1000.0, 1400.0))
    assert np.count_nonzero((reduced.x >= 1000) & (reduced.x < 1400)) == 400
    assert np.count_nonzero((reduced.x < 1000) | (reduced.x > 1400)) <= 9


@pytest.mark.parametrize("xlim", [(None, 0.0), (0.0, None), (5.0, 5.0), (-3.0, -1.0), (9.0, 2.0), (1e9, 1e12)])
@pytest.mark.parametrize("xscale", ["linear", "log"])
def test_odd_limits_do_no_harm(xlim: tuple[float | None, float | None], xscale: XScale) -> None:
    """Limits that show nothing, or run backwards, still give a part of the series with both ends."""
    reduced = decimate(series(noise()), width=WIDTH, xscale=xscale, xlim=xlim)
    assert (reduced.x[0], reduced.x[-1]) == (0, N - 1)


def test_zero_on_a_log_axis_costs_no_other_point() -> None:
    """What a log axis has no place for lies in a bin of its own."""
    y = noise()
    y[0] = -1e9
    full, reduced = series(y), decimate(series(y), width=WIDTH, xscale="log")
    assert columns(series(full.y[1:], full.x[1:]), "log") == columns(series(reduced.y[1:], reduced.x[1:]), "log")


def test_what_is_short_or_unsorted_is_left_alone() -> None:
    """Below 50,000 points, and where x runs backwards, the very same series comes back."""
    short = series(noise(49_999))
    backwards = series(noise(), np.arange(float(N))[::-1])
    assert decimate(short, width=WIDTH, xscale="linear") is short
    assert decimate(backwards, width=WIDTH, xscale="linear") is backwards


def test_all_at_one_place_and_nothing_but_gaps() -> None:
    """Series without width or without a value are reduced without complaint."""
    wall = decimate(series(noise(), np.full(N, 3.0)), width=WIDTH, xscale="linear")
    assert (wall.y.min(), wall.y.max()) == (noise().min(), noise().max())
    assert np.isnan(decimate(series(np.full(N, np.nan)), width=WIDTH, xscale="log").y).all()
    below = decimate(series(noise(), np.linspace(-5, -1, N)), width=WIDTH, xscale="log")
    assert (below.y.min(), below.y.max()) == (noise().min(), noise().max())

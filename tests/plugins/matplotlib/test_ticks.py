"""Where ticks stand and what they say."""

# ruff: noqa: RUF001 -- labels of ticks have a true minus sign and a true multiplication sign

import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.conftest import Draw
from tests.plugins.drawn import x_ticks, y_ticks
from tests.plugins.figures import figure, series
from wandb_plot_matplotlib.ticks import linear_ticks, log_ticks, tick_labels, time_ticks

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def test_log_x(draw: Draw) -> None:
    """A logarithmic x axis leaves out what isn't positive and reaches over the rest."""
    (axes,) = draw(figure(series([1, 2, 3, 4], x=[0, 1, 10, 100]), xscale="log")).axes
    assert axes.get_xscale() == "log"
    assert 0.5 < axes.get_xlim()[0] < 1
    assert x_ticks(axes) == ["1", "2", "5", "10", "20", "50", "100"]


def test_time_axis_is_utc(draw: Draw) -> None:
    """A time axis shows dates and times of day in UTC."""
    start = datetime(2026, 3, 1, 22, tzinfo=UTC).timestamp()
    (axes,) = draw(figure(series(np.arange(5), x=start + 3600 * np.arange(5)), xscale="time")).axes
    assert x_ticks(axes) == ["22:00", "23:00", "03-02", "01:00", "02:00"]
    assert axes.get_xlabel() == "Step, from 2026-03-01"


def test_a_fraction_of_a_second_on_a_time_axis(draw: Draw) -> None:
    """Labels are told apart, also where a run took no longer than that."""
    start = datetime(2026, 3, 1, 22, 0, 7, tzinfo=UTC).timestamp()
    (axes,) = draw(figure(series(np.arange(3), x=start + 0.2 * np.arange(3)), xscale="time")).axes
    assert len(set(x_ticks(axes))) == len(x_ticks(axes))
    assert "22:00:07.2" in x_ticks(axes)


@pytest.mark.parametrize(("step", "ticks"), [(0, ["0"]), (7, ["7"])])
def test_a_single_step_has_its_own_tick(draw: Draw, step: int, ticks: list[str]) -> None:
    """A metric logged once stands at its step, with no fractions of steps beside it."""
    (axes,) = draw(figure(series([0.9], [step]))).axes
    assert x_ticks(axes) == ticks


def test_a_moment_on_a_time_axis(draw: Draw) -> None:
    """A metric logged once has a minute of time axis around it, not years."""
    moment = datetime(2026, 3, 1, 22, tzinfo=UTC).timestamp()
    (axes,) = draw(figure(series([1], x=[moment]), xscale="time")).axes
    assert np.diff(axes.get_xlim()) == pytest.approx(60 / 86_400)
    assert "22:00:00" in x_ticks(axes)


def test_times_beyond_the_calendar_are_numbers(draw: Draw) -> None:
    """Milliseconds taken for seconds lie beyond the year 9999: the axis shows them as numbers."""
    (axes,) = draw(figure(series([1, 2], x=[1.7e12, 1.8e12]), xscale="time")).axes
    assert "1.70" in x_ticks(axes)
    assert axes.get_xlabel() == "Step (×10¹²)"


@pytest.mark.parametrize(
    ("values", "labels", "shared"),
    [
        ([0, 0.5, 1], ["0", "0.5", "1.0"], ""),
        ([0, 250, 500], ["0", "250", "500"], ""),
        ([-1, 0, 1], ["−1", "0", "1"], ""),
        ([0, 20_000, 40_000], ["0", "20000", "40000"], ""),
        ([0, 50_000, 100_000], ["0", "50", "100"], "×10³"),
        ([0, 5e-6, 1e-5], ["0", "0.5", "1.0"], "×10⁻⁵"),
        ([0, 2e6, 4e6], ["0", "2", "4"], "×10⁶"),
        ([1e9, 1e9 + 1], ["0", "1"], "+ 10⁹"),
        ([1234567, 1234568], ["7", "8"], "+ 1234560"),
        ([-1e9 - 1, -1e9], ["−1", "0"], "− 10⁹"),
        ([0.96e9, 1e9, 1.04e9], ["0.96", "1.00", "1.04"], "×10⁹"),
        ([-5e299, 0, 5e299], ["−500", "0", "500"], "×10²⁹⁷"),
        ([5e-324], ["4.94"], "×10⁻³²⁴"),
        ([0.1, 0.1 + 1e-9], ["0", "1"], "×10⁻⁹ + 0.1"),
        ([], [], ""),
        ([0.0], ["0"], ""),
    ],
)
def test_tick_labels(values: list[float], labels: list[str], shared: str) -> None:
    """Ticks are labelled alike; a power of ten or an offset is said once, never in each label."""
    assert tick_labels(values) == (labels, shared)


def read(label: str, shared: str) -> Decimal:
    """The number that a label and what it leaves out stand for."""
    found = re.fullmatch(r"(?:×10([⁻\d⁰-⁹¹²³]+))? ?(?:([+−]) ([\d.]+)?(?:×?10([⁰-⁹¹²³]+))?)?", shared)
    assert found is not None, shared
    power, sign, offset, offset_power = found.groups()
    value = Decimal(label.replace("−", "-")).scaleb(int((power or "0").translate(SUPERSCRIPTS)))
    if not sign:
        return value
    far = Decimal(offset or 1).scaleb(int((offset_power or "0").translate(SUPERSCRIPTS)))
    return value - far if sign == "−" else value + far


@given(
    start=st.floats(-1e300, 1e300, allow_subnormal=False),
    step=st.floats(1e-290, 1e299),
    count=st.integers(2, 9),
)
def test_tick_labels_read_back(start: float, step: float, count: int) -> None:
    """Whatever the ticks, each label with what it leaves out reads as its value, and no label is long."""
    values = [start + step * k for k in range(count)]
    labels, shared = tick_labels(values)
    gap = min((b - a for a, b in pairwise(values) if b > a), default=abs(start) or 1.0)
    for value, label in zip(values, labels, strict=True):
        assert float(read(label, shared)) == pytest.approx(value, rel=1e-14, abs=gap / 100)


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ((0.7, 1400), ["1", "10", "100", "1000"]),
        ((0.02, 3), ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]),
        ((3e-6, 2), ["10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]),
        ((2e-5, 8e-4), ["2e−5", "5e−5", "1e−4", "2e−4", "5e−4"]),
        ((20, 30), ["20", "22", "24", "26", "28", "30"]),
    ],
)
def test_log_ticks(limits: tuple[float, float], labels: list[str]) -> None:
    """A logarithmic axis has every power of ten, in one notation, and minor ticks between them."""
    ticks = log_ticks(limits, most=6)
    assert ticks.labels == labels
    assert all(limits[0] <= place <= limits[1] for place in (*ticks.positions, *ticks.minor))
    if limits[1] / limits[0] > 10:
        assert len(ticks.minor) + len(ticks.positions) >= 8 * (np.log10(limits[1] / limits[0]) - 1)


def test_far_decades_are_passed_over() -> None:
    """Of six hundred decades some are labelled, evenly."""
    ticks = log_ticks((1e-300, 1e300), most=6)
    assert 3 <= len(ticks.labels) <= 13
    assert len({round(np.log10(b / a)) for a, b in pairwise(ticks.positions)}) == 1


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e9), most=st.integers(2, 9))
def test_at_least_three_ticks(low: float, span: float, most: int) -> None:
    """However little room there is, an axis has three ticks at least."""
    assert len(linear_ticks((low, low + span), most=most).labels) >= 3
    assert len(log_ticks((1e-3 * span, span), most=most).labels) >= 3


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(90, "runtime (s)"), (600, "runtime (min)"), (4 * 3600, "runtime (h)"), (9 * 86_400, "runtime (d)")],
)
def test_runtime_is_told_by_its_range(draw: Draw, seconds: float, name: str) -> None:
    """Runtime is in seconds, minutes, hours or days, whichever gives small numbers."""
    (axes,) = draw(figure(series([1, 2], x=[0, seconds]), xlabel="runtime (s)")).axes
    assert axes.get_xlabel() == name
    assert max(float(label) for label in x_ticks(axes)) <= 150
    assert axes.lines[0].get_xdata().tolist() == [0, seconds]


@pytest.mark.parametrize("days", [0.01, 0.4, 3, 40, 100, 400, 4000])
def test_dates_name_the_right_month(days: float) -> None:
    """Each label of a date, read with the one named beside the axis, is the tick's own date."""
    start = datetime(2026, 2, 27, 21, 7, tzinfo=UTC).timestamp() / 86_400
    ticks = time_ticks((start, start + days), most=6)
    assert len(ticks.labels) >= 3
    year = re.search(r"\d{4}", ticks.suffix)
    for place, label in zip(ticks.positions, ticks.labels, strict=True):
        true = datetime.fromtimestamp(round(place * 86_400), UTC)
        month = re.fullmatch(r"(?:(\d{4})-?)?(\d\d)?(?:-(\d\d))?", label)
        if ":" in label:
            assert f"{true:%H:%M}" in label
        else:
            assert month is not None
            assert month[1] in (None, f"{true:%Y}")
            assert month[2] in (None, f"{true:%m}")
            assert month[3] in (None, f"{true:%d}")
            assert month[1] or year is not None


def test_ticks_of_a_narrow_figure(draw: Draw) -> None:
    """At the width of a column of print there are three ticks an axis, whatever the numbers."""
    for scale in (1, 1e-4, 12345, 1e7):
        wanted = figure(series(scale * np.linspace(0.3, 0.97, 50), x=np.arange(50) * 777), style="paper")
        (axes,) = draw(wanted).axes
        assert len(x_ticks(axes)) >= 3
        assert len(y_ticks(axes)) >= 3


def test_minor_ticks_have_no_labels(draw: Draw) -> None:
    """Between two powers of ten there are ticks, and no labels that matplotlib would make for them."""
    canvas = draw(figure(series([0.2, 2.3]), yscale="log"))
    assert len(canvas.axes[0].yaxis.get_minorticklocs()) > 5
    assert {label.get_text() for label in canvas.axes[0].get_yticklabels(minor=True)} == {""}

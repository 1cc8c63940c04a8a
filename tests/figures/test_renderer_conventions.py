"""What every renderer does alike, asked of the helpers that they share."""

from itertools import combinations, pairwise

import numpy as np
import pytest

from tests.plugins.figures import figure, series
from wandb_plot import drawable, empty_label, gap_label, gaps, literal, lone_points, series_color

NAN, INF = float("nan"), float("inf")


def luminance(color: str) -> float:
    """Relative luminance of `#rrggbb` (WCAG 2.2)."""
    channels = np.frombuffer(bytes.fromhex(color[1:]), np.uint8) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


FIRST_SEVEN = [series_color(series([1], slot=slot)) for slot in range(7)]


def test_colours_stand_out_from_white() -> None:
    """Every colour has a contrast to white of 3:1 at least, as WCAG asks of graphics."""
    assert min(contrast(color, "#ffffff") for color in FIRST_SEVEN) >= 3


def test_colours_differ_in_grey() -> None:
    """A printer without colours tells the first seven lines apart: their greys differ by 1.25:1 at least."""
    assert min(contrast(one, other) for one, other in combinations(FIRST_SEVEN, 2)) > 1.25


def test_colour_goes_by_slot_unless_it_was_chosen() -> None:
    """A slot has one colour, an eighth begins anew, and a colour that the user chose wins."""
    assert series_color(series([1], slot=7)) == FIRST_SEVEN[0]
    assert all(one != other for one, other in pairwise(FIRST_SEVEN))
    assert series_color(series([1], slot=2, color="#123456")) == "#123456"


@pytest.mark.parametrize(
    ("yscale", "expected", "label"),
    [
        ("linear", [False, False, True, True, True], "NaN or Inf"),
        ("log", [False, True, True, True, True], "NaN, Inf or ≤ 0"),
    ],
)
def test_gaps(yscale: str, expected: list[bool], label: str) -> None:
    """Non-finite values are gaps, and on a log axis what isn't above zero as well; the legend says which."""
    line = series([1, 0, NAN, INF, -INF])
    drawn = figure(line, yscale=yscale)
    assert gaps(line, drawn).tolist() == expected
    assert np.isnan(drawable(line.y, drawn)).tolist() == expected
    assert gap_label(drawn) == label


@pytest.mark.parametrize(
    ("values", "alone"),
    [
        ([7], [True]),
        ([1, NAN, 3, NAN, 5, 6], [True, False, True, False, False, False]),
        ([1, 2, NAN, 4], [False, False, False, True]),
        ([NAN, NAN], [False, False]),
        ([], []),
    ],
)
def test_lone_points(values: list[float], alone: list[bool]) -> None:
    """A point is alone where neither neighbour is there."""
    assert lone_points(np.asarray(values, dtype=float)).tolist() == alone


def test_words() -> None:
    """An empty figure says what is missing, and control characters are shown by their escapes."""
    assert empty_label(figure(series([NAN]))) == "no finite values"
    assert empty_label(figure(series([-1]), yscale="log")) == "no positive values"
    assert literal("a\n\x1b[31m\udcff\u202e 学") == r"a\n\x1b[31m\udcff\u202e 学"

"""What the matplotlib renderer draws: asked of the artists, since pixels of text change with FreeType."""

from typing import Literal

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from tests.plugins.conftest import Draw
from tests.plugins.drawn import gap_places, gaps, legend, lines, y_ticks
from tests.plugins.figures import figure, series
from wandb_plot import Figure, series_color
from wandb_plot_matplotlib.styling.line_styles import Markers, line_properties
from wandb_plot_matplotlib.styling.style import look_of, plain

NAN = float("nan")
YScale = Literal["linear", "log"]


def test_line_holds_every_value(draw: Draw) -> None:
    """The line goes through the values as they are."""
    canvas = draw(figure(series([3, 1, 2], x=[0, 10, 50])))
    (line,) = lines(canvas.axes[0])
    np.testing.assert_array_equal(line.get_xdata(), [0, 10, 50])
    np.testing.assert_array_equal(line.get_ydata(), [3, 1, 2])


def test_colour_follows_the_slot(draw: Draw) -> None:
    """A run keeps its colour, wherever it stands in a figure."""
    one = draw(figure(series([1, 2], slot=3)))
    color = lines(one.axes[0])[0].get_color()
    other = draw(figure(series([5, 6], slot=0), series([1, 2], slot=3)))
    assert lines(other.axes[0])[1].get_color() == color


@pytest.mark.parametrize("by_color", [False, True])
def test_slots_look_different(by_color: bool) -> None:
    """Two hundred series have two hundred looks."""
    look = look_of(plain, "screen")
    markers = Markers(at_each=False, by_color=by_color)
    looks = [line_properties(series(np.zeros(50), slot=slot), look, 200, markers) for slot in range(200)]
    parts = ("color", "linestyle", "marker", "markerfacecolor")
    assert len({tuple(look[part] for part in parts) for look in looks}) == 200


def test_lines_in_print_are_told_apart_without_colours(draw: Draw) -> None:
    """More than three lines of a paper differ by their markers, in each panel and in the legend alike."""
    runs = [series(np.arange(100) + slot, slot=slot, label=f"run {slot}") for slot in range(14)]
    for count, shapes in ((3, 1), (7, 7), (14, 14)):
        parts = figure(*runs[:count], title="a"), figure(*runs[:1], title="b")
        canvas = draw(Figure(title="", xlabel="", ylabel="", series=(), panels=parts, style="paper"))
        keys = [line for line in canvas.legends[0].get_lines() if line.get_marker()]
        for artists in (lines(canvas.axes[0]), keys or lines(canvas.axes[0])):
            filled = {(line.get_marker(), line.get_markerfacecolor() == "#ffffff") for line in artists}
            assert len(filled) == shapes
        assert lines(canvas.axes[1])[0].get_marker() == lines(canvas.axes[0])[0].get_marker()


def test_gap_breaks_the_line_and_is_marked(draw: Draw) -> None:
    """NaN breaks the line, and a mark at the bottom edge says where, explained by the legend."""
    canvas = draw(figure(series([1, 2, NAN, NAN, 4, 5])))
    (axes,) = canvas.axes
    (line,) = lines(axes)
    np.testing.assert_array_equal(np.isnan(line.get_ydata()), [False, False, True, True, False, False])
    assert gap_places(axes) == [[2, 3]]
    assert legend(canvas) == ["NaN or Inf"]


@pytest.mark.parametrize("style", ["screen", "paper"])
@pytest.mark.parametrize("yscale", ["linear", "log"])
@pytest.mark.parametrize("limits", [(None, None), (0.5, 1), (4, 5), (1, 1.5)])
def test_gaps_are_marked_below_all_values(
    draw: Draw, limits: tuple[float | None, float | None], yscale: YScale, style: str
) -> None:
    """Marks of gaps lie between the axes and the line with the ticks, whatever the limits: they are no values."""
    runs = [series([1, NAN, 2, 1, NAN, 1], slot=slot) for slot in range(3)]
    (axes,) = draw(figure(*runs, ylim=limits, yscale=yscale, xlim=(0, 3), style=style)).axes
    values, ticks = axes.get_window_extent().y0, axes.spines["bottom"].get_window_extent().y1
    half = [mark.get_markersize() / 2 * axes.figure.dpi / 72 for mark in gaps(axes)]
    places = [mark.get_transform().transform((1, 0))[1] for mark in gaps(axes)]
    assert all(ticks <= y - h and y + h <= values for y, h in zip(places, half, strict=True))
    assert len(set(places)) == 3
    assert gap_places(axes) == [[1]] * 3
    (axes,) = draw(figure(series([1, 2, 1]), style=style)).axes
    assert axes.spines["bottom"].get_position() == ("outward", 0)


def test_a_line_that_ends_early_is_seen_over_one_that_goes_on(draw: Draw) -> None:
    """A run that diverged isn't hidden by another that has the same values until then."""
    (axes,) = draw(figure(series([3, 2, NAN, NAN], label="diverged"), series([3, 2, 1, 0], slot=1))).axes
    assert [line.get_color() for line in lines(axes)] == [series_color(series([1], slot=slot)) for slot in (1, 0)]


def test_gaps_in_a_row_are_one_bar(draw: Draw) -> None:
    """A stretch of gaps is a bar without holes, and a point in between parts it."""
    (axes,) = draw(figure(series([1, NAN, NAN, 4, NAN, 6]))).axes
    (mark,) = gaps(axes)
    np.testing.assert_array_equal(mark.get_xdata(), [NAN, 1, 2, NAN, 4, NAN])
    assert mark.get_linestyle() == "-"


def test_gaps_of_two_runs_stay_apart(draw: Draw) -> None:
    """Runs that diverge at the same step have marks of their own colours above one another."""
    (axes,) = draw(figure(series([1, NAN, 3]), series([3, NAN, 1], slot=1))).axes
    first, second = gaps(axes)
    assert first.get_transform().transform((1, 0))[1] > second.get_transform().transform((1, 0))[1]
    assert first.get_color() != second.get_color()


@pytest.mark.parametrize(
    ("start", "dots"),
    [([7, NAN], [0]), ([1, NAN, 3, NAN, 5, 6], [0, 2]), ([1, 2, 3], []), ([1, 2, NAN, 4, NAN], [3])],
    ids=["one point", "between gaps", "none", "at the end"],
)
def test_lonely_points_have_markers(draw: Draw, start: list[float], dots: list[float]) -> None:
    """A point that no line reaches is still seen, also in a series of so many points that they have no markers."""
    (axes,) = draw(figure(series([*start, *range(40)]))).axes
    marked = [line for line in lines(axes) if line.get_linestyle() == "None"]
    assert [x for line in marked for x in line.get_xdata()] == dots
    assert all(line.get_marker() == "o" for line in marked)


@pytest.mark.parametrize(
    ("y", "yscale", "words"),
    [
        ([NAN, NAN], "linear", "no finite values"),
        ([NAN], "log", "no positive values"),
        ([-1, 0], "log", "no positive values"),
        ([], "linear", "no finite values"),
    ],
)
def test_nothing_to_draw_is_said(draw: Draw, y: list[float], yscale: YScale, words: str) -> None:
    """A figure without a drawable value says so, and doesn't fail."""
    (axes,) = draw(figure(series(y), yscale=yscale)).axes
    assert [text.get_text() for text in axes.texts] == [words]
    assert y_ticks(axes) == []


def test_band(draw: Draw) -> None:
    """A band spans low to high in the colour of its line, translucent, and broken where the line is."""
    wanted = series([2, 3, NAN, 5], low=[1, 2, NAN, 4], high=[3, 4, NAN, 6], slot=2)
    (axes,) = draw(figure(wanted)).axes
    band, lonely = axes.collections
    np.testing.assert_array_equal(band.get_paths()[0].get_extents().extents, [0, 1, 1, 4])
    assert 0 < band.get_alpha() < 0.5
    np.testing.assert_array_equal(lonely.get_segments(), [[[3, 4], [3, 6]]])
    low, high = axes.get_ylim()
    assert low < 1
    assert high > 6


def test_log_axis_marks_what_it_cannot_show(draw: Draw) -> None:
    """On a logarithmic axis, zero and negative values are marked gaps."""
    canvas = draw(figure(series([1, 10, 0, -5, 1000]), yscale="log"))
    (axes,) = canvas.axes
    assert axes.get_yscale() == "log"
    assert gap_places(axes) == [[2, 3]]
    assert legend(canvas) == ["NaN, Inf or ≤ 0"]
    assert axes.get_ylim()[0] > 0.1
    assert y_ticks(axes) == ["1", "10", "100", "1000"]


def test_limits(draw: Draw) -> None:
    """Limits asked for are kept; those left open follow what is in sight."""
    wanted = series([0, 10, 20, 1000])
    (axes,) = draw(figure(wanted, xlim=(0, 2), ylim=(None, None))).axes
    assert axes.get_xlim() == (0, 2)
    assert axes.get_ylim()[1] == pytest.approx(21)
    (axes,) = draw(figure(wanted, xlim=(None, 2), ylim=(5, None))).axes
    assert axes.get_xlim()[1] == 2
    assert axes.get_ylim()[0] == 5
    (axes,) = draw(figure(wanted, ylim=(2000, None))).axes
    assert axes.get_ylim() == (2000, 4000)


def test_log_axis_ignores_a_limit_it_cannot_show(draw: Draw) -> None:
    """Zero is no limit of a logarithmic axis."""
    (axes,) = draw(figure(series([1, 10]), yscale="log", ylim=(0, 100))).axes
    low, high = axes.get_ylim()
    assert 0.5 < low < 1
    assert high == 100


def test_few_points_have_markers(draw: Draw) -> None:
    """Where there are thirty points or fewer, each is a measurement and has a marker; more are a curve."""
    for count, marker in ((30, "o"), (31, "")):
        (axes,) = draw(figure(series(np.arange(count) ** 2))).axes
        (line,) = lines(axes)
        assert (line.get_marker(), line.get_markevery()) == (marker, None if marker else line.get_markevery())


def test_beyond_seven_lines_markers_tell_them_apart(draw: Draw) -> None:
    """The eighth line has the first one's colour and markers at intervals, which noise doesn't hide."""
    (axes,) = draw(figure(*[series(np.arange(500), slot=slot) for slot in range(9)])).axes
    first, eighth, ninth = (lines(axes)[k] for k in (0, 7, 8))
    assert first.get_color() == eighth.get_color()
    assert (first.get_marker(), eighth.get_marker()) == ("", "s")
    assert (first.get_linestyle(), eighth.get_linestyle()) == ("-", "-")
    assert eighth.get_markevery() != ninth.get_markevery()


def test_more_points_than_pixels_are_a_median_and_a_range(draw: Draw) -> None:
    """A hundred thousand noisy points are drawn as the median of each pixel column, and lightly as its range."""
    noise = np.random.default_rng(0).normal(size=100_000)
    noise[51_234] = 40
    canvas = draw(figure(series(noise)))
    (axes,) = canvas.axes
    (line,) = lines(axes)
    (area,) = axes.collections
    assert 400 < len(line.get_xdata()) < 900
    assert np.abs(line.get_ydata()).max() < 0.5
    assert 0.6 < min(area.get_facecolor()[0]) < 0.8
    swatch = canvas.legends[0].findobj(Rectangle)[0]
    assert swatch.get_facecolor() == tuple(area.get_facecolor()[0])
    low, high = area.get_paths()[0].get_extents().intervaly
    assert (low, high) == (noise.min(), 40)
    assert legend(canvas) == ["median and range of neighbouring points"]


@pytest.mark.parametrize("points", [99_000, 100_000, 101_234])
@pytest.mark.parametrize("limits", [(None, None), (20_000, 70_000)])
def test_a_long_line_ends_in_a_median_of_many_points(
    draw: Draw, points: int, limits: tuple[float | None, float | None]
) -> None:
    """The last column holds as many points as the others: of a few the median would be noise."""
    noise = np.random.default_rng(1).normal(size=points)
    (axes,) = draw(figure(series(noise), xlim=limits)).axes
    y = lines(axes)[0].get_ydata()
    assert np.abs(y[[0, -1]]).max() < 5 * np.std(y)
    assert np.diff(lines(axes)[0].get_xdata()).std() < 1


def test_every_point_is_drawn_where_there_are_pixels(draw: Draw) -> None:
    """Up to four points a pixel column are all drawn, and so is a line that goes back and forth."""
    (axes,) = draw(figure(series(np.arange(2000)))).axes
    assert len(lines(axes)[0].get_xdata()) == 2000
    (axes,) = draw(figure(series(np.arange(9000), x=np.arange(9000)[::-1]))).axes
    assert len(lines(axes)[0].get_xdata()) == 9000


def test_gaps_of_a_long_series_are_marked(draw: Draw) -> None:
    """One NaN among a hundred thousand points is marked, and a long gap breaks the line."""
    y = np.ones(100_000)
    y[10_000] = NAN
    y[50_000:60_000] = NAN
    (axes,) = draw(figure(series(y))).axes
    (places,) = gap_places(axes)
    assert places[0] == pytest.approx(10_000, abs=200)
    assert np.isnan(lines(axes)[0].get_ydata()).any()


def test_band_reaches_the_floor_of_a_log_axis(draw: Draw) -> None:
    """A band goes down to the limit of a logarithmic axis, unbroken."""
    wanted = series([1, 2, 3], low=[0.5, 0.1, 0.1], high=[2, 3, 4])
    (axes,) = draw(figure(wanted, yscale="log", ylim=(0.1, None))).axes
    (band,) = axes.collections
    (path,) = band.get_paths()
    assert path.get_extents().y0 == axes.get_ylim()[0] == 0.1
    assert path.get_extents().intervalx.tolist() == [0, 2]

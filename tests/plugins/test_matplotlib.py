"""What the matplotlib renderer draws: mostly asked of the artists, since pixels of text change with FreeType."""

# ruff: noqa: RUF001 -- labels of ticks have a true minus sign

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from PIL import Image

import wandb_plot_matplotlib
from tests.plugins.figures import figure, series
from wandb_plot import Figure, RendererError, literal
from wandb_plot_matplotlib import canvas as canvases
from wandb_plot_matplotlib import style
from wandb_plot_matplotlib.drawing import GAP
from wandb_plot_matplotlib.text import cut_all, width
from wandb_plot_matplotlib.ticks import decade_label, tick_labels

BASELINES = Path(__file__).with_name("baselines")
NAN = float("nan")
YScale = Literal["linear", "log"]
Draw = Callable[[Figure], Canvas]


@pytest.fixture
def draw() -> Iterator[Draw]:
    """Draw a figure with all its ticks and labels in place."""

    def drawn(wanted: Figure) -> Canvas:
        canvas = canvases.draw(wanted, style.MATPLOTLIB)
        canvas.canvas.draw()
        return canvas

    with style.settings(style.MATPLOTLIB):
        yield drawn


def pixels(path: Path) -> np.ndarray:
    """Read an image as an array of the shape (height, width, 3)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), dtype=int)


def lines(axes: Axes) -> list[Line2D]:
    """List the lines of series."""
    return [line for line in axes.lines if line.get_label() != GAP]


def gaps(axes: Axes) -> list[Line2D]:
    """List what marks gaps, one for each series that has any."""
    return [line for line in axes.lines if line.get_label() == GAP]


def legend(canvas: Canvas) -> list[str]:
    """List the labels in the legend."""
    return [text.get_text() for found in canvas.legends for text in found.get_texts()]


def x_ticks(axes: Axes) -> list[str]:
    """List the labels that are in sight below the axes."""
    low, high = sorted(axes.get_xlim())
    return [t.get_text() for t in axes.get_xticklabels() if low <= t.get_position()[0] <= high]


def y_ticks(axes: Axes) -> list[str]:
    """List the labels that are in sight beside the axes."""
    low, high = sorted(axes.get_ylim())
    return [t.get_text() for t in axes.get_yticklabels() if low <= t.get_position()[1] <= high]


def test_line_holds_every_value(draw: Draw) -> None:
    """The line goes through the values as they are."""
    canvas = draw(figure(series([3, 1, 2], x=[0, 10, 50])))
    (line,) = lines(canvas.axes[0])
    np.testing.assert_array_equal(line.get_xdata(), [0, 10, 50])
    np.testing.assert_array_equal(line.get_ydata(), [3, 1, 2])


def test_words(draw: Draw) -> None:
    """Title and axis labels say what the figure says; one series needs no legend."""
    canvas = draw(figure(series([1, 2]), title="loss of baseline", xlabel="Runtime (s)", ylabel="train/loss"))
    (axes,) = canvas.axes
    assert [text.get_text() for text in canvas.texts] == ["loss of baseline"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Runtime (s)", "train/loss")
    assert legend(canvas) == []


def test_legend_tells_runs_apart(draw: Draw) -> None:
    """Several series have a legend, in drawing order, also where a label begins with an underscore."""
    canvas = draw(figure(series([1, 2], label="wide"), series([2, 1], label="_deep", slot=1)))
    assert legend(canvas) == ["wide", "_deep"]


def test_colour_follows_the_slot(draw: Draw) -> None:
    """A run keeps its colour, wherever it stands in a figure."""
    one = draw(figure(series([1, 2], slot=3)))
    color = lines(one.axes[0])[0].get_color()
    other = draw(figure(series([5, 6], slot=0), series([1, 2], slot=3)))
    assert lines(other.axes[0])[1].get_color() == color


def test_slots_look_different() -> None:
    """Two hundred series have two hundred looks."""
    looks = [style.line_look(series([1, 2], slot=slot)) for slot in range(200)]
    assert len({(look["color"], look["linestyle"], look["marker"]) for look in looks}) == 200


def test_gap_breaks_the_line_and_is_marked(draw: Draw) -> None:
    """NaN breaks the line, and a mark at the bottom edge says where, explained by the legend."""
    canvas = draw(figure(series([1, 2, NAN, NAN, 4, 5])))
    (axes,) = canvas.axes
    (line,) = lines(axes)
    np.testing.assert_array_equal(np.isnan(line.get_ydata()), [False, False, True, True, False, False])
    (mark,) = gaps(axes)
    np.testing.assert_array_equal(mark.get_xdata(), [2, 3])
    assert all(0 < height < 0.1 for height in mark.get_ydata())
    assert legend(canvas) == ["NaN or Inf"]


def test_gaps_of_two_runs_stay_apart(draw: Draw) -> None:
    """Runs that diverge at the same step have marks of their own colours above one another."""
    (axes,) = draw(figure(series([1, NAN, 3]), series([3, NAN, 1], slot=1))).axes
    first, second = gaps(axes)
    assert first.get_ydata()[0] < second.get_ydata()[0]
    assert first.get_color() != second.get_color()


@pytest.mark.parametrize(
    ("y", "dots"),
    [([7], [0]), ([1, NAN, 3, NAN, 5, 6], [0, 2]), ([1, 2, 3], []), ([1, 2, NAN, 4], [3])],
    ids=["one point", "between gaps", "none", "at the end"],
)
def test_lonely_points_have_markers(draw: Draw, y: list[float], dots: list[float]) -> None:
    """A point that no line reaches is still seen."""
    (axes,) = draw(figure(series(y))).axes
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
    assert gaps(axes)[0].get_xdata().tolist() == [2, 3]
    assert legend(canvas) == ["NaN, Inf or ≤ 0"]
    assert axes.get_ylim()[0] > 0.1
    assert y_ticks(axes) == ["1", "10", "100", "1000"]


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
    assert axes.xaxis.get_major_formatter().get_offset() == "2026-03-02"


def test_a_fraction_of_a_second_on_a_time_axis(draw: Draw) -> None:
    """Labels are told apart, also where a run took no longer than that."""
    start = datetime(2026, 3, 1, 22, 0, 7, tzinfo=UTC).timestamp()
    (axes,) = draw(figure(series(np.arange(3), x=start + 0.2 * np.arange(3)), xscale="time")).axes
    assert len(set(x_ticks(axes))) == len(x_ticks(axes))
    assert "22:00:07.2" in x_ticks(axes)


def test_a_moment_on_a_time_axis(draw: Draw) -> None:
    """A metric logged once has a minute of time axis around it, not years."""
    moment = datetime(2026, 3, 1, 22, tzinfo=UTC).timestamp()
    (axes,) = draw(figure(series([1], x=[moment]), xscale="time")).axes
    assert np.diff(axes.get_xlim()) == pytest.approx(60 / 86_400)
    assert "22:00" in x_ticks(axes)


def test_times_beyond_the_calendar_are_numbers(draw: Draw) -> None:
    """Milliseconds taken for seconds lie beyond the year 9999: the axis shows them as numbers."""
    (axes,) = draw(figure(series([1, 2], x=[1.7e12, 1.8e12]), xscale="time")).axes
    assert "1.70e12" in x_ticks(axes)


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


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([0, 0.5, 1], ["0", "0.5", "1.0"]),
        ([0, 250, 500], ["0", "250", "500"]),
        ([-1, 0, 1], ["−1", "0", "1"]),
        ([0, 5e-6, 1e-5], ["0", "5e−6", "10e−6"]),
        ([0, 2e6, 4e6], ["0", "2e6", "4e6"]),
        ([1e9, 1e9 + 1], ["1000000000", "1000000001"]),
        ([0.96e9, 1e9, 1.04e9], ["0.96e9", "1.00e9", "1.04e9"]),
        ([-5e299, 0, 5e299], ["−500e297", "0", "500e297"]),
        ([5e-324], ["4.94e−324"]),
        ([0.1, 0.1 + 1e-9], ["0.100000000", "0.100000001"]),
        ([], []),
        ([0.0], ["0"]),
    ],
)
def test_tick_labels(values: list[float], labels: list[str]) -> None:
    """Ticks are labelled in full and alike, with an exponent where that is shorter."""
    assert tick_labels(values) == labels


@given(
    start=st.floats(-1e300, 1e300, allow_subnormal=False),
    step=st.floats(1e-290, 1e299),
    count=st.integers(2, 9),
)
def test_tick_labels_read_back(start: float, step: float, count: int) -> None:
    """Whatever the ticks, each label reads as its value, and different ticks have different labels."""
    values = [start + step * k for k in range(count)]
    labels = tick_labels(values)
    gap = min((b - a for a, b in pairwise(values) if b > a), default=abs(start) or 1.0)
    for value, label in zip(values, labels, strict=True):
        assert float(label.replace("−", "-")) == pytest.approx(value, rel=1e-14, abs=gap / 100)


@pytest.mark.parametrize(
    ("value", "label"),
    [(0.01, "0.01"), (500, "500"), (100_000, "100000"), (1e6, "1e6"), (2e-5, "2e−5"), (1e300, "1e300")],
)
def test_decade_labels(value: float, label: str) -> None:
    """Ticks of a logarithmic axis are plain text."""
    assert decade_label(value) == label


@pytest.mark.parametrize(
    "y",
    [
        [1e-320, 2e-320],
        [1e300, -1e300],
        [1.79e308, -1.79e308],
        [1e-308, 1.79e308],
        [5.0] * 9,
        [1e9] * 9,
        [0.0] * 9,
        [1.0, 1.0 + 2**-52],
        [float("inf"), 1, float("-inf")],
    ],
)
@pytest.mark.parametrize("yscale", ["linear", "log"])
def test_extreme_values_are_drawn(tmp_path: Path, y: list[float], yscale: YScale) -> None:
    """No finite float is too large, too small or too constant to be drawn."""
    wandb_plot_matplotlib.render_figure(figure(series(y), yscale=yscale), tmp_path / "loss.png")
    assert pixels(tmp_path / "loss.png").shape[1::-1] == (800, 450)


NAMES = [
    "$x_1^2$",
    r"$\frac{a}",
    "_hidden",
    "a_b^c",
    "学習率 🚀",
    "مرحبا",
    "two\nlines",
    "\x1b[31mred",
    "\udcff",
    "&<>\"'",
    "",
]


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_any_name_is_drawn(tmp_path: Path, suffix: str) -> None:
    """No name of a run or metric keeps a figure from being drawn, or warns."""
    path = tmp_path / f"loss.{suffix}"
    for name in NAMES:
        wanted = figure(
            series([1, 2], label=name), series([2, 3], label=name, slot=1), title=name, xlabel=name, ylabel=name
        )
        wandb_plot_matplotlib.render_figure(wanted, path)
        assert path.stat().st_size > 1000


def test_names_are_shown_literally(draw: Draw) -> None:
    """Mathematics stays text, and control characters are shown by their escapes."""
    canvas = draw(figure(series([1]), title="$a_1$ \x1b[31m", ylabel="b\nc"))
    assert canvas.texts[0].get_text() == r"$a_1$ \x1b[31m"
    assert not canvas.texts[0].get_parse_math()
    assert canvas.axes[0].get_ylabel() == r"b\nc"
    assert literal("\udcff\u202e") == r"\udcff\u202e"


def test_long_names_are_cut_in_the_middle(draw: Draw) -> None:
    """A name that is too long keeps both ends and stays inside the figure."""
    name = "validation/segmentation/" + "per_class/" * 20 + "mean"
    canvas = draw(figure(series([1, 2]), title=name, ylabel=name))
    for text in (canvas.texts[0], canvas.axes[0].yaxis.label):
        assert text.get_text().startswith("validation/")
        assert text.get_text().endswith("mean")
        assert canvas.bbox.contains(*text.get_window_extent().min)
        assert canvas.bbox.contains(*text.get_window_extent().max)


def test_long_labels_stay_different() -> None:
    """Labels that differ only in their middle are cut around what differs."""
    labels = [f"resnet50-imagenet-sweep-lr{rate}-augmentation-v2-from-scratch" for rate in (0.1, 0.01, 0.001)]
    assert cut_all(labels, 9, 1.2) == ["…lr0.1…", "…lr0.01…", "…lr0.001…"]
    assert cut_all(["a", "b"], 9, 1.2) == ["a", "b"]
    assert all(width(label, 9) <= 1.2 for label in cut_all(["x" * 50 + "1", "x" * 50 + "2"], 9, 1.2))


@pytest.mark.parametrize("count", [2, 12, 30, 90])
def test_many_series_leave_room_for_the_axes(draw: Draw, count: int) -> None:
    """The legend of many series stands beside the axes, inside the figure, and says how many it leaves out."""
    canvas = draw(figure(*[series([1, 2], label=f"a-rather-long-run-name-{k}", slot=k) for k in range(count)]))
    (axes,) = canvas.axes
    box = canvas.legends[0].get_window_extent()
    assert axes.get_window_extent().width > 0.4 * canvas.bbox.width
    assert not box.overlaps(axes.get_window_extent())
    assert box.x1 <= canvas.bbox.x1
    assert box.y0 >= 0
    shown = legend(canvas)
    assert len(shown) == count or shown[-1] == f"… and {count - len(shown) + 1} more"


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (8, 4.5), (20, 3)])
def test_size(tmp_path: Path, size: tuple[float, float]) -> None:
    """A figure has the size that was asked for, however small."""
    wanted = figure(*[series([1, NAN, 2], label=f"run-{k}", slot=k) for k in range(12)], size=size, dpi=50)
    wandb_plot_matplotlib.render_figure(wanted, tmp_path / "loss.png")
    assert pixels(tmp_path / "loss.png").shape[1::-1] == (size[0] * 50, size[1] * 50)


def test_texts_do_not_overlap(draw: Draw) -> None:
    """Title, legend, axes and labels keep out of each other's way."""
    wanted = figure(
        series([1e9 + k for k in range(9)], label="wide"), series([1e9, NAN, 1e9 + 5], slot=1, label="deep")
    )
    canvas = draw(wanted)
    (axes,) = canvas.axes
    boxes = [
        artist.get_window_extent()
        for artist in (canvas.texts[0], canvas.legends[0], axes, axes.xaxis.label, axes.yaxis.label)
    ]
    boxes += [label.get_window_extent() for label in axes.get_yticklabels() if label.get_text() in y_ticks(axes)]
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[index + 1 :])
        assert canvas.bbox.containsx(box.x0)
        assert canvas.bbox.containsy(box.y1)


def test_a_figure_leaves_no_trace_in_the_next(tmp_path: Path) -> None:
    """What was drawn before doesn't show: figures share their axes."""
    plain = figure(series(np.arange(50) ** 2))
    rich = figure(
        series(np.r_[np.arange(9) * 1e9, NAN, 5], low=np.zeros(11), high=np.ones(11), label="b"),
        series([NAN] * 3, slot=4),
        xscale="time",
    )
    for suffix in ("png", "svg"):
        first, again = tmp_path / f"first.{suffix}", tmp_path / f"again.{suffix}"
        canvases._canvas.cache_clear()
        wandb_plot_matplotlib.render_figure(plain, first)
        for between in (rich, figure(series([NAN])), rich):
            wandb_plot_matplotlib.render_figure(between, tmp_path / f"between.{suffix}")
        wandb_plot_matplotlib.render_figure(plain, again)
        assert first.read_bytes() == again.read_bytes()


def test_settings_of_the_process_stay(tmp_path: Path) -> None:
    """Drawing leaves rcParams as it found them."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    wandb_plot_matplotlib.render_figure(figure(series([1, 2])), tmp_path / "loss.png")
    assert dict(mpl.rcParams) == before


def test_other_suffix_is_refused(tmp_path: Path) -> None:
    """A suffix that isn't among the renderer's formats is an error that says so."""
    with pytest.raises(RendererError, match="png, svg and pdf"):
        wandb_plot_matplotlib.render_figure(figure(series([1])), tmp_path / "loss.gif")


@pytest.mark.parametrize("name", ["gaps", "band", "many"])
def test_pixels(tmp_path: Path, name: str) -> None:
    """The drawing without its texts looks as it did: the same pixels from one matplotlib to the next."""
    x = np.linspace(0, 6, 200)
    wanted = {
        "gaps": figure(
            series(np.where((x > 2) & (x < 3), NAN, np.sin(x)), x), series([0.5, NAN, 0.2, NAN], [1, 2, 4, 5], slot=1)
        ),
        "band": figure(series(np.sin(x), x, low=np.sin(x) - 0.2, high=np.sin(x) + 0.2, slot=2)),
        "many": figure(*[series(np.sin(x + k), x, slot=k * 4) for k in range(9)]),
    }[name]
    wanted = replace(wanted, size=(4, 2.5), dpi=80)
    with style.settings(style.MATPLOTLIB):
        canvas = canvases.draw(wanted, style.MATPLOTLIB)
        bare = [*canvas.texts, *canvas.legends, canvas.axes[0].xaxis, canvas.axes[0].yaxis]
        canvas.axes[0].set_position((0.1, 0.1, 0.8, 0.8))
        for artist in bare:
            artist.set_visible(False)
        try:
            canvas.savefig(tmp_path / "drawn.png")
        finally:
            canvases._canvas.cache_clear()
    differences = np.abs(pixels(tmp_path / "drawn.png") - pixels(BASELINES / f"{name}.png"))
    assert differences.max() <= 2, f"{(differences > 2).sum()} channels differ; drawn: {tmp_path / 'drawn.png'}"

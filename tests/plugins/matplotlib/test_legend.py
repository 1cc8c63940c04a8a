"""What the legend says, and where it stands."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.conftest import Draw
from tests.plugins.drawn import legend
from tests.plugins.figures import figure, series
from wandb_plot_matplotlib.text import cut_all, width

NAN = float("nan")


def test_legend_tells_runs_apart(draw: Draw) -> None:
    """Several series have a legend, in drawing order, also where a label begins with an underscore."""
    canvas = draw(figure(series([1, 2], label="wide"), series([2, 1], label="_deep", slot=1)))
    assert legend(canvas) == ["wide", "_deep"]


def test_long_labels_stay_different() -> None:
    """Labels that differ only in their middle are cut around what differs."""
    labels = [f"resnet50-imagenet-sweep-lr{rate}-augmentation-v2-from-scratch" for rate in (0.1, 0.01, 0.001)]
    assert cut_all(labels, 9, 1.2) == ["…lr0.1…", "…lr0.01…", "…lr0.001…"]
    assert cut_all(["a", "b"], 9, 1.2) == ["a", "b"]
    assert all(width(label, 9) <= 1.2 for label in cut_all(["x" * 50 + "1", "x" * 50 + "2"], 9, 1.2))


@given(
    st.lists(st.text(st.sampled_from("abcl-_/=. 01"), max_size=60), max_size=12),
    st.floats(0.3, 3),
)
def test_cut_labels_differ_where_labels_do(labels: list[str], room: float) -> None:
    """Whatever the labels and the room, different ones stay different, and equal ones equal."""
    short = cut_all(labels, 9, room)
    assert len(short) == len(labels)
    assert len(set(short)) == len(set(labels))
    assert len(set(zip(labels, short, strict=True))) == len(set(labels))


@pytest.mark.parametrize("count", [2, 30])
def test_what_labels_have_in_common_is_paler_than_they_are(draw: Draw, count: int) -> None:
    """On top and beside the axes alike: else it passes for a label."""
    lines = [series([1, 2], label=f"a-rather-long-name-of-a-group-{k}", slot=k) for k in range(count)]
    canvas = draw(figure(*lines, legend_title="arch · mean"))
    (drawn,) = canvas.legends
    titles = {text.get_text(): text.get_color() for text in (*canvas.texts, drawn.get_title())}
    assert titles["arch · mean"] == "#555555"
    assert {text.get_color() for text in drawn.get_texts()} == {"black"}


@pytest.mark.parametrize("style", ["screen", "paper"])
@pytest.mark.parametrize("name", ["a-rather-long-name-of-a-run-", "r"])
@pytest.mark.parametrize("count", [2, 12, 30, 90])
def test_many_series_leave_room_for_the_axes(draw: Draw, count: int, name: str, style: str) -> None:
    """A legend takes up to a third of the width, or in print none of it; those it leaves out end between the others."""
    y = np.random.default_rng(1).uniform(size=50)
    lines = [series(np.where(y < 0.1, NAN, y), label=f"{name}{k}", slot=k) for k in range(count)]
    canvas = draw(figure(*lines, style=style))
    (axes,) = canvas.axes
    box = canvas.legends[0].get_window_extent()
    beside = box.x0 > axes.get_window_extent().x1
    assert box.width <= canvas.bbox.width / 3 if beside else axes.get_window_extent().width > 0.8 * canvas.bbox.width
    assert not (beside and style == "paper")
    assert not box.overlaps(axes.get_window_extent())
    assert box.x1 <= canvas.bbox.x1
    assert box.y0 >= 0
    left_out = count - (len(legend(canvas)) - 2)
    if left_out > 1:
        assert f"… {left_out} more" in legend(canvas)
        assert {lines[0].label, lines[-1].label, "NaN or Inf"} < set(legend(canvas))
    else:
        assert len(legend(canvas)) == count + 1


def test_legend_takes_up_to_three_rows_on_top(draw: Draw) -> None:
    """Seven runs stand above the axes, in rows that are read from left to right, and leave its width alone."""
    canvas = draw(figure(*[series([1, 2], label=f"run number {k}", slot=k) for k in range(12)]))
    (axes,) = canvas.axes
    box = canvas.legends[0].get_window_extent()
    assert box.y0 >= axes.get_window_extent().y1
    assert axes.get_window_extent().width > 0.85 * canvas.bbox.width
    places = sorted(
        (-round(text.get_window_extent().y0), text.get_window_extent().x0, text.get_text())
        for text in canvas.legends[0].get_texts()
    )
    assert [label for _, _, label in places] == [f"run number {k}" for k in range(12)]


def test_rows_are_about_equally_long(draw: Draw) -> None:
    """Where six names don't fit into one row there are two of three, and not one of five and a straggler."""
    canvas = draw(figure(*[series([1, 2], label=f"name of run no. {k}", slot=k) for k in range(6)]))
    rows = [round(text.get_window_extent().y0) for text in canvas.legends[0].get_texts()]
    assert sorted(map(rows.count, set(rows))) == [3, 3]


def test_fixed_words_are_never_cut(draw: Draw) -> None:
    """What the legend explains in words of its own is there in full, however long the names of runs are."""
    lines = [series([1, NAN, 3], smooth=[1, NAN, 2], label="run-" * 30 + str(k), slot=k) for k in range(9)]
    assert legend(draw(figure(*lines)))[-2:] == ["as logged", "NaN or Inf"]


def test_legend_title_stands_before_the_labels(draw: Draw) -> None:
    """What all labels have in common is said once; then a single group has an entry too."""
    canvas = draw(figure(series([1, 2], low=[0, 1], high=[2, 3], label="cnn (n=6)"), legend_title="mean ± std"))
    assert legend(canvas) == ["cnn (n=6)"]
    assert "mean ± std" in [text.get_text() for text in canvas.texts]


@pytest.mark.parametrize("y", [np.exp(-np.linspace(0, 5, 50)), np.random.default_rng(0).uniform(size=50)])
def test_legend_title_is_broken_and_not_cut(draw: Draw, y: np.ndarray) -> None:
    """In a narrow figure what all labels have in common takes lines of its own, inside the axes and above them."""
    title = "arch, optim.lr · median, min to max (n=12) · twema 0.9"
    lines = [series(y + k, label=f"cnn, 0.{k}", slot=k) for k in range(6)]
    canvas = draw(figure(*lines, legend_title=title, style="paper"))
    texts = [canvas.legends[0].get_title(), *canvas.texts]
    assert " · ".join(text.get_text().replace("\n", " · ") for text in texts if text.get_text()) == title
    assert all(text.get_window_extent().x1 <= canvas.bbox.x1 for text in texts)


def test_legend_of_a_paper_hides_no_lone_point(draw: Draw) -> None:
    """A point between gaps keeps the legend out of its corner as a line would."""
    lonely = np.where(np.arange(200) == 190, 0.95, NAN)
    canvas = draw(figure(series(CORNERS["falling"], label="a"), series(lonely, label="b", slot=1), style="paper"))
    (axes,) = canvas.axes
    assert not canvas.legends[0].get_window_extent().contains(*axes.transData.transform((190, 0.95)))


def test_twelve_lines_of_a_column_leave_it_to_the_axes(draw: Draw) -> None:
    """In print twelve names stand in rows above the axes, whole, and the axes keep the width and their height."""
    names = ["without label smoothing", "full model", "half the width"] * 4
    lines = [series(np.random.default_rng(k).uniform(size=9), label=f"{name} {k}") for k, name in enumerate(names)]
    canvas = draw(figure(*lines, style="paper"))
    axes, box = canvas.axes[0].get_window_extent(), canvas.legends[0].get_window_extent()
    assert box.y0 >= axes.y1
    assert canvas.bbox.x0 <= box.x0 < box.x1 <= canvas.bbox.x1
    assert axes.width > 0.8 * canvas.bbox.width
    assert axes.height / canvas.dpi > 1.4
    assert sorted(legend(canvas)) == sorted(line.label for line in lines)


CORNERS = {
    "falling": np.exp(-np.linspace(0, 5, 200)),
    "rising": 1 - np.exp(-np.linspace(0, 5, 200)),
    "everywhere": np.random.default_rng(0).uniform(size=200),
}


@pytest.mark.parametrize("name", CORNERS)
def test_legend_of_a_paper_hides_no_line(draw: Draw, name: str) -> None:
    """In print the legend goes into the axes where no line is, else above them."""
    runs = [series(CORNERS[name] + 0.1 * k, label=f"run {k}", slot=k) for k in range(3)]
    canvas = draw(figure(*runs, style="paper"))
    (axes,) = canvas.axes
    box = canvas.legends[0].get_window_extent()
    inside = axes.get_window_extent().overlaps(box)
    assert inside == (name != "everywhere")
    for line in axes.lines:
        across, up = axes.transData.transform(np.column_stack([line.get_xdata(), line.get_ydata()])).T
        assert not ((box.x0 < across) & (across < box.x1) & (box.y0 < up) & (up < box.y1)).any()

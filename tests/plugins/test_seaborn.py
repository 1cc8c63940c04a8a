"""What the seaborn renderer adds to the drawing that it shares with the matplotlib renderer."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
import seaborn as sns
from matplotlib.colors import to_hex

import wandb_plot_seaborn
from tests.plugins.conftest import Draw
from tests.plugins.drawn import gap_places, legend
from tests.plugins.figures import figure, series
from wandb_plot import series_color

NAN = float("nan")


def test_smoothing_is_strong_over_faint(draw_smooth: Draw) -> None:
    """The smoothed line is drawn as the core made it, strong, above the faint line of what was logged."""
    canvas = draw_smooth(figure(series([1, 3, 2, 4], smooth=[2, 2, 3, 3])))
    raw, smooth = canvas.axes[0].lines
    np.testing.assert_array_equal(raw.get_ydata(), [1, 3, 2, 4])
    np.testing.assert_array_equal(smooth.get_ydata(), [2, 2, 3, 3])
    assert raw.get_alpha() < 0.5
    assert smooth.get_alpha() is None
    assert smooth.get_zorder() > raw.get_zorder()
    assert smooth.get_linewidth() > raw.get_linewidth()
    assert smooth.get_color() == raw.get_color()
    assert legend(canvas) == ["smoothed", "as logged"]


def test_smoothed_runs_are_told_apart(draw_smooth: Draw) -> None:
    """With several runs the legend names each once, and says what the faint lines are."""
    runs = [series([1, 2, 3], smooth=[1.5, 2, 2.5], slot=k, label=f"run-{k}") for k in range(3)]
    assert legend(draw_smooth(figure(*runs))) == ["run-0", "run-1", "run-2", "as logged"]


def test_smoothed_gap(draw_smooth: Draw) -> None:
    """A gap breaks the smoothed line, is marked, and a lonely point is seen in both; few logged points have markers."""
    (axes,) = draw_smooth(figure(series([1, NAN, 3, 4], smooth=[1, NAN, 3.5, 3.5]))).axes
    alone = [line.get_xdata().tolist() for line in axes.lines if line.get_marker() == "o"]
    assert alone == [[0, 1, 2, 3], [0]]
    assert gap_places(axes) == [[1]]


def test_band_under_smoothing(draw_smooth: Draw) -> None:
    """A group has its band, its mean and its smoothed mean in one colour."""
    group = series([1, 2, 3], smooth=[1, 2, 3], low=[0, 1, 2], high=[2, 3, 4], slot=3)
    (axes,) = draw_smooth(figure(group)).axes
    (band,) = axes.collections
    assert {to_hex(band.get_facecolor()[0]), *(to_hex(line.get_color()) for line in axes.lines)} == {
        series_color(group)
    }


def test_limits_follow_what_is_drawn(draw_smooth: Draw) -> None:
    """A band and a spike of the raw line are inside the axes."""
    (axes,) = draw_smooth(figure(series([1, 100, 3], smooth=[1, 2, 3], low=[-50, 1, 2], high=[2, 3, 4]))).axes
    low, high = axes.get_ylim()
    assert low < -50
    assert high > 100


def test_style_is_seaborns(draw_smooth: Draw) -> None:
    """The grid is seaborn's; colours are those of every renderer, and the font is the one that matplotlib ships."""
    (axes,) = draw_smooth(figure(series([1, 2]))).axes
    assert to_hex(axes.lines[0].get_color()) == series_color(series([1, 2]))
    assert to_hex(axes.get_xgridlines()[0].get_color()) == to_hex(sns.axes_style("whitegrid")["grid.color"])
    assert axes.xaxis.label.get_fontfamily() == ["DejaVu Sans"]


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_writes_its_formats(tmp_path: Path, suffix: str) -> None:
    """Every format that the traits name is written, and the process's own settings stay."""
    assert suffix in wandb_plot_seaborn.renderer_traits().formats
    before = dict(mpl.rcParams)
    path = tmp_path / f"loss.{suffix}"
    wandb_plot_seaborn.render_figure(figure(series([1, 2, 3], smooth=[1, 2, 3])), path)
    assert path.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml", b"%PDF-")
    assert dict(mpl.rcParams) == before

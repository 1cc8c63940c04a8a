"""Figures, against pyplot as one would write it; and smoothing, against the loop of its definition."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from comparison import Comparison

from wandb_plot.model.figure import Figure, Series
from wandb_plot.numbers.smoothing import time_weighted_exponential
from wandb_plot.renderers.loading import load_renderer

_FIGURES = 10
_POINTS = 2_000
_MANY = 1_000_000
_WEIGHT = 0.9


def drawing() -> Iterator[Comparison]:
    """Many figures of one run, and one of very many points."""
    walk = np.cumsum(np.random.default_rng(0).normal(size=_MANY))
    small, large = _figure(walk[:_POINTS]), _figure(walk)
    with tempfile.TemporaryDirectory(prefix="wandb-plot-bench-") as name:
        folder = Path(name)
        yield Comparison(
            f"{_FIGURES} PNGs of {_POINTS:,} points",
            lambda: [_render(small, folder) for _ in range(_FIGURES)],
            lambda: [_pyplot(small, folder) for _ in range(_FIGURES)],
            bound=0.7,
        )
        yield Comparison(
            f"a PNG of {_MANY:,} points", lambda: _render(large, folder), lambda: _pyplot(large, folder), bound=0.6
        )


def smoothing() -> Iterator[Comparison]:
    """The time-weighted average of very many points."""
    y = np.random.default_rng(0).normal(size=_MANY)
    x = np.arange(float(_MANY))
    yield Comparison(
        f"twema of {_MANY:,} points",
        lambda: time_weighted_exponential(x, y, _WEIGHT, x[-1]),
        lambda: _twema_by_definition(x, y),
        bound=0.25,
    )


def _figure(y: np.ndarray) -> Figure:
    series = Series(label="loss", metric="loss", x=np.arange(float(len(y))), y=y)
    return Figure(title="run", xlabel="step", ylabel="loss", series=(series,))


def _render(figure: Figure, folder: Path) -> None:
    load_renderer("matplotlib").render(figure, folder / "ours.png")


def _pyplot(figure: Figure, folder: Path) -> None:
    from matplotlib import pyplot as plt

    plt.switch_backend("agg")
    plt.figure(figsize=figure.size, dpi=figure.dpi)
    for series in figure.series:
        plt.plot(series.x, series.y, label=series.label)
    plt.title(figure.title)
    plt.xlabel(figure.xlabel)
    plt.ylabel(figure.ylabel)
    plt.tight_layout()
    plt.savefig(folder / "anchor.png")
    plt.close()


def _twema_by_definition(x: np.ndarray, y: np.ndarray) -> list[float]:
    weight, x_range = min(_WEIGHT**0.5, 0.999), x[-1] - x[0]
    smoothed, total, debias, before = [], 0.0, 0.0, x[0]
    for at, value in zip(x.tolist(), y.tolist(), strict=True):
        decay = weight ** ((at - before) / x_range * 1000)
        total, debias, before = total * decay + value, debias * decay + 1, at
        smoothed.append(total / debias)
    return smoothed

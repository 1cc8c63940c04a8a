"""Figures of any numbers, with any options: each is made, or refused in words."""

from typing import Any, get_args

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.figures.runs import a_run, history
from wandb_plot.errors import WandbPlotError
from wandb_plot.figures.assembly import assemble
from wandb_plot.figures.lines.run_series import Histories
from wandb_plot.figures.m4_decimation import decimate_figure
from wandb_plot.figures.options import FigureOptions, Percentile
from wandb_plot.model.figure_choices import Aggregate, BandKind, Incomplete
from wandb_plot.model.metrics import RUNTIME, STEP, TIMESTAMP
from wandb_plot.numbers.smoothing import parse_smoothing

values = st.floats() | st.sampled_from([0.0, 1.0, -1.0, np.nan, 1e308, -1e308, 5e-324])
logged = st.dictionaries(st.integers(0, 60).map(float), values, max_size=25)
# The command refuses limits of a log scale that have no place on it.
limit = st.none() | st.floats(0.5, 100) | st.integers(0, 100).map(Percentile)

studies = st.lists(
    st.tuples(
        st.sampled_from(["finished", "crashed", "running"]), st.sampled_from(["vit", "cnn", None]), logged, logged
    ),
    min_size=1,
    max_size=5,
)
options = st.builds(
    FigureOptions,
    x_axis=st.sampled_from([STEP, RUNTIME, TIMESTAMP, "epoch"]),
    xscale=st.sampled_from([None, "linear", "log"]),
    yscale=st.sampled_from(["linear", "log"]),
    xlim=st.tuples(limit, limit),
    ylim=st.tuples(limit, limit),
    smoothing=st.sampled_from([parse_smoothing(text) for text in ("none", "twema:0.9", "average:3", "gaussian:2")]),
    group_by=st.sampled_from([None, "config.arch", "state", "!config.seed"]),
    aggregate=st.sampled_from(get_args(Aggregate)),
    band=st.sampled_from(get_args(BandKind)),
    incomplete=st.sampled_from(get_args(Incomplete)),
    panels=st.sampled_from([None, "metric", "config.seed"]),
    share_y=st.booleans(),
)


def histories(study: list[Any]) -> Histories:
    """Runs of a study, each with its own seed."""
    read = []
    for seed, (state, arch, loss, acc) in enumerate(study):
        axis = {step: step * 3 + seed for step in sorted({*loss, *acc})}
        logs = history(loss=dict(sorted(loss.items())), acc=dict(sorted(acc.items())), _runtime=axis, _timestamp=axis)
        config = {"seed": seed} | ({"arch": arch} if arch else {})
        read.append((a_run(f"r{seed}", state=state, config=config), logs))
    return read


@settings(max_examples=100, phases=[Phase.explicit, Phase.generate])
@given(studies, options, st.sampled_from([["loss"], ["loss", "acc"]]))
def test_every_figure_is_made_or_refused(study: list[Any], wanted: FigureOptions, metrics: list[str]) -> None:
    """All that is drawn is where its scales have a place, in arrays of one length; the words are one line."""
    try:
        made = assemble(metrics, histories(study), wanted)
    except WandbPlotError:
        return
    figure = decimate_figure(made.figure)
    axes = figure.panels or (figure,)
    assert made.document["alt"].isprintable()
    for one in axes:
        assert one.series
        assert len({series.label for series in one.series}) == len(one.series)
        assert all(side is None or np.isfinite(side) for side in (*one.xlim, *one.ylim))
        for series in one.series:
            assert np.isfinite(series.x).all()
            drawn = [line[np.isfinite(line)] for name, line in series.arrays.items() if name != "x"]
            assert not any(np.isinf(line).any() for line in series.arrays.values())
            if one.yscale == "log":
                assert all((line > 0).all() for line in drawn)
            if series.low is not None and series.high is not None:
                assert np.array_equal(np.isnan(series.low), np.isnan(series.high))
            assert all(np.isfinite([mark.x, mark.y]).all() for mark in series.marks)

"""What metrics are drawn over."""

import pytest

from tests.figures.runs import a_run, history
from wandb_plot.figures.assembly import assemble
from wandb_plot.figures.options import FigureOptions, Presentation
from wandb_plot.model.figure import Figure
from wandb_plot.model.metrics import RUNTIME


def over_runtime(seconds: float, **options: object) -> Figure:
    """A crashed run of so many seconds, over its runtime."""
    read = history(loss={0: 1.0, 1: 2.0}, _runtime={0: 0.0, 1: seconds})
    wanted = FigureOptions(x_axis=RUNTIME, **options)  # type: ignore[arg-type]
    return assemble(["loss"], [(a_run("a", state="crashed"), read)], wanted).figure


@pytest.mark.parametrize(
    ("seconds", "label", "end"),
    [(150, "runtime (s)", 150), (180, "runtime (min)", 3), (10800, "runtime (h)", 3), (864000, "runtime (d)", 10)],
)
def test_runtime_is_shown_in_a_unit_it_fills(seconds: float, label: str, end: float) -> None:
    """At least thrice; marks go with their points."""
    figure = over_runtime(seconds)
    assert (figure.xlabel, figure.series[0].x.tolist()) == (label, [0, end])
    assert figure.series[0].marks[0].x == end


def test_limits_of_runtime_are_given_in_seconds() -> None:
    """What is seen chooses the unit; words stay in seconds."""
    figure = over_runtime(864000, xlim=(0, 7200 * 3))
    assert (figure.xlabel, figure.xlim) == ("runtime (h)", (0, 6))
    assert "x from 0 to 21600" in figure.alt


def test_an_axis_that_was_named_stays_in_seconds() -> None:
    """Whoever writes the label knows the unit of what was logged."""
    named = over_runtime(864000, presentation=Presentation(xlabel="Runtime in seconds"))
    assert (named.xlabel, named.series[0].x[-1]) == ("Runtime in seconds", 864000)

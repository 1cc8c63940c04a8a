"""Option values with a form of their own."""

import click
import pytest

from wandb_plot.commands.option_types import Color, KeyValue, LimitsType
from wandb_plot.figures.options import Percentile


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("0:1", (0, 1)),
        (":2", (None, 2)),
        ("-1e3:", (-1000, None)),
        ("p1:p99.5", (Percentile(1), Percentile(99.5))),
        ("0:p50", (0, Percentile(50))),
        ("p99.99991:p99.99992", (Percentile(99.99991), Percentile(99.99992))),
    ],
)
def test_limits(text: str, limits: tuple[object, object]) -> None:
    """Numbers, percentiles, or nothing on either side."""
    assert LimitsType(percentiles=True).convert(text, None, None) == limits


def test_the_text_of_limits_gives_the_same_limits() -> None:
    """Recorded commands write percentiles as text: no digit is lost."""
    assert str(Percentile(99.99991)) == "p99.99991"
    assert str(Percentile(99.0)) == "p99"


@pytest.mark.parametrize("text", ["", "1", "1:2:3", "2:1", "1:1", "p9:p1", "p-1:", "px:", ":p101", "nan:", ":inf"])
def test_limits_that_mean_nothing(text: str) -> None:
    """Each is refused with what it should look like."""
    with pytest.raises(click.BadParameter):
        LimitsType(percentiles=True).convert(text, None, None)


def test_percentiles_are_taken_where_they_mean_something() -> None:
    """Limits of values that are listed are numbers."""
    with pytest.raises(click.BadParameter):
        LimitsType().convert("p1:p99", None, None)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("config.arch=vit:#D62728", ("config.arch=vit", "#d62728")),
        ("vit=#abc", ("vit", "#aabbcc")),
        ("a:b=c=Red", ("a:b=c", "#ff0000")),
    ],
)
def test_colors(text: str, pair: tuple[str, str]) -> None:
    """What comes behind the last : or = is the colour."""
    assert Color().convert(text, None, None) == pair


@pytest.mark.parametrize("text", ["", "vit", "=red", "vit=", "vit=#12", "vit=#12345g", "vit=tab10"])
def test_colors_that_are_none(text: str) -> None:
    """Each is refused with what it should look like."""
    with pytest.raises(click.BadParameter):
        Color().convert(text, None, None)


def test_pairs_split_at_the_first_sign() -> None:
    """A text may hold more of them."""
    assert KeyValue().convert("loss=L = -log p", None, None) == ("loss", "L = -log p")
    with pytest.raises(click.BadParameter):
        KeyValue().convert("=x", None, None)

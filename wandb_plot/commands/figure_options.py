"""The options that say which numbers figures show, and how they look."""

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import click

from wandb_plot.commands.drawing import LookOptions, NumberOptions
from wandb_plot.commands.option_types import Color, KeyValue, LimitsType, Size
from wandb_plot.model.figure_choices import (
    AGGREGATES,
    BAND_KINDS,
    DEFAULT_AGGREGATE,
    DEFAULT_DPI,
    DEFAULT_INCOMPLETE,
    DEFAULT_SIZE,
    DEFAULT_STYLE,
    INCOMPLETE,
    SCALES,
)

Command = Callable[..., None]

_SCALES = click.Choice(SCALES)
_NUMBERS = (
    click.option(
        "--smooth", type=click.IntRange(min=1), metavar="N", help="Smooth by a running average over N points."
    ),
    click.option(
        "--smoothing",
        metavar="KIND:PARAM",
        help="Smooth by twema:0.9 (as in the W&B app), ema:0.9, gaussian:SIGMA, average:N; or none.",
    ),
    click.option(
        "--x-axis",
        default="step",
        show_default=True,
        metavar="AXIS",
        help="What x is: step, runtime, wall, a metric or an expression.",
    ),
    click.option(
        "--xscale", type=_SCALES, help="Scale of the x axis. Default: times over wall time, linear over all else."
    ),
    click.option("--yscale", type=_SCALES, default="linear", show_default=True, help="Scale of the y axis."),
    click.option(
        "--xlim",
        type=LimitsType(percentiles=True),
        metavar="LO:HI",
        help="Range of x to show, in numbers or percentiles such as p1:p99. A side left out fits the data inside.",
    ),
    click.option("--ylim", type=LimitsType(percentiles=True), metavar="LO:HI", help="Range of y to show, likewise."),
    click.option(
        "--group-by",
        metavar="KEY[,KEY]",
        help="One line per group of runs: by group, tag, config.KEY or several; or '!config.seed', by all that "
        "varies but that.",
    ),
    click.option(
        "--aggregate",
        type=click.Choice(AGGREGATES),
        help=f"How the runs of a group make one line; iqm is the interquartile mean.  [default: {DEFAULT_AGGREGATE}]",
    ),
    click.option(
        "--band",
        type=click.Choice(BAND_KINDS),
        help="What is shaded around a group's line: std and stderr are the sample's, ci is a bootstrap of 95 %.",
    ),
    click.option(
        "--incomplete",
        type=click.Choice(INCOMPLETE),
        help="Where runs of a group end or diverge: go on with the rest and mark it, stop the line, or leave such "
        f"runs out.  [default: {DEFAULT_INCOMPLETE}]",
    ),
)
_LOOKS = (
    click.option(
        "--panels", metavar="metric|KEY", help="One figure with a panel for each metric, or for each value of a key."
    ),
    click.option("--across", type=click.IntRange(min=1), metavar="N", help="Number of panels side by side."),
    click.option("--share-y", is_flag=True, help="Give all panels the same range of y."),
    click.option("--title", metavar="TEXT", help="Title of each figure; '' for none."),
    click.option("--xlabel", metavar="TEXT", help="Label of the x axis."),
    click.option("--ylabel", metavar="TEXT", help="Label of the y axis."),
    click.option("--label", metavar="TEMPLATE", help="Label of each line, such as '{config.arch} (lr {config.lr:g})'."),
    click.option(
        "--rename",
        type=KeyValue(),
        multiple=True,
        metavar="METRIC=TEXT",
        help="Show a metric under another name; repeatable.",
    ),
    click.option(
        "--order", multiple=True, metavar="A,B", help="Put the lines with these labels, values or runs first."
    ),
    click.option(
        "--color",
        type=Color(),
        multiple=True,
        metavar="KEY=COLOUR",
        help="Colour of lines, by value, label or run, such as config.arch=vit:#d62728; repeatable.",
    ),
    click.option(
        "--style",
        default=DEFAULT_STYLE,
        show_default=True,
        metavar="NAME",
        help="Style: screen, paper, a venue such as icml2024:half, or a .mplstyle file.",
    ),
    click.option(
        "--size",
        type=Size(),
        metavar="WxH",
        help=f"Size of each figure in inches.  [default: {Size().text(DEFAULT_SIZE)}; what suits paper and panels]",
    ),
    click.option(
        "--dpi",
        type=click.IntRange(10, 2400),
        default=DEFAULT_DPI,
        show_default=True,
        metavar="N",
        help="Pixels per inch, in formats that have pixels.",
    ),
)

# Options of these names change the picture.
NUMBERS = tuple(field.name for field in fields(NumberOptions))
LOOKS = tuple(field.name for field in fields(LookOptions))


def number_options(command: Command) -> Command:
    """Give a command the options that say which numbers a figure shows; it gets them as its argument `numbers`."""

    @functools.wraps(command)
    def with_numbers(*args: Any, **options: Any) -> None:
        numbers = NumberOptions(**{name: options.pop(name) for name in NUMBERS})
        command(*args, numbers=numbers, **options)

    return _with(with_numbers, _NUMBERS)


def look_options(command: Command) -> Command:
    """Give a command the options that say how a figure shows them; it gets them as its argument `looks`."""

    @functools.wraps(command)
    def with_looks(*args: Any, **options: Any) -> None:
        looks = LookOptions(**{name: options.pop(name) for name in LOOKS})
        command(*args, looks=looks, **options)

    return _with(with_looks, _LOOKS)


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    return functools.reduce(lambda decorated, option: option(decorated), reversed(options), command)

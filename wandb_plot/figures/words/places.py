"""How places on the x axis are told."""

from datetime import UTC, datetime, timedelta

from wandb_plot.basics.formatting import number_text
from wandb_plot.model.figure_choices import XScale


def x_text(x: float | None, xscale: XScale) -> str:
    """An x as sentences name it: a number, or on an axis of times a time in UTC."""
    if x is None:
        return "an unknown place"
    if xscale == "time":
        try:
            time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=x)
        except OverflowError:
            return number_text(x, digits=6)
        return time.strftime("%Y-%m-%d %H:%M:%S UTC")
    return number_text(x, digits=6)

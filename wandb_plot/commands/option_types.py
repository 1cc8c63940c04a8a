"""Types of option values."""

import math
import re
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import click

from wandb_plot.numbers.cell_kinds import CELL_KINDS, DIRECTIONS

if TYPE_CHECKING:
    from wandb_plot.figures.options import Limit, LimitPair

PairT = TypeVar("PairT", bound=tuple[Any, Any])

_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
# Named colours of CSS; others are written as #rrggbb.
_COLORS = {
    "black": "#000000",
    "blue": "#0000ff",
    "brown": "#a52a2a",
    "cyan": "#00ffff",
    "gray": "#808080",
    "green": "#008000",
    "grey": "#808080",
    "magenta": "#ff00ff",
    "navy": "#000080",
    "olive": "#808000",
    "orange": "#ffa500",
    "pink": "#ffc0cb",
    "purple": "#800080",
    "red": "#ff0000",
    "teal": "#008080",
}


class PairType(click.ParamType[PairT]):
    """Two values with a character between."""

    between: ClassVar[str]

    def text(self, pair: PairT) -> str:
        """How a user would write `pair`."""
        return self.between.join(
            "" if side is None else f"{side:.15g}" if isinstance(side, float) else str(side) for side in pair
        )


class LimitsType(PairType["LimitPair"]):
    """`LO:HI`; either side may be left out.

    Args:
        percentiles: a side may be one, such as `p99`.
    """

    name = "limits"
    between = ":"

    def __init__(self, *, percentiles: bool = False) -> None:
        self._percentiles = percentiles

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> "LimitPair":
        """Parse it, or fail with what it should look like."""
        try:
            low, high = (_limit(side.strip(), percentiles=self._percentiles) for side in value.split(":"))
        except ValueError:
            more = "0.5:, :100 or p1:p99" if self._percentiles else "0.5: or :100"
            self.fail(f"{value!r} is not LO:HI, such as 0:1, {more}", param, ctx)
        if not all(math.isfinite(side) for side in (low, high) if isinstance(side, float)):
            self.fail(f"{value!r}: limits are finite; leave a side out for no limit", param, ctx)
        if type(low) is type(high) and low is not None and low >= high:  # type: ignore[operator]
            self.fail(f"{value!r}: the lower limit comes first", param, ctx)
        return low, high


class KeyValue(PairType[tuple[str, str]]):
    """`NAME=TEXT`."""

    name = "pair"
    between = "="

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split it at the first `=`, or fail with what it should look like."""
        name, equals, text = value.partition("=")
        if not (name and equals):
            self.fail(f"{value!r} is not NAME=TEXT", param, ctx)
        return name, text


class Color(PairType[tuple[str, str]]):
    """`KEY=VALUE:COLOUR` or `NAME=COLOUR`: what to paint, and the colour as `#rrggbb`."""

    name = "color"
    between = "="

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Split it at the last `:` or `=`, or fail with what it should look like."""
        at = max(value.rfind(":"), value.rfind("="))
        name, color = value[: max(at, 0)], value[at + 1 :]
        color = _COLORS.get(color.lower(), color.lower())
        if not name or not _HEX.fullmatch(color):
            known = f"#rrggbb or one of {', '.join(_COLORS)}"
            self.fail(f"{value!r} is not NAME=COLOUR, such as config.arch=vit:#d62728; a colour is {known}", param, ctx)
        return name, color if len(color) == len("#rrggbb") else "#" + "".join(digit * 2 for digit in color[1:])


def _limit(side: str, *, percentiles: bool) -> "Limit":
    if not side:
        return None
    if not (percentiles and side.startswith("p")):
        return float(side)
    from wandb_plot.figures.options import Percentile

    rank = float(side[1:])
    if not 0 <= rank <= 100:  # noqa: PLR2004 -- per cent
        raise ValueError(side)
    return Percentile(rank)


class Size(PairType[tuple[float, float]]):
    """`WxH`, in inches."""

    name = "size"
    between = "x"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        """Parse it, or fail with what it should look like."""
        try:
            width, height = map(float, value.lower().split("x"))
        except ValueError:
            self.fail(f"{value!r} is not WxH in inches, such as 8x4.5", param, ctx)
        if not (1 <= width <= 100 and 1 <= height <= 100):  # noqa: PLR2004 -- an inch to a poster
            self.fail(f"{value!r}: each side is 1 to 100 inches", param, ctx)
        return width, height


class Numbers(click.ParamType[tuple[float, ...]]):
    """`A,B,...`: finite numbers with commas between."""

    name = "numbers"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Parse it, or fail with what it should look like."""
        try:
            numbers = tuple(float(number) for number in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers, such as 100,200", param, ctx)
        if not all(map(math.isfinite, numbers)):
            self.fail(f"{value!r}: the numbers are finite", param, ctx)
        return numbers


class CellKinds(click.ParamType[str]):
    """How a table combines the numbers of a group's runs; `+-` may stand for `±`."""

    name = "cell"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Find it, or fail with what there is."""
        kind = value.replace("+-", "±").replace("+/-", "±")
        if kind not in CELL_KINDS:
            self.fail(f"{value!r} is none of {', '.join(CELL_KINDS)}", param, ctx)
        return kind


class Directions(click.ParamType[tuple[str, ...]]):
    """`min` or `max`, or several with commas between."""

    name = "directions"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split it, or fail with what there is."""
        directions = tuple(direction.strip() for direction in value.split(","))
        if not set(directions) <= {*DIRECTIONS}:
            self.fail(f"{value!r} is not min or max, or several of these with commas between", param, ctx)
        return directions

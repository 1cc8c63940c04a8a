"""Option values with a form of their own."""

import math

import click

LimitPair = tuple[float | None, float | None]


class Limits(click.ParamType[LimitPair]):
    """`LO:HI`; either side may be left out."""

    name = "limits"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> LimitPair:
        """Parse it, or fail with what it should look like."""
        try:
            low, high = (float(side) if side.strip() else None for side in value.split(":"))
        except ValueError:
            self.fail(f"{value!r} is not LO:HI, such as 0:1, 0.5: or :100", param, ctx)
        if not all(side is None or math.isfinite(side) for side in (low, high)):
            self.fail(f"{value!r}: limits are finite; leave a side out for no limit", param, ctx)
        if low is not None and high is not None and low >= high:
            self.fail(f"{value!r}: the lower limit comes first", param, ctx)
        return low, high


class Size(click.ParamType[tuple[float, float]]):
    """`WxH`, in inches."""

    name = "size"

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
            numbers = tuple(float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of numbers, such as 100,200", param, ctx)
        if not all(map(math.isfinite, numbers)):
            self.fail(f"{value!r}: the numbers are finite", param, ctx)
        return numbers

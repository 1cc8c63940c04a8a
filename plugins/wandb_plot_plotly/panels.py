"""Several pairs of axes in one figure of plotly.js: where they stand, what they are called, and one legend for all."""

import math
from typing import Any, NamedTuple

_ACROSS = 3  # panels side by side, where the figure doesn't say
_BESIDE, _ABOVE = 0.09, 0.2  # from one panel to the next, as shares of the figure


class Domain(NamedTuple):
    """The room of a panel, as plotly.js names it, in shares of the figure from its lower left corner."""

    x: tuple[float, float]
    y: tuple[float, float]


WHOLE = Domain((0.0, 1.0), (0.0, 1.0))


def domains_of(count: int, across: int) -> list[Domain]:
    """The domains of so many panels, from left to right and from top to bottom; one has the whole figure."""
    columns = min(across or _ACROSS, count)
    rows = math.ceil(count / columns)
    width, height = (1 - _BESIDE * (columns - 1)) / columns, (1 - _ABOVE * (rows - 1)) / rows
    domains = []
    for number in range(count):
        row, column = divmod(number, columns)
        left, top = column * (width + _BESIDE), 1 - row * (height + _ABOVE)
        domains.append(Domain((left, min(left + width, 1.0)), (max(top - height, 0.0), top)))
    return domains


def axis_names(number: int) -> tuple[str, str, str]:
    """What plotly.js calls the axes of the panel of that number, from 1: of x, of y, and of the marks at the bottom."""
    y = 2 * number - 1
    return "x" if number == 1 else f"x{number}", "y" if y == 1 else f"y{y}", f"y{y + 1}"


def axis_key(name: str) -> str:
    """The key in a layout of the axis that traces call `name`."""
    return f"{name[0]}axis{name[1:]}"


def on_axes(traces: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    """Move traces that were made for the first panel to the axes of the panel of that number."""
    x, y, marks = axis_names(number)
    return [trace | {"xaxis": x, "yaxis": marks if trace.get("yaxis") == "y2" else y} for trace in traces]


def name_once(traces: list[dict[str, Any]]) -> None:
    """Keep the first of all entries of one name in the legend; the others are hidden and shown together with it."""
    seen: set[str] = set()
    for trace in traces:
        if trace["showlegend"]:
            trace["showlegend"] = trace["name"] not in seen
            seen.add(trace["name"])

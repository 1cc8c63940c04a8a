"""The answers of a server, checked for their form: where a value is not what it should be, the error says which."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from wandb_plot.basics.formatting import excerpt
from wandb_plot.basics.json_text import parse_json
from wandb_plot.errors import ServerError
from wandb_plot.model.metrics import LARGEST_STEP, STEP
from wandb_plot.sources.logged_values import step_of_value

Row = dict[str, Any]


class OddAnswerError(ServerError):
    """The server answered, but not in the form that its API has; asking again is no help."""


def odd_answer(what: str, found: Any) -> OddAnswerError:
    """The error for `found` where `what` should be."""
    return OddAnswerError(
        f"the server's answer is broken: {what} is {excerpt(found)}",
        hint="check that WANDB_BASE_URL is a W&B server; its log may say more",
    )


def as_count(found: Any, what: str) -> int:
    """A number of rows or values; 0 where the server says nothing.

    Raises:
        OddAnswerError: it is no such number.
    """
    if found is None:
        return 0
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found <= LARGEST_STEP:
        raise odd_answer(what, found)
    return int(found)


def as_text(found: Any, what: str) -> str | None:
    """A text, or None where there is none.

    Raises:
        OddAnswerError: it is something else.
    """
    if found is None or isinstance(found, str):
        return found or None
    raise odd_answer(what, found)


def as_mapping(found: Any, what: str) -> Mapping[str, Any]:
    """A JSON object; empty where there is none.

    Raises:
        OddAnswerError: it is something else.
    """
    if found is None or isinstance(found, Mapping):
        return found or {}
    raise odd_answer(what, found)


def as_list(found: Any, what: str) -> list[Any]:
    """A list; empty where there is none.

    Raises:
        OddAnswerError: it is something else.
    """
    if found is None or isinstance(found, list):
        return found or []
    raise odd_answer(what, found)


def parse_rows(lines: Iterable[Any], what: str) -> list[Row]:
    """Rows, of which each came as a line of JSON.

    Raises:
        OddAnswerError: a line is no JSON object.
    """
    rows = []
    for line in lines:
        try:
            row = parse_json(line) if isinstance(line, str) else None
        except (json.JSONDecodeError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise odd_answer(f"a row of {what}", line)
        rows.append(row)
    return rows


def step_of(row: Mapping[str, Any]) -> float | None:
    """The step of a row, if it has one."""
    return step_of_value(row.get(STEP))

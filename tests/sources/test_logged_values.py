"""What a logged value is doesn't depend on who kept it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sources.log.log_writer import row, write_log
from wandb_plot.sources.log.history_columns import read_history
from wandb_plot.sources.logged_values import is_non_finite, step_of_value
from wandb_plot.sources.rows_to_columns import columns_from_rows
from wandb_plot.sources.server.client.logged_metrics import HistoryKeys

NAN, INF = float("nan"), float("inf")
# As W&B's servers count types: NaN and infinities arrive there as text.
SERVER_TYPES = {bool: "bool", int: "number", float: "number", str: "string", type(None): "nil", list: "list"}


def server_type(value: Any) -> str:
    """The type that a server counts a value as."""
    if isinstance(value, dict):
        return str(value["_type"])
    return "string" if isinstance(value, float) and is_non_finite(value) else SERVER_TYPES[type(value)]


@pytest.mark.parametrize(
    "logged",
    [
        [1, 2.5],
        [1, NAN, "NaN", INF, "-Infinity"],
        ["NaN", "NaN"],
        [1, "NaN", "word"],
        ["NaN", "word"],
        [True, False, None],
        [True, 1],
        [True, "word"],
        [10**400, -(10**400)],
        [[1, 2]],
        [[1, 2], True],
        [[1, 2], "word"],
        ["12", "1e5"],
        [{"_type": "image-file"}, None],
        [{"_type": "images/separated"}],
        [{"_type": "table-file"}, 1],
    ],
)
def test_a_log_and_a_server_give_a_metric_the_same_type_and_numbers(tmp_path: Path, logged: list[Any]) -> None:
    """As values, and as the server tells the types before it hands out the values."""
    log = write_log(tmp_path / "run-a.wandb", [row(step, m=value) for step, value in enumerate(logged)])
    local = read_history([log], None, start_time=None, warn=pytest.fail)["m"]
    served = columns_from_rows([{"_step": step, "m": value} for step, value in enumerate(logged)])["m"]
    assert (served.type, served.non_null) == (local.type, local.non_null)
    assert np.array_equal(served.values, local.values, equal_nan=True)
    assert np.array_equal(served.steps, local.steps)
    counts = [{"type": server_type(value), "count": 1} for value in logged]
    said = HistoryKeys({"keys": {"m": {"typeCounts": counts}}}, {"m": logged[-1]})
    assert said.types["m"] == local.type


@pytest.mark.parametrize(
    ("value", "step"),
    [
        (3, 3.0),
        (2.5, 2.5),
        (-1, -1.0),
        (2**53, None),
        (True, None),
        ("3", None),
        ("NaN", None),
        (NAN, None),
        (None, None),
    ],
)
def test_a_step_is_a_number_that_floats_hold_exactly(value: Any, step: float | None) -> None:
    """No boolean, no text, and nothing that is not finite."""
    assert step_of_value(value) == step

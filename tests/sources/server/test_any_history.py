"""Whatever was logged, and however a server keeps it, the history that is read is the one that was logged."""

import math
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest

from tests.server import Contents, RunContents, TestServer
from tests.sources.server.remote import Remote
from tests.sources.server.test_shapes import history
from wandb_plot.sources.rows_to_columns import columns_from_rows, settled

NUMBERS: Sequence[Any] = (0.25, -3, 7, math.nan, math.inf, 10**30)
OTHERS: Sequence[Any] = ("word", "12", True, [1, 2], {"_type": "image-file", "path": "p"}, None)
NESTED: Sequence[Any] = ({"x": 1.5, "y": {"z": 2}}, {"y": {"z": "w"}}, {"y": {"z": None}})


@pytest.fixture(scope="module")
def remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remote]:
    """One process that asks the real client, for all tests of this module."""
    with Remote(tmp_path_factory.mktemp("home")) as process:
        yield process


def any_run(seed: int) -> RunContents:
    """A run whose values, steps, exports and shapes are left to chance."""
    chance = random.Random(seed)  # noqa: S311 -- chance, not secrecy
    values = {
        name: [*NUMBERS, *OTHERS, *NESTED] if chance.random() < 0.5 else NUMBERS for name in ("a", "b.c", "d/e", "")
    }
    rows: list[dict[str, Any]] = []
    step = 0
    for _ in range(chance.randrange(1, 50)):
        logged = {name: chance.choice(among) for name, among in values.items() if chance.random() < 0.6}
        rows.append({"_step": step, **logged})
        step += chance.choice([1, 1, 1, 5, 100])
    cuts = sorted(chance.sample(range(len(rows) + 1), min(len(rows) + 1, chance.randrange(5))))
    exports = [export for export in pairwise(cuts) if chance.random() < 0.7]
    # An export may be there twice.
    exports += exports[: chance.randrange(2)]
    chance.shuffle(exports)
    return RunContents(
        "abc",
        rows=rows,
        exports=exports,
        export_style=chance.choice(["flat", "nested", "binary"]),
        reports_live=chance.random() < 0.5,
        last_step_said=chance.choice([None, 0.0, 3.0, step + 50.0]),
        nested_keys=chance.random() < 0.3,
        bare_tokens=chance.random() < 0.3,
    )


@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 2_000), marks=pytest.mark.long)], ids=str)
def test_any_history_is_what_was_logged(remote: Remote, seeds: range) -> None:
    """Every metric has its type, its points and its counts, and nothing is said to be missing."""
    for seed in seeds:
        run = any_run(seed)
        with TestServer(Contents.of(run)) as server:
            read, warned = remote(server.env, history, None)
        logged = {name: settled(column) for name, column in columns_from_rows(run.rows, is_partial=True).items()}
        # As text, since NaN is not equal to itself.
        assert repr(read.columns) == repr(logged), f"seed {seed}"
        assert warned == [], f"seed {seed}"

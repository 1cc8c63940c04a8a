"""What reading a log takes: memory for an extent and for the answer, and time in proportion to what is read."""

import tracemalloc
from pathlib import Path

import pytest

from tests.sources.log.log_copies import lengthened
from tests.sources.log.log_reader import read, read_with_problems
from tests.sources.log.log_writer import row, write_log
from wandb_plot.sources.log.history_columns import read_history

RECORDED = Path(__file__).parents[2] / "logs" / "0.31.0.wandb"


def peak_of_reading(path: Path, extent_blocks: int) -> int:
    """The most bytes that were allocated at once."""
    tracemalloc.start()
    try:
        read_with_problems(path, ["loss"], extent_blocks)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_with_the_answer_and_not_with_the_log(tmp_path: Path) -> None:
    """Four times the log takes 16 bytes for each value that was wanted, 8 for the step of each row, and little else."""
    times = (10, 40)
    paths = [lengthened(RECORDED, tmp_path / f"run-{count}.wandb", count) for count in times]
    rows = [read(path, "loss").rows for path in paths]
    assert rows == [107 * count for count in times]
    read_with_problems(paths[0], ["loss"], 2)  # what is only made once
    small, large = (peak_of_reading(path, 2) for path in paths)
    added = paths[1].stat().st_size - paths[0].stat().st_size
    assert large - small < 40 * (rows[1] - rows[0]) + 100_000 < added / 4


class Unsearchable(list[str]):
    """A list that refuses to be searched from its beginning for each of very many names."""

    def __contains__(self, name: object) -> bool:
        pytest.fail(f"searched a list for {name}")


def test_many_wanted_names_are_looked_up_not_searched(tmp_path: Path) -> None:
    """Or the time would grow with the square of the metrics."""
    names = [f"m{number}" for number in range(200)]
    path = write_log(tmp_path / "run-a.wandb", [row(step, **dict.fromkeys(names, step)) for step in range(3)])
    found = read_history([path], Unsearchable(names), start_time=None, warn=lambda *_: None)
    assert sorted(found.columns) == sorted(names)


def test_a_lengthened_log_is_what_an_sdk_would_write(tmp_path: Path) -> None:
    """Nothing is complained of, and each metric repeats itself with steps that go on."""
    path = lengthened(RECORDED, tmp_path / "run-a.wandb", 3)
    (once, _), (thrice, problems) = read_with_problems(RECORDED), read_with_problems(path)
    assert problems == ()
    assert thrice.rows == 3 * once.rows
    loss, again = once.columns["loss"], thrice.columns["loss"]
    assert again.values.tolist() == loss.values.tolist() * 3
    assert again.steps.tolist() == [step + 107 * turn for turn in range(3) for step in loss.steps]

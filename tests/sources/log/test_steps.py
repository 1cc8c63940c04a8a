"""At which step a row stands, whether or not it says so."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.sources.log.log_reader import points, read, read_with_problems
from tests.sources.log.log_writer import HEADER, field, history, item, row, write_log
from wandb_plot.errors import MachineError
from wandb_plot.sources.log.format.transaction_log import read_ends
from wandb_plot.sources.log.media import read_media
from wandb_plot.sources.log.records import read_step_range

RUN = field(17, field(1, "a"))
RESUMED = field(17, field(1, "a") + field(14, 5))


def rows_without_step(steps: Iterable[object]) -> list[bytes]:
    """Rows that have no step field; where one is not None, it stands in `_step` as newer SDKs write it."""
    return [
        history(None, [item("loss", str(number)), *([] if step is None else [item("_step", json.dumps(step))])])
        for number, step in enumerate(steps)
    ]


# Named after W&B's own compatibility logs, tests/assets/compat_logs of wandb/wandb, which hold such rows.
GOLDEN = {
    "old-auto": ([RUN, *(row(step, loss=step, _step=step) for step in range(3))], [0, 1, 2]),
    "new-auto": ([RUN, *rows_without_step([None] * 3)], [0, 1, 2]),
    "old-explicit": ([RUN, *(row(step, loss=n, _step=step) for n, step in enumerate([0, 5, 10]))], [0, 5, 10]),
    "new-explicit": ([RUN, *rows_without_step([0, 5, 10])], [0, 5, 10]),
    "resumed": ([RESUMED, *rows_without_step([None] * 3)], [5, 6, 7]),
    "shared": ([RUN, RUN, *rows_without_step([None] * 3), RUN], [0, 1, 2]),
    "bad-step-types": ([RUN, *rows_without_step(["5", None, True, [7], {"a": 1}, "NaN"])], [0, 1, 2, 3, 4, 5]),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_each_way_to_write_steps(tmp_path: Path, name: str) -> None:
    """Rows go on from the last step where they don't say theirs, or say something that is none."""
    records, steps = GOLDEN[name]
    path = write_log(tmp_path / "run-a.wandb", records)
    found = read(path)
    assert points(found.columns["loss"]) == list(zip(steps, range(len(steps)), strict=True))
    assert found.columns["_step"].values.tolist() == steps
    assert set(found.columns) == {"loss", "_step"}
    assert found.rows == len(steps)
    assert read_step_range(read_ends(path)) == (steps[0], steps[-1])


def test_a_run_without_history(tmp_path: Path) -> None:
    """It has no row, and no last step."""
    path = write_log(tmp_path / "run-a.wandb", [RUN, field(18, field(1, 0))])
    assert read(path).rows == 0
    assert read_step_range(read_ends(path)) is None


def test_steps_that_are_said_and_steps_that_are_not(tmp_path: Path) -> None:
    """A row without a step goes on from the row before it, whatever that one said."""
    records = [row(3, loss=0), *rows_without_step([None, 20, None, float("nan"), float("inf"), 10**400, 9.0])]
    path = write_log(tmp_path / "run-a.wandb", [RESUMED, *records])
    assert read(path).columns["_step"].steps.tolist() == [3, 4, 9, 20, 21, 22, 23, 24]
    assert read_step_range(read_ends(path)) == (3, 9)


@pytest.mark.parametrize("extent_blocks", [1, 2, 256])
def test_steps_go_on_over_the_seams_of_extents(tmp_path: Path, extent_blocks: int) -> None:
    """However a log is read, rows without a step are counted through."""
    path = write_log(tmp_path / "run-a.wandb", [RESUMED, *rows_without_step([None] * 5000)])
    assert path.stat().st_size > 3 * 32768
    found, problems = read_with_problems(path, ["loss"], extent_blocks)
    assert found.columns["loss"].steps.tolist() == list(range(5, 5005))
    assert problems == ()


def test_a_large_log_whose_last_row_says_no_step(tmp_path: Path) -> None:
    """What lies between its ends was not counted, so its last step is not made up."""
    path = write_log(tmp_path / "run-a.wandb", [RUN, *rows_without_step(["x" * 900] * 4000)])
    ends = read_ends(path)
    assert not ends.complete
    assert read_step_range(ends) is None


def test_an_image_in_a_row_without_a_step(tmp_path: Path) -> None:
    """It stands at the step that its row is given."""
    image = {"_type": "image-file", "path": "media/images/a.png"}
    path = write_log(tmp_path / "run-a.wandb", [row(4, loss=1), row(None, roc=image)])
    assert [(found.key, found.step) for found in read_media(path, most=1, warn=lambda *_: None)] == [("roc", 5)]


def test_another_version_of_the_format(tmp_path: Path) -> None:
    """Where its records can be read, they are; else a newer wandb is said to have written it."""
    header = HEADER[:-1] + b"\x01"
    path = write_log(tmp_path / "run-a.wandb", [RUN, *rows_without_step([None] * 3)], header=header)
    assert points(read(path).columns["loss"]) == [(0, 0), (1, 1), (2, 2)]
    content = bytearray(path.read_bytes())
    content[7] ^= 1
    path.write_bytes(content)
    with pytest.raises(MachineError, match="newer wandb") as newer:
        read(path)
    assert newer.value.code == "log_unreadable"

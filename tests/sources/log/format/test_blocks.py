"""A log is read extent by extent. How large an extent is changes nothing but the memory that it takes."""

import random
from pathlib import Path

import pytest

from tests.sources.log.log_reader import WholeLog, read_whole, read_with_problems, same
from tests.sources.log.log_writer import BLOCK, MIDDLE, field, row, stats, write_log
from tests.sources.log.test_any_log import damaged
from wandb_plot.errors import MachineError
from wandb_plot.model.history import History
from wandb_plot.sources.log.format.transaction_log import RecordKind

EXTENTS = (1, 2, 3, 7)
ALL_AT_ONCE = 10**6

Outcome = tuple[History, tuple[str, ...]] | str


def outcome(path: Path, extent_blocks: int) -> Outcome:
    """What is read of a log, and said of it; or why nothing is."""
    try:
        return read_with_problems(path, None, extent_blocks)
    except MachineError as error:
        return error.message


def check_extents(path: Path, seed: int) -> None:
    """Read a log in extents of some sizes, and compare with what comes of one extent."""
    whole = outcome(path, ALL_AT_ONCE)
    for found in (outcome(path, extent_blocks) for extent_blocks in EXTENTS):
        if isinstance(found, str) or isinstance(whole, str):
            assert found == whole, seed
            continue
        assert found[1] == whole[1], seed
        assert (found[0].rows, found[0].system_rows) == (whole[0].rows, whole[0].system_rows)
        assert found[0].columns.keys() == whole[0].columns.keys()
        assert all(same(column, whole[0].columns[name]) for name, column in found[0].columns.items()), seed


def long_and_short(folder: Path, base: int) -> Path:
    """A log of some nine blocks, with rows of a few bytes and of several blocks, some of them without a step."""
    order = random.Random(1)  # noqa: S311 -- repeatable
    rows = [
        row(
            None if step % 5 == 4 else step,
            loss=step / 7,
            text="x" * order.choice([0, 5, 50, 300]),
            mixed=[step, "a"][step % 2],
        )
        for step in range(700)
    ]
    rows[97::97] = [row(step, loss=step, text="x" * 70_000) for step in range(97, 700, 97)]
    return write_log(
        folder / "run-a.wandb", [*rows[:350], stats(100, cpu=1), *rows[350:], stats(101, cpu=2)], base=base
    )


@pytest.mark.parametrize("base", [0, 7])
def test_extents_of_any_size_give_the_same(tmp_path: Path, base: int) -> None:
    """Arrays, types, counts and problems, of a whole log and of damaged ones, in either layout of blocks."""
    path = long_and_short(tmp_path, base)
    check_extents(path, -1)
    hurt = tmp_path / "run-hurt.wandb"
    for seed in range(12):
        hurt.write_bytes(damaged(path.read_bytes(), random.Random(seed)))  # noqa: S311 -- repeatable
        check_extents(hurt, seed)


@pytest.mark.long
@pytest.mark.parametrize("base", [0, 7])
def test_very_many_damaged_logs_in_extents(tmp_path: Path, base: int) -> None:
    """The same, many times over."""
    path = long_and_short(tmp_path, base)
    hurt = tmp_path / "run-hurt.wandb"
    for seed in range(12, 1500):
        hurt.write_bytes(damaged(path.read_bytes(), random.Random(seed)))  # noqa: S311 -- repeatable
        check_extents(hurt, seed)


@pytest.mark.parametrize("left", range(16))
def test_a_cut_at_any_place_around_a_seam(tmp_path: Path, left: int) -> None:
    """A file may end in the padding of a block, in the header of a chunk, or just where an extent does."""
    content = long_and_short(tmp_path, 0).read_bytes()
    path = tmp_path / "run-cut.wandb"
    path.write_bytes(content[: 3 * BLOCK - 8 + left])
    check_extents(path, left)


@pytest.mark.parametrize("extent_blocks", [1, 2, ALL_AT_ONCE])
def test_a_record_of_many_blocks_is_read_once(tmp_path: Path, extent_blocks: int) -> None:
    """It belongs to the extent it begins in, however many others it reaches through."""
    contents = [bytes([letter]) * size for letter, size in zip(b"abcd", (10, 9 * BLOCK + 5, 3, 4 * BLOCK), strict=True)]
    path = write_log(tmp_path / "run-a.wandb", [field(4, content) for content in contents])
    log: WholeLog = read_whole(path, extent_blocks)
    assert (log.messages(RecordKind.OUTPUT), log.problems) == (contents, ())


def test_a_middle_piece_without_a_beginning(tmp_path: Path) -> None:
    """Where the first block of a long record is gone, its other fragments are skipped in every extent they fill."""
    path = write_log(tmp_path / "run-a.wandb", [field(4, b"a"), field(4, b"b" * 6 * BLOCK), field(4, b"c")])
    content = bytearray(path.read_bytes())
    assert content[BLOCK + 6] == MIDDLE
    content[40] ^= 1
    path.write_bytes(content)
    found = [read_whole(path, extent_blocks) for extent_blocks in (1, 2, 3, ALL_AT_ONCE)]
    assert all(log.messages(RecordKind.OUTPUT) == [b"a", b"c"] for log in found)
    assert {log.problems for log in found} == {found[0].problems}
    assert f"skipped {6 * BLOCK:,}"[:12] in found[0].problems[0]

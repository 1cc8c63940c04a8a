"""Files in, records by kind out: framing, damage, growth, and what can't be read at all."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.log.log_reader import WholeLog, read_whole
from tests.sources.log.log_writer import BLOCK, HEADER, field, row, write_log
from wandb_plot.errors import MachineError
from wandb_plot.sources.log.format.protobuf import decode_message
from wandb_plot.sources.log.format.transaction_log import LogEnds, RecordKind, read_ends

LOGS = Path(__file__).parents[3] / "logs"


def outputs(log: WholeLog) -> list[bytes]:
    """What its OUTPUT records hold."""
    return log.messages(RecordKind.OUTPUT)


def steps(log: WholeLog | LogEnds) -> list[float]:
    """The steps of its rows."""
    steps = [decode_message(row)[2] for row in log.messages(RecordKind.HISTORY)]
    return [decode_message(step[-1]).get(1, [0])[-1] for step in steps]


def flipped(path: Path, at: int) -> Path:
    """The file with one bit changed."""
    content = bytearray(path.read_bytes())
    content[at] ^= 0x10
    path.write_bytes(content)
    return path


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Rows 0 to 4999, in some twenty blocks."""
    return write_log(tmp_path / "run-many.wandb", [row(step, loss=step / 7, text="x" * 90) for step in range(5000)])


@pytest.mark.parametrize("path", sorted(LOGS.glob("*.wandb")), ids=lambda path: path.stem)
def test_logs_of_all_eras_are_read_whole(path: Path) -> None:
    """Nothing is missing from what an SDK wrote, and nothing is complained of."""
    log = read_whole(path)
    assert (len(log.messages(RecordKind.HISTORY)), len(log.messages(RecordKind.EXIT)), log.problems) == (107, 1, ())
    assert read_ends(path).complete
    assert read_ends(path).size == path.stat().st_size


@given(
    sizes=st.lists(st.one_of(st.integers(0, 60), st.integers(BLOCK - 60, BLOCK + 60), st.just(3 * BLOCK)), min_size=1),
    base=st.sampled_from([0, 7]),
)
def test_records_of_any_size_survive(tmp_path_factory: pytest.TempPathFactory, sizes: list[int], base: int) -> None:
    """Records come back whole however they are split over blocks, in either layout of the blocks."""
    contents = [bytes([number % 251 + 1]) * size for number, size in enumerate(sizes)]
    records = [field(4, content) for content in contents]
    path = write_log(tmp_path_factory.mktemp("log") / "run-a.wandb", records, base=base)
    log = read_whole(path)
    assert outputs(log) == contents
    assert log.problems == ()


def test_kinds_are_told_apart_wherever_the_field_stands(tmp_path: Path) -> None:
    """Other fields may come before the one that tells the kind, and after it."""
    path = write_log(
        tmp_path / "run-a.wandb",
        [field(200, b"stream") + field(4, b"one") + field(16, b"control"), field(26, b"unknown"), field(17, b"")],
    )
    log = read_whole(path)
    assert (outputs(log), log.messages(RecordKind.RUN), log.messages(RecordKind.HISTORY)) == ([b"one"], [b""], [])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (HEADER[:3], "nothing can be read"),
        (HEADER, "nothing can be read"),
        (HEADER + b"\x00" * 100, "nothing can be read"),
        (b"PK\x03\x04 something else", "is not a wandb log"),
        (b"x", "is not a wandb log"),
        (HEADER[:6] + b"\x01" + b"whatever", "was written by a newer wandb"),
    ],
)
@pytest.mark.parametrize("read", [read_whole, read_ends])
def test_what_cannot_be_read_says_why(tmp_path: Path, read: object, content: bytes, message: str) -> None:
    """Each way for a file to hold no record has its own words, and a hint."""
    path = tmp_path / "run-a.wandb"
    path.write_bytes(content)
    with pytest.raises(MachineError, match=message) as failure:
        read(path)  # type: ignore[operator]
    assert failure.value.code == "log_unreadable"
    assert failure.value.hint
    assert str(path) in failure.value.message


def test_a_missing_file_is_the_callers_to_explain(tmp_path: Path) -> None:
    """What the system says about opening a file passes through."""
    with pytest.raises(FileNotFoundError):
        read_whole(tmp_path / "run-a.wandb")


def test_a_damaged_file_header_costs_nothing(many: Path) -> None:
    """Where records follow, the file is a log whatever its first bytes say."""
    assert steps(read_whole(flipped(many, 1))) == list(range(5000))


def test_a_damaged_record_costs_itself(many: Path) -> None:
    """A flipped bit in a payload loses that record alone, and it is said how much was skipped."""
    log = read_whole(flipped(many, 3 * BLOCK + 500))
    found = steps(log)
    assert len(found) == 4999
    assert "skipped 1" in log.problems[0]
    assert "lost records: 1," in log.problems[1]


def test_a_damaged_length_costs_the_rest_of_its_block(many: Path) -> None:
    """Reading goes on at the next block."""
    content = bytearray(many.read_bytes())
    content[3 * BLOCK + 4 : 3 * BLOCK + 6] = b"\xff\xff"
    many.write_bytes(content)
    log = read_whole(many)
    found = steps(log)
    lost = set(range(5000)) - set(map(int, found))
    assert 150 < len(lost) < 300
    assert len(lost) == max(lost) - min(lost) + 1
    assert f"lost records: {len(lost):,}," in log.problems[1]


@pytest.mark.parametrize("fill", [b"\x00", b"\xff", b":W&B"])
def test_overwritten_blocks_are_skipped(many: Path, fill: bytes) -> None:
    """Whole sectors of rubbish lose what was in them, and no more than the records they cut into."""
    content = bytearray(many.read_bytes())
    content[2 * BLOCK : 4 * BLOCK] = fill * (2 * BLOCK // len(fill))
    many.write_bytes(content)
    log = read_whole(many)
    lost = sorted(set(range(5000)) - set(map(int, steps(log))))
    assert lost == list(range(lost[0], lost[-1] + 1))
    assert 300 < len(lost) < 600
    assert len(log.problems) == 2


def test_pieces_of_two_records_are_never_joined(tmp_path: Path) -> None:
    """Where the block between is gone, neither the first fragment nor the last makes a record."""
    records = [field(4, bytes([letter]) * (BLOCK + 999)) for letter in b"abcdef"]
    content = bytearray(write_log(tmp_path / "run-a.wandb", records).read_bytes())
    content[BLOCK : 2 * BLOCK] = bytes(BLOCK)
    (tmp_path / "run-a.wandb").write_bytes(content)
    log = read_whole(tmp_path / "run-a.wandb")
    assert [output[:1] for output in outputs(log)] == [b"c", b"d", b"e", b"f"]
    assert all(set(output) == {output[0]} for output in outputs(log))


@pytest.mark.parametrize("keep", [BLOCK, BLOCK + 3, BLOCK + 7, 5 * BLOCK + 1000, -1])
def test_a_cut_file_gives_all_that_is_whole(many: Path, keep: int) -> None:
    """Every row before the cut is there, and it is said that the file ends inside a record."""
    many.write_bytes(many.read_bytes()[:keep])
    log = read_whole(many)
    found = steps(log)
    assert found == list(range(len(found)))
    assert len(found) >= 150
    assert log.problems == ("it ends inside a record: it was cut off, or is still being written",)


def test_a_growing_file_can_be_read_at_any_time(many: Path, tmp_path: Path) -> None:
    """Whatever has been written so far is read; once all is, nothing is complained of."""
    content = many.read_bytes()
    growing = tmp_path / "run-growing.wandb"
    seen = 0
    for size in range(2000, len(content), 70_001):
        growing.write_bytes(content[:size])
        found = steps(read_whole(growing))
        assert found == list(range(len(found)))
        assert len(found) >= seen
        seen = len(found)
    shutil.copy(many, growing)
    log = read_whole(growing)
    assert (len(steps(log)), log.problems) == (5000, ())


@pytest.mark.parametrize("base", [0, 7])
def test_read_ends_reads_both_ends(tmp_path: Path, base: int) -> None:
    """Of a large log, the head and the tail are read; what lies between is neither read nor complained of."""
    records = [row(step, text="x" * 900) for step in range(4000)]
    path = write_log(tmp_path / "run-a.wandb", records, base=base)
    log = read_ends(path)
    found = list(map(int, steps(log)))
    gap = [step for step in range(4000) if step not in set(found)]
    assert gap == list(range(gap[0], gap[-1] + 1))
    assert gap[0] > 100
    assert 4000 - gap[-1] > 200
    assert (log.problems, log.complete, log.size) == ((), False, path.stat().st_size)


def test_read_ends_reads_small_logs_whole(tmp_path: Path) -> None:
    """Where both ends are all there is, nothing is left out."""
    log = read_ends(write_log(tmp_path / "run-a.wandb", [row(step, loss=1) for step in range(2000)]))
    assert (len(steps(log)), log.complete, log.problems) == (2000, True, ())


@pytest.mark.parametrize("wounded", [slice(7, 5 * BLOCK), slice(-10 * BLOCK, None)], ids=["head", "tail"])
def test_the_ends_of_a_log_with_one_end_gone(tmp_path: Path, wounded: slice) -> None:
    """The other end is read, and it is said that something was skipped."""
    path = write_log(tmp_path / "run-a.wandb", [row(step, text="x" * 900) for step in range(4000)])
    content = bytearray(path.read_bytes())
    content[wounded] = b"?" * len(content[wounded])
    path.write_bytes(content)
    log = read_ends(path)
    assert len(steps(log)) > 100
    assert "damaged bytes" in log.problems[0]


def test_the_ends_of_a_cut_log_says_so(tmp_path: Path) -> None:
    """A log that still grows ends inside a record; its tail is read up to there."""
    path = write_log(tmp_path / "run-a.wandb", [row(step, text="x" * 900) for step in range(4000)])
    path.write_bytes(path.read_bytes()[:-5])
    log = read_ends(path)
    assert max(steps(log)) == 3998
    assert log.problems == ("it ends inside a record: it was cut off, or is still being written",)

"""Checksums of many chunks at once: what `zlib.crc32` says of each."""

import random
import struct
import zlib

import numpy as np
import pytest

from wandb_plot.sources.log.format import checksums
from wandb_plot.sources.log.format.checksums import checksums_hold

BLOCK = 32768


def chunks(blocks: int, sizes: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Bytes full of chunks with payloads of random sizes; the block, header and stop of each."""
    order = random.Random(1)  # noqa: S311 -- repeatable
    content, places = bytearray(), []
    for block in range(blocks):
        while True:
            payload = bytes([1]) + order.randbytes(order.choice(sizes))
            if len(content) + 6 + len(payload) > (block + 1) * BLOCK:
                break
            begin = len(content)
            content += struct.pack("<IH", zlib.crc32(payload), len(payload) - 1) + payload
            places.append((block, begin, len(content)))
        content += bytes((block + 1) * BLOCK - len(content))
    return np.frombuffer(content + bytes(24), np.uint8).copy(), *np.array(places, np.int64).T


@pytest.fixture(autouse=True)
def batches_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take few chunks in a batch too."""
    monkeypatch.setattr(checksums, "_FEW", 0)


@pytest.mark.parametrize("sizes", [[0], [1, 2], [0, 5, 280, 300], [20_000], [BLOCK - 7]], ids=str)
def test_intact_chunks_hold(sizes: list[int]) -> None:
    """Whatever their sizes, the largest that a block can hold included."""
    buffer, block, header, stop = chunks(3, sizes)
    assert len(header) >= 3
    assert checksums_hold(buffer, block, header, stop).all()


def test_intact_chunks_are_tested_by_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of them is looked at by itself, which is what the batch is for."""
    tested: list[int] = []
    each = checksums._each_holds
    monkeypatch.setattr(checksums, "_each_holds", lambda *args: (tested.append(len(args[1])), each(*args))[1])
    checksums_hold(*chunks(3, [0, 5, 280, 300]))
    assert sum(tested) == 0


def test_any_flipped_bit_is_found_where_it_is() -> None:
    """In a payload, a kind or a checksum: that chunk alone doesn't hold."""
    buffer, block, header, stop = chunks(2, [0, 5, 280, 300])
    order = random.Random(2)  # noqa: S311 -- repeatable
    for _ in range(100):
        hurt = sorted(order.sample(range(len(header)), order.choice([1, 1, 2, 5])))
        copy = buffer.copy()
        for chunk in hurt:
            at = order.choice([*range(4), *range(6, stop[chunk] - header[chunk])])
            copy[header[chunk] + at] ^= 1 << order.randrange(8)
        assert np.flatnonzero(~checksums_hold(copy, block, header, stop)).tolist() == hurt


def test_no_chunk_at_all() -> None:
    """Nothing holds, and nothing is raised."""
    none = np.empty(0, np.int64)
    assert not len(checksums_hold(np.zeros(24, np.uint8), none, none, none))

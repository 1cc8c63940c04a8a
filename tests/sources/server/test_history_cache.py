"""The cache of histories: exact, bounded, and never in the way."""

import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.model.history import History
from wandb_plot.sources.rows_to_columns import columns_from_rows
from wandb_plot.sources.server.client.history.cache import HistoryCache, StoredHistory
from wandb_plot.sources.server.client.run import HistoryVersion

VERSION = HistoryVersion("2024-01-01T00:00:00Z", "finished", 9, 10, None)

CELLS = st.none() | st.floats() | st.integers() | st.booleans() | st.sampled_from(["NaN", "word"]) | st.just([1])
ROWS = st.lists(st.dictionaries(st.text(max_size=3) | st.sampled_from(["a", "a.b", "_runtime"]), CELLS, max_size=4))


def stored(rows: list[dict[str, object]], version: HistoryVersion = VERSION) -> StoredHistory:
    """What would be kept of rows at the steps 0, 1, 2, ..."""
    columns = columns_from_rows([row | {"_step": step} for step, row in enumerate(rows)])
    return StoredHistory(version, History(columns, len(rows), 3, frozenset(list(columns)[:1])))


@given(rows=ROWS)
def test_what_is_stored_comes_back(tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]]) -> None:
    """Every number, NaN and infinities included, with its step, type and counts, under any name."""
    cache = HistoryCache(tmp_path_factory.mktemp("cache"))
    kept = stored(rows)
    cache.store(("run",), kept)
    loaded = cache.load(("run",))
    assert loaded
    assert loaded.version == kept.version
    assert (loaded.history.rows, loaded.history.system_rows) == (len(rows), 3)
    assert loaded.history.sampled == kept.history.sampled
    assert list(loaded.history.columns) == list(kept.history.columns)
    for name, column in kept.history.columns.items():
        read = loaded.history.columns[name]
        assert (read.name, read.type, read.non_null) == (column.name, column.type, column.non_null)
        np.testing.assert_array_equal(read.steps, column.steps)
        np.testing.assert_array_equal(read.values, column.values)


def test_only_the_wanted_columns_are_read(tmp_path: Path) -> None:
    """A name is exact: `a` doesn't bring `a.b`, and what isn't there doesn't appear."""
    cache = HistoryCache(tmp_path)
    cache.store(("run",), stored([{"a": 1, "a.b": 2}]))
    loaded = cache.load(("run",), ["a", "c"])
    assert loaded
    assert list(loaded.history.columns) == ["a"]


def test_keys_are_kept_apart(tmp_path: Path) -> None:
    """Parts of a key don't run into one another, and their text stays out of file names."""
    cache = HistoryCache(tmp_path)
    cache.store(("https://one", "a", "b"), stored([{"a": 1}]))
    assert cache.load(("https://one", "a/b")) is None
    assert cache.load(("https://two", "a", "b")) is None
    assert cache.load(("https://one", "a", "b"))
    assert all("one" not in path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize("damage", [b"", b"ARROW1\0\0", b"nonsense" * 100])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    """Whatever lies there, it is read from the server again and replaced."""
    cache = HistoryCache(tmp_path)
    cache.store(("run",), stored([{"a": 1}]))
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage)
    assert cache.load(("run",)) is None
    cache.store(("run",), stored([{"a": 1}]))
    assert cache.load(("run",))


def test_a_file_cut_anywhere_is_no_history(tmp_path: Path) -> None:
    """Half a file never passes for a whole one."""
    cache = HistoryCache(tmp_path)
    cache.store(("run",), stored([{"a": math.pi, "b": step} for step in range(50)]))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for length in range(0, len(whole) - 1, 37):
        file.write_bytes(whole[:length])
        assert cache.load(("run",)) is None


WHOLE = stored([{"a": math.pi * step, "b": "word", "c": None if step % 3 else step} for step in range(40)])


@given(bit=st.integers(0, 10**6))
def test_a_flipped_bit_is_no_history(tmp_path_factory: pytest.TempPathFactory, bit: int) -> None:
    """Wherever in the file: never another number, and never an error."""
    folder = tmp_path_factory.mktemp("cache")
    cache = HistoryCache(folder)
    cache.store(("run",), WHOLE)
    (file,) = folder.iterdir()
    content = bytearray(file.read_bytes())
    content[bit // 8 % len(content)] ^= 1 << bit % 8
    file.write_bytes(content)
    assert cache.load(("run",)) is None
    assert cache.load(("run",), ["a"]) is None


@pytest.mark.parametrize("kind", ["folder", "link to itself"])
def test_what_is_no_file_is_no_history(tmp_path: Path, kind: str) -> None:
    """However reading it fails."""
    cache = HistoryCache(tmp_path)
    cache.store(("run",), WHOLE)
    (file,) = tmp_path.iterdir()
    file.unlink()
    if kind == "folder":
        file.mkdir()
    else:
        file.symlink_to(file)
    assert cache.load(("run",)) is None


def test_the_least_recently_used_make_room(tmp_path: Path) -> None:
    """Over the limit the oldest go; what was just loaded is not old."""
    cache = HistoryCache(tmp_path)
    names = ["first", "second", "third"]
    for age, name in enumerate(names):
        cache.store((name,), stored([{"a": step} for step in range(100)]))
        newest = max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (age, age))
    assert cache.load(("first",))
    size = max(path.stat().st_size for path in tmp_path.iterdir())
    small = HistoryCache(tmp_path, limit=3 * size)
    small.store(("fourth",), stored([{"a": step} for step in range(100)]))
    assert [name for name in [*names, "fourth"] if small.load((name,))] == ["first", "third", "fourth"]


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    """Without a cache everything works, only slower."""
    (tmp_path / "file").write_text("in the way")
    cache = HistoryCache(tmp_path / "file" / "cache")
    cache.store(("run",), stored([{"a": 1}]))
    assert cache.load(("run",)) is None


def test_nothing_is_left_beside_the_histories(tmp_path: Path) -> None:
    """A history is one file that others can't read, in a folder that they can't list; temporaries are gone."""
    (tmp_path / "cache").mkdir(mode=0o755)
    cache = HistoryCache(tmp_path / "cache")
    for _ in range(2):
        cache.store(("run",), stored([{"a": 1}]))
    (file,) = (tmp_path / "cache").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


def test_which_versions_a_history_can_have_later() -> None:
    """A run that lost rows or steps, or was made anew, did not grow."""
    assert VERSION.may_grow_into(replace(VERSION, state="running", last_step=12, row_count=11, heartbeat_at="later"))
    assert not VERSION.may_grow_into(replace(VERSION, last_step=8))
    assert not VERSION.may_grow_into(replace(VERSION, row_count=9))
    assert not VERSION.may_grow_into(replace(VERSION, created_at="2024-01-02T00:00:00Z"))

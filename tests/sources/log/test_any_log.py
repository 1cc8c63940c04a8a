"""Any log at all, whole or damaged, against the plainest of readers."""

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.log.log_reader import points, read, same
from tests.sources.log.log_writer import field, history, item, row, write_log
from wandb_plot.errors import MachineError
from wandb_plot.model.history import Column, History
from wandb_plot.sources.log.history_columns import read_types
from wandb_plot.sources.rows_to_columns import column_from_values

KEYS = st.sampled_from(["loss", "acc", "train/loss", "ü", "a key with spaces", "_type_", "a" * 40])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(2**63, 2**80),
    st.floats(),
    st.sampled_from(["NaN", "Infinity", "-Infinity", "hi", "nan", '"quoted"', "", "ü" * 20]),
    st.lists(st.integers(), max_size=3),
)
TYPED = st.fixed_dictionaries({"_type": st.sampled_from(["image-file", "histogram"]), "loss": SCALARS})
VALUES = st.recursive(st.one_of(SCALARS, TYPED), lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3))
LOGGED = st.lists(st.tuples(st.integers(0, 6), st.dictionaries(KEYS, VALUES, max_size=4)), min_size=1, max_size=8)
STYLES = st.sampled_from(["whole", "leaves", "both", "typed"])


Path_ = tuple[str, ...]


def leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every leaf of nested dicts, with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    else:
        yield path, value


def typed_fields(value: Any) -> bytes:
    """The typed fields of wandb 0.31 for a leaf."""
    if value is None:
        return field(3, 0)
    if isinstance(value, bool):
        return field(4, int(value))
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return field(5, (value << 1) ^ (value >> 63))
    if isinstance(value, float):
        return field(6, value)
    if isinstance(value, str):
        return field(7, value)
    return field(8, json.dumps(value))


def encoded(step: int, values: Mapping[str, Any], style: str, order: random.Random) -> bytes:
    """A row as one of the SDKs would write it, its items in any order."""
    if style == "whole":
        items = [item(name, json.dumps(value)) for name, value in values.items()]
    else:
        items = [
            item(
                path, json.dumps(value) if style != "typed" else None, typed_fields(value) if style != "leaves" else b""
            )
            for path, value in leaves(dict(values))
        ]
    order.shuffle(items)
    return history(step, items)


def naive_columns(logged: list[tuple[int, dict[str, Any]]]) -> dict[str, Column]:
    """The plainest of readers: it keeps the leaves of each step in a dict."""
    steps: dict[int, dict[str, Any]] = {}
    for step, values in logged:
        merged = steps.setdefault(step, {"_step": step})
        merged.update({".".join(path): value for path, value in leaves(values)})
    logged: dict[str, dict[float, Any]] = {}
    for step, merged in sorted(steps.items()):
        for prefix in sorted((name.removesuffix("._type") for name in merged if name.endswith("._type")), key=len):
            if f"{prefix}._type" in merged:
                inside = {name: value for name, value in merged.items() if name.startswith(f"{prefix}.")}
                merged[prefix] = {"_type": inside[f"{prefix}._type"]}
                for name in inside:
                    del merged[name]
        for name, value in merged.items():
            logged.setdefault(name, {})[step] = value
    columns = (column_from_values(name, list(by_step), list(by_step.values())) for name, by_step in logged.items())
    return {column.name: column for column in columns if column.type}


def check_against_naive(folder: Path, logged: list[tuple[int, dict[str, Any]]], styles: list[str], seed: int) -> None:
    """Write rows, read them, and compare."""
    order = random.Random(seed)  # noqa: S311 -- repeatable
    rows = [encoded(step, values, style, order) for (step, values), style in zip(logged, styles, strict=True)]
    path = write_log(folder / "run-a.wandb", rows)
    found, expected = dict(read(path).columns), naive_columns(logged)
    assert set(found) == set(expected)
    for name, column in expected.items():
        assert same(found[name], column), (found[name], column)
    name = order.choice(sorted(expected))
    assert same(read(path, name).columns[name], expected[name])
    types, kept = read_types([path], {name}.__contains__, start_time=None, warn=lambda *_: None)
    assert types == {name: column.type for name, column in found.items()}
    assert list(kept.columns) == [name]
    assert same(kept.columns[name], expected[name])


@given(logged=LOGGED, seed=st.integers(0, 99), style=st.lists(STYLES, min_size=8, max_size=8))
def test_any_history_is_read_as_the_naive_reader_reads_it(
    tmp_path_factory: pytest.TempPathFactory, logged: list[tuple[int, dict[str, Any]]], seed: int, style: list[str]
) -> None:
    """All values, in all ways to write them down, give the columns that one would make by hand."""
    check_against_naive(tmp_path_factory.mktemp("log"), logged, style[: len(logged)], seed)


@pytest.mark.long
@settings(max_examples=5_000)
@given(logged=LOGGED, seed=st.integers(0, 99), style=st.lists(STYLES, min_size=8, max_size=8))
def test_very_many_histories(
    tmp_path_factory: pytest.TempPathFactory, logged: list[tuple[int, dict[str, Any]]], seed: int, style: list[str]
) -> None:
    """The same, for as long as anybody cares to wait."""
    check_against_naive(tmp_path_factory.getbasetemp(), logged, style[: len(logged)], seed)


def damaged(content: bytes, order: random.Random) -> bytes:
    """Flip bits, zero or cut a stretch, or cut the end off; seldom more than one of it."""
    wounds = bytearray(content)
    for _ in range(order.choice([1, 1, 1, 2, 5])):
        at, length = order.randrange(len(wounds)), order.choice([1, 2, 7, 100, 4096, 32768])
        kind = order.randrange(4)
        if kind == 0:
            wounds[at] ^= 1 << order.randrange(8)
        elif kind == 1:
            wounds[at : at + length] = bytes(len(wounds[at : at + length]))
        elif kind == 2 and len(wounds) > length:
            del wounds[at : at + length]
        elif at:
            del wounds[at:]
    return bytes(wounds)


def check_damage(path: Path, intact: History, seed: int) -> None:
    """Damage a copy of a log, read it, and compare what is left with what was logged."""
    content = path.read_bytes()
    hurt = path.with_name("run-hurt.wandb")
    hurt.write_bytes(damaged(content, random.Random(seed)))  # noqa: S311 -- repeatable
    try:
        found = read(hurt)
    except MachineError as error:
        assert error.code == "log_unreadable"  # noqa: PT017 -- either way is right
        return
    for name, column in found.columns.items():
        logged = dict(points(intact.columns[name]))
        assert all(str(logged[step]) == str(value) for step, value in points(column)), (seed, name)


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, History]:
    """A log of rows that are all alike and all different, in some five blocks."""
    rows = [row(step, loss=step / 7, acc=step, text="x" * (step % 50), nested={"a": -step}) for step in range(1500)]
    path = write_log(tmp_path_factory.mktemp("log") / "run-a.wandb", rows)
    return path, read(path)


def test_damage_costs_values_and_invents_none(intact: tuple[Path, History]) -> None:
    """However a file is damaged, what is still read of it is what was logged, and nothing else is raised."""
    for seed in range(60):
        check_damage(*intact, seed)


@pytest.mark.long
def test_very_much_damage(intact: tuple[Path, History]) -> None:
    """The same, many times over."""
    for seed in range(60, 10_000):
        check_damage(*intact, seed)

"""Cells of tables: the numbers of a group's runs against pandas, and how they are written."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_plot.numbers.table_cells import Cell, cell_of, column_texts


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12))
def test_centres_and_deviations_are_those_of_pandas(values: list[float]) -> None:
    """The mean with the sample's deviation, the median, and the best."""
    column = pd.Series(values)
    cell = cell_of(values, "mean±std")
    assert cell.value == pytest.approx(column.mean(), rel=1e-9, abs=1e-9)
    assert cell.n == len(values)
    assert cell.std == (pytest.approx(column.std(), rel=1e-6, abs=1e-6) if len(values) > 1 else None)
    assert cell_of(values, "median").value == pytest.approx(column.median(), rel=1e-9, abs=1e-9)
    assert cell_of(values, "best", "min").value == min(values)
    assert cell_of(values, "best", "max").value == max(values)


def test_an_interval_lies_about_its_centre_and_is_always_the_same() -> None:
    """Of eight runs, iqm leaves out two at each end; one run has no interval."""
    values = [0.0, 9.0, 1.0, 2.0, 3.0, 4.0, 5.0, 100.0]
    cell = cell_of(values, "iqm±ci")
    assert cell.value == pytest.approx((2 + 3 + 4 + 5) / 4)
    assert cell.low is not None
    assert cell.high is not None
    assert min(values) <= cell.low < 3.5 < cell.high <= max(values)
    assert cell_of(values, "iqm±ci") == cell
    assert cell_of([3.0], "mean±ci") == Cell(3.0, 1)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(0.80341, 3, std=0.01184), "0.803 ± 0.012"),
        (Cell(1234.5678, 3, std=210.0), "1235 ± 210"),
        (Cell(0.5, 3, std=0.0), "0.5 ± 0.0"),
        (Cell(0.123456, 1), "0.1235"),
        (Cell(0.80341, 5, low=0.791, high=0.812), "0.803 [0.791, 0.812]"),
        (Cell(1e-12, 2, std=1e-13), "1e-12 ± 1e-13"),
        (Cell(None, 0), ""),
    ],
)
def test_a_centre_is_written_to_the_place_of_its_spread(cell: Cell, text: str) -> None:
    """Two digits of the spread; four of a number without one."""
    assert column_texts([cell]) == [text]


def test_the_numbers_of_a_column_are_written_to_one_place() -> None:
    """Two digits of the largest spread and at least one of the smallest; of numbers alone, as many as the longest."""
    cells = [Cell(0.79, 3, std=0.01), Cell(0.78347, 3, std=0.005658), Cell(0.5, 1), Cell(None, 0)]
    assert column_texts(cells) == ["0.790 ± 0.010", "0.783 ± 0.006", "0.500", ""]
    assert column_texts([Cell(0.5412, 3, std=0.18), Cell(0.24117, 3, std=0.00068)]) == [
        "0.5412 ± 0.1800",
        "0.2412 ± 0.0007",
    ]
    assert column_texts([Cell(100.0, 2, std=50.0), Cell(0.0123, 1), Cell(0.0, 1)]) == ["100 ± 50", "0.0123", "0"]
    assert column_texts([Cell(0.9, 1), Cell(0.8875, 1)]) == ["0.9000", "0.8875"]
    assert column_texts([Cell(199, 1), Cell(77, 1)]) == ["199", "77"]
    assert column_texts([Cell(2.5, 1), Cell(1e-9, 1)]) == ["2.5", "1e-09"]


def test_no_number_is_a_cell_without_value() -> None:
    """A group of which no run has the number."""
    assert cell_of([], "mean±std") == Cell(None, 0)
    assert math.isclose(cell_of([1e308, 1e308], "mean").value or 0, 1e308)

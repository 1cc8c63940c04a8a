"""Formulas over metrics: what they mean, against pandas, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from wandb_plot.errors import UsageError
from wandb_plot.numbers.expressions import is_one_term, parse_expression, split_definition

A = np.array([4.0, 1.0, np.nan, 9.0, -2.0])
B = np.array([2.0, 2.0, 3.0, 0.0, 5.0])
FRAME = pd.DataFrame({"a": A, "b": B})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("val/loss - b", FRAME.a - FRAME.b),
        ("val/loss / b", FRAME.a / FRAME.b),
        ("-val/loss ** 2 + 3 * b", -(FRAME.a**2) + 3 * FRAME.b),
        ("2 ** 3 ** 0.5 * b", 2 ** (3**0.5) * FRAME.b),
        ("(val/loss + b) * 1e-3", (FRAME.a + FRAME.b) * 1e-3),
        ("cummin(val/loss)", FRAME.a.cummin().ffill()),
        ("cummax(val/loss)", FRAME.a.cummax().ffill()),
        ("diff(b)", FRAME.b.diff()),
        ("abs(val/loss)", FRAME.a.abs()),
        ("log10(b + 1)", np.log10(FRAME.b + 1)),
        ("exp(log(b + 1)) - sqrt(b)", np.exp(np.log(FRAME.b + 1)) - np.sqrt(FRAME.b)),
        ("min(val/loss, b, 2)", np.minimum(np.minimum(FRAME.a, FRAME.b), 2)),
        ("max(val/loss, b)", np.maximum(FRAME.a, FRAME.b)),
        ("b * config.optim.lr", FRAME.b * 0.5),
        ("`odd name-1` - b", FRAME.a - FRAME.b),
    ],
)
def test_a_formula_means_what_pandas_makes_of_it(text: str, expected: pd.Series) -> None:
    """Operators, functions, config keys and quoted names; NaN stays NaN but under running extremes."""
    formula = parse_expression(text)
    values = {name: B if name == "b" else A for name in formula.metrics}
    result = formula.evaluate(values, dict.fromkeys(formula.config_keys, 0.5))
    np.testing.assert_allclose(result, expected.to_numpy(), rtol=1e-15)


def test_names_are_told_from_divisions_by_spaces() -> None:
    """A slash without spaces belongs to a name; one with spaces divides."""
    assert parse_expression("a/b").metrics == ("a/b",)
    assert parse_expression("a / b").metrics == ("a", "b")
    assert parse_expression("max - max(max, min)").metrics == ("max", "min")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "a b",
        "log(a, b)",
        "min(a)",
        "open(a)",
        "a.__class__()",
        "(a, b)",
        "a if a else b",
        "a // b",
        "a @ b",
        "lambda: a",
        "'a'",
        "3 + config.lr",
        "2a",
        "log()",
        "`a",
        "(" * 400 + "a" + ")" * 400,
        "-" * 500 + "a",
        "a + " * 2000 + "a",
    ],
)
def test_what_is_no_formula_is_refused(text: str) -> None:
    """Nothing but numbers, metrics, config values, operators and the listed functions; bounded in length and depth."""
    with pytest.raises(UsageError) as refused:
        parse_expression(text)
    assert "NAME = EXPRESSION" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a", True),
        (" val/loss ", True),
        ("`a - b`", True),
        ("cummin(a - b)", True),
        ("(a - b)", True),
        ("((a) - (b))", True),
        ("a - b", False),
        ("(a) - (b)", False),
        ("-a", False),
        ("a / log(b)", False),
        ("log(a) - log(b)", False),
    ],
)
def test_one_term_is_told_from_several(text: str, is_one: bool) -> None:
    """What follows one term is about all of it; what follows several could be about the last."""
    assert is_one_term(text) == is_one


def test_powers_of_constants_cost_nothing() -> None:
    """Numbers are floats, so a tower of powers overflows to infinity at once."""
    assert parse_expression("a + 9 ** 9 ** 9 ** 9").evaluate({"a": B}, {}).tolist() == [np.inf] * len(B)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("gap = a - b", ("gap", "a - b")),
        ("a/gap=a - b", ("a/gap", "a - b")),
        ("`my = gap` = a", ("my = gap", "a")),
        ("a - b", None),
        ("a == b", None),
        ("loss", None),
    ],
)
def test_a_definition_has_a_name_and_a_formula(text: str, parts: tuple[str, str] | None) -> None:
    """The first equals sign divides them; what has none is a name."""
    assert split_definition(text) == parts

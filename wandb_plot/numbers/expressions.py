"""Arithmetic over metrics: `gap = val/loss - train/loss`, parsed over a whitelist and evaluated on arrays.

Operators are `+ - * / **`, functions those of `FUNCTIONS`. A name is written as it was logged, without spaces around
its slash: `val/loss` is a metric, `a / b` a quotient. Backticks hold any other name: `` `grad-norm` / 2 ``.
"""

import ast
import functools
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wandb_plot.errors import UsageError
from wandb_plot.model.history import FloatArray

CONFIG_PREFIX = "config."

# Formulas longer or deeper than anybody writes are refused before they cost anything.
_MAX_LENGTH = 1000
_MAX_DEPTH = 50

_DEFINITION = re.compile(
    r"\s*(?:`(?P<quoted>[^`]+)`|(?P<plain>[^=<>!`]*[^=<>!`\s]))\s*=(?!=)\s*(?P<expression>.*)", re.DOTALL
)
_TOKEN = re.compile(
    r"\s*(?:`(?P<quoted>[^`]+)`"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w/])"
    r"|(?P<name>[^\W\d][\w.]*(?:/[\w.]+)*)"
    r"|(?P<symbol>\*\*|[-+*/(),]))"
)

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
    ast.Pow: np.float_power,
}


def _differences(values: FloatArray) -> FloatArray:
    """Each value minus the one before it; NaN for the first."""
    return np.diff(values, prepend=np.nan)


# Running extremes pass over NaN: a gap doesn't end them.
_OF_ONE: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "abs": np.abs,
    "cummax": np.fmax.accumulate,
    "cummin": np.fmin.accumulate,
    "diff": _differences,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "sqrt": np.sqrt,
}
_OF_SEVERAL: Mapping[str, Callable[[Any, Any], Any]] = {"max": np.maximum, "min": np.minimum}

FUNCTIONS = (*_OF_ONE, *_OF_SEVERAL)

_HINT = (
    "write NAME = EXPRESSION with + - * / **, numbers, "
    f"{', '.join(sorted(FUNCTIONS))}, config.KEY and metrics as they were logged; division has spaces around its "
    "slash, and a name with other characters stands in backticks. Inside a formula there are no reductions: the "
    "minimum so far is cummin(METRIC), and `table` takes NAME = (EXPRESSION):min"
)


@dataclass(frozen=True)
class Expression:
    """A formula over metrics and config values.

    Attributes:
        text: as the user wrote it.
        metrics: the metrics that it names, in order of their first use.
        config_keys: the config keys that it names.
    """

    text: str
    metrics: tuple[str, ...]
    config_keys: tuple[str, ...]
    _tree: ast.expr
    _names: Mapping[str, str]

    def evaluate(self, values: Mapping[str, FloatArray], config: Mapping[str, float]) -> FloatArray:
        """The value at each point.

        Args:
            values: of every metric in `metrics`, all of the shape (n,), in order of steps.
            config: the number behind every key in `config_keys`.

        Returns:
            shape (n,), float64; NaN where the formula has no value, such as the logarithm of a negative number.
        """
        known = {**values, **{CONFIG_PREFIX + key: number for key, number in config.items()}}
        count = len(next(iter(values.values()))) if values else 0
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(self._value(self._tree, known), np.float64), (count,)).copy()

    def _value(self, node: ast.expr, known: Mapping[str, Any]) -> Any:
        match node:
            case ast.Constant(value=number):
                return np.float64(number)  # type: ignore[arg-type]
            case ast.Name(id=placeholder):
                return known[self._names[placeholder]]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._value(operand, known)
            case ast.UnaryOp(operand=operand):
                return self._value(operand, known)
            case ast.BinOp(left=left, op=symbol, right=right):
                return _OPERATORS[type(symbol)](self._value(left, known), self._value(right, known))
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return _call(function, [self._value(argument, known) for argument in arguments])
        raise AssertionError(ast.dump(node))  # `_check` let nothing else pass


def _call(function: str, arguments: list[Any]) -> Any:
    if function in _OF_ONE:
        return _OF_ONE[function](np.atleast_1d(arguments[0]))
    return functools.reduce(_OF_SEVERAL[function], arguments)


def split_definition(text: str) -> tuple[str, str] | None:
    """Name and formula of `NAME = EXPRESSION`; None where `text` has no such form."""
    found = _DEFINITION.fullmatch(text)
    return (found["quoted"] or found["plain"], found["expression"]) if found else None


def is_one_term(text: str) -> bool:
    """Whether a formula is one metric, one function call, or stands in parentheses as a whole.

    What follows such a formula, such as `:min`, can only be about all of it.

    Raises:
        UsageError: it holds what no formula does.
    """
    inner = text.strip()
    if inner.startswith("(") and inner.endswith(")") and _parsed(inner[1:-1], {}, {}) is not None:
        return True
    return isinstance(_parsed(inner, {}, {}), (ast.Name, ast.Call))


def parse_expression(text: str, aliases: Mapping[str, str] | None = None) -> Expression:
    """Understand a formula.

    Args:
        text: the formula.
        aliases: the metrics that short names stand for, such as `_step` for `step`.

    Raises:
        UsageError: it has a form, a function or a length that isn't allowed.
    """
    if len(text) > _MAX_LENGTH:
        raise _refused(text, f"it is longer than {_MAX_LENGTH} characters")
    names: dict[str, str] = {}
    tree = _parsed(text, names, aliases or {})
    if tree is None:
        raise _refused(text, "it is no formula")
    _check(tree, text)
    used = list(dict.fromkeys(names.values()))
    if all(name.startswith(CONFIG_PREFIX) for name in used):
        raise _refused(text, "it names no metric")
    return Expression(
        text=text.strip(),
        metrics=tuple(name for name in used if not name.startswith(CONFIG_PREFIX)),
        config_keys=tuple(name.removeprefix(CONFIG_PREFIX) for name in used if name.startswith(CONFIG_PREFIX)),
        _tree=tree,
        _names=names,
    )


def _parsed(text: str, names: dict[str, str], aliases: Mapping[str, str]) -> ast.expr | None:
    """The formula as a tree; None where it is none. `names` then has the metric behind each placeholder."""
    source = _with_placeholders(text, names, aliases)
    try:
        return ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _with_placeholders(text: str, names: dict[str, str], aliases: Mapping[str, str]) -> str:
    """The formula with a Python name in the place of each metric, which `names` then has by that name."""
    parts: list[str] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if not found:
            raise _refused(text, f"{text[position:].strip()[:20]!r} can't be understood")
        position = found.end()
        name = found["quoted"] or aliases.get(found["name"], found["name"])
        if found["name"] in FUNCTIONS and text[position:].lstrip().startswith("("):
            parts.append(found["name"])
        elif name is not None:
            placeholder = f"metric_{len(names)}"
            names[placeholder] = name
            parts.append(placeholder)
        elif found["number"]:
            # As a float: a power of whole numbers could grow without bound.
            parts.append(repr(float(found["number"])))
        else:
            parts.append(found["symbol"])
    return " ".join(parts)


def _check(node: ast.expr, text: str, depth: int = 0) -> None:
    if depth > _MAX_DEPTH:
        raise _refused(text, f"it is nested deeper than {_MAX_DEPTH} levels")
    match node:
        case ast.Constant(value=float()) | ast.Name():
            parts: list[ast.expr] = []
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            parts = [operand]
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in _OPERATORS:
            parts = [left, right]
        case ast.Call(func=ast.Name(id=function), args=parts, keywords=[]) if function in _OF_ONE:
            if len(parts) != 1:
                raise _refused(text, f"{function} takes one argument")
        case ast.Call(func=ast.Name(id=function), args=parts, keywords=[]) if function in _OF_SEVERAL:
            if len(parts) < 2:  # noqa: PLR2004 -- of one metric the running extreme is meant
                raise _refused(
                    text, f"{function} takes two or more arguments; cum{function}(METRIC) is the running one"
                )
        case _:
            raise _refused(text, "it is no formula of numbers, metrics and the functions listed")
    for part in parts:
        _check(part, text, depth + 1)


def _refused(text: str, why: str) -> UsageError:
    shown = text if len(text) <= _MAX_LENGTH else f"{text[:50]}..."
    return UsageError(f"the expression {shown.strip()!r} can't be used: {why}", hint=_HINT)

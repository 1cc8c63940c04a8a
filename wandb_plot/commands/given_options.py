"""Which options of a command its user gave."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import click
from click.core import ParameterSource

from wandb_plot.actions.figures.given_option import GivenOption
from wandb_plot.commands.option_types import PairType


def is_given(name: str) -> bool:
    """Whether the option of that name stands on the command line."""
    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def given_options(names: Sequence[str], *, of_picture: Collection[str]) -> list[GivenOption]:
    """Those of the options `names` that were given other than their defaults, in this order.

    Args:
        names: of parameters of the current command.
        of_picture: those that make another picture.
    """
    context = click.get_current_context()
    parameters = {parameter.name: parameter for parameter in context.command.params}
    return [
        GivenOption(name=name.replace("_", "-"), value=value, makes_other_picture=name in of_picture)
        for name in names
        if is_given(name)
        for value in _spelled(context, parameters[name])
    ]


def _spelled(context: click.Context, parameter: click.Parameter) -> Iterator[str | None]:
    """Each value of a parameter as text, None for a flag; nothing where it is the default."""
    value = context.params[parameter.name or ""]
    default = parameter.get_default(context)
    if isinstance(default, (str, int)) and parameter.type_cast_value(context, default) == value:
        return
    for one in value if parameter.multiple else [value]:
        yield _text(parameter.type, one)


def _text(kind: click.ParamType[Any], value: Any) -> str | None:
    if value is True:
        return None
    return kind.text(value) if isinstance(kind, PairType) else str(value)

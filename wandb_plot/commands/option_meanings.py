"""What the options of figures mean together: which contradict each other, and what they ask for."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from wandb_plot.errors import UsageError

if TYPE_CHECKING:
    from wandb_plot.figures.options import FigureOptions, LimitPair
    from wandb_plot.numbers.smoothing import Smoothing


def check_figure_options(options: Mapping[str, Any]) -> None:
    """Refuse what contradicts itself.

    Raises:
        UsageError: it does.
    """
    if options["smooth"] and options["smoothing"]:
        raise UsageError("--smooth and --smoothing contradict each other", hint="--smooth N is --smoothing average:N")
    if not options["group_by"] and (
        options["aggregate"] or options["incomplete"] or options["band"] not in (None, "none")
    ):
        raise UsageError("--aggregate, --band and --incomplete are over groups", hint="make groups with --group-by KEY")
    for scale, limits in (("xscale", "xlim"), ("yscale", "ylim")):
        numbers = [limit for limit in options[limits] or () if isinstance(limit, float)]
        if options[scale] == "log" and any(number <= 0 for number in numbers):
            raise UsageError(f"--{limits}: limits of a log scale are above zero", hint="leave a side out for no limit")


def check_look_options(options: Mapping[str, Any]) -> None:
    """Refuse what contradicts itself.

    Raises:
        UsageError: it does, or a style sheet isn't there.
    """
    if not options["panels"] and (options["across"] or options["share_y"]):
        raise UsageError("--across and --share-y are about panels", hint="make panels with --panels metric or KEY")
    style = options["style"]
    if style.endswith(".mplstyle") and not Path(style).is_file():
        raise UsageError(f"--style {style}: there is no such file", hint="give screen, paper, or the path of a style")


def features_needed(options: Mapping[str, Any]) -> list[str]:
    """What a renderer must draw besides lines, as `RendererTraits.draws` names it."""
    smoothing = options["smooth"] or options["smoothing"] not in (None, "none")
    needed = {"smooth": smoothing, "band": options["band"] not in (None, "none"), "panels": options["panels"]}
    return [feature for feature, is_needed in needed.items() if is_needed]


def figure_options(options: Mapping[str, Any]) -> "FigureOptions":
    """The options of a command as `FigureOptions`; options that the command doesn't have get their defaults.

    Raises:
        UsageError: a smoothing can't be read.
    """
    from wandb_plot.figures.options import FigureOptions, Presentation
    from wandb_plot.model.metrics import AXIS_COLUMNS

    presentation = Presentation(
        title=options.get("title"),
        xlabel=options.get("xlabel"),
        ylabel=options.get("ylabel"),
        label=options.get("label"),
        rename=dict(options.get("rename", ())),
        order=tuple(name for text in options.get("order", ()) for name in map(str.strip, text.split(",")) if name),
        colors=tuple(options.get("color", ())),
    )
    free: LimitPair = (None, None)
    return FigureOptions(
        x_axis=AXIS_COLUMNS.get(options["x_axis"], options["x_axis"]),
        xscale=options["xscale"],
        yscale=options["yscale"],
        xlim=options["xlim"] or free,
        ylim=options["ylim"] or free,
        smoothing=_smoothing(options),
        group_by=options["group_by"],
        aggregate=options["aggregate"] or "mean",
        band=options["band"] or "none",
        incomplete=options["incomplete"] or "keep",
        panels=options.get("panels"),
        across=options.get("across") or 0,
        share_y=options.get("share_y", False),
        presentation=presentation,
        style=options.get("style", "screen"),
        size=options.get("size"),
        dpi=options.get("dpi", 100),
    )


def _smoothing(options: Mapping[str, Any]) -> "Smoothing | None":
    from wandb_plot.numbers.smoothing import parse_smoothing

    text = f"average:{options['smooth']}" if options["smooth"] else options["smoothing"]
    return parse_smoothing(text) if text else None


def arguments_given(options: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """The options given that differ from their defaults, each spelled one way, such as `--yscale=log`."""
    context = click.get_current_context()
    parameters = {parameter.name: parameter for parameter in context.command.params}
    arguments: list[str] = []
    for name in names:
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and not _is_default(context, parameters[name], options[name]):
            option = "--" + name.replace("_", "-")
            values = options[name] if name in ("rename", "order", "color") else [options[name]]
            arguments += [option if value is True else f"{option}={_spelled(name, value)}" for value in values]
    return arguments


def _is_default(context: click.Context, parameter: click.Parameter, value: Any) -> bool:
    default = parameter.get_default(context)
    return isinstance(default, (str, int)) and parameter.type_cast_value(context, default) == value


def _spelled(name: str, value: Any) -> str:
    between = {"xlim": ":", "ylim": ":", "size": "x", "rename": "=", "color": "="}.get(name)
    if between is None:
        return str(value)
    return between.join("" if one is None else f"{one:.15g}" if isinstance(one, float) else str(one) for one in value)

"""What the commands share: their common options, and the opening of PROJECT."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from wandb_plot.console import Console
from wandb_plot.errors import AccessError, NotFoundError, ServerError, WandbPlotError
from wandb_plot.sources import is_local, open_source
from wandb_plot.sources.source import Source

no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Read a server's histories afresh, and keep none of them."
)

Command = Callable[..., None]

project_argument = click.argument("project")
run_argument = click.argument("run", required=False)
output_option = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write here instead of wandb_plots/ENTITY_PROJECT/NAME_ID.",
)


def common_options(command: Command) -> Command:
    """Give a command `--json`, `-q`, `-v`, `--debug` and `--timeout`, and the console as its first argument."""

    @click.option("--json", "_json", is_flag=True, expose_value=False, callback=_set("json"), help="Write JSON.")
    @click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, callback=_set("quiet"), help="No progress, no hints."
    )
    @click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_follow,
        help="Say on stderr what is read and asked.",
    )
    @click.option("--debug", is_flag=True, expose_value=False, callback=_set("debug"), help="Show tracebacks.")
    @click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Give up when the server has given nothing for that long, retries included.",
    )
    @click.pass_obj
    @functools.wraps(command)
    def with_console(console: Console | None, /, *args: Any, **kwargs: Any) -> None:
        command(console or Console(), *args, **kwargs)

    return with_console


@contextmanager
def opened(project: str, console: Console, timeout: float, *, cache: bool = True) -> Iterator[Source]:
    """The source that PROJECT names, closed afterwards.

    A bare word is a server's project even where a folder has that name; an error then says how to name the folder.
    """
    try:
        with open_source(project, warn=console.warn, timeout=timeout, cache=cache) as source:
            yield source
    except (NotFoundError, AccessError, ServerError) as error:
        _hint_at_folder(error, project)
        raise


def _hint_at_folder(error: WandbPlotError, project: str) -> None:
    try:
        is_folder = not is_local(project) and Path(project).exists()
    except (OSError, ValueError):
        return
    if is_folder:
        error.hint = f"{error.hint}; " if error.hint else ""
        error.hint += f"to read the local folder of that name, write ./{project}"


def _set(attribute: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        console = context.ensure_object(Console)
        setattr(console, attribute, value)

    return callback


def _follow(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    """Show on stderr what our loggers say, as long as the command runs; secrets are left out as everywhere there."""
    if not value:
        return
    import logging

    console = context.ensure_object(Console)

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            console.note(f"{record.name}: {record.getMessage()}")

    logger, handler = logging.getLogger("wandb_plot"), Notes()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    context.call_on_close(functools.partial(logger.removeHandler, handler))
    context.call_on_close(functools.partial(logger.setLevel, level))

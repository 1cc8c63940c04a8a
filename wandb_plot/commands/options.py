"""Options that several commands have, and the opening of PROJECT."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from wandb_plot.basics.formatting import count_text
from wandb_plot.console import Console
from wandb_plot.engines.lazy_engine import EngineOptions
from wandb_plot.errors import AccessError, NotFoundError, PartialError, ServerError, WandbPlotError
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.sources.open_project import is_local, open_source
from wandb_plot.sources.source_protocol import Source

no_cache_option = click.option("--no-cache", is_flag=True, help="Read a server's histories anew, and don't keep them.")

Command = Callable[..., None]

_ENGINE = "wandb_plot.engine"
_LOST = "wandb_plot.lost"

project_argument = click.argument("project")
all_rows_option = click.option(
    "--all-rows", is_flag=True, help="Show all rows of a long listing; without it a pipe gets the first 4 kB."
)
_CONDITIONS = ("filters", "states", "tags", "group", "sweep", "sort", "limit")
output_option = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write here instead of wandb_plots/ENTITY_PROJECT/NAME_ID.",
)


_condition_options = (
    click.option(
        "--state", "states", multiple=True, metavar="S", help="Only runs in this state; repeat for any of several."
    ),
    click.option(
        "--tag", "tags", multiple=True, metavar="T", help="Only runs with this tag; repeat for all of several."
    ),
    click.option("--group", metavar="G", help="Only runs of this group."),
    click.option("--sweep", metavar="ID", help="Only runs of this sweep."),
    click.option(
        "--filter",
        "filters",
        multiple=True,
        metavar="EXPR",
        help="Only runs that meet a condition: config.lr=0.1, name~REGEX, val/loss:min<0.5 (METRIC:REDUCTION), or a "
        "W&B JSON filter. Repeat it for several: all must hold. On a server, regular expressions are those of RE2.",
    ),
)
_SORT_HELP = (
    "Order the runs by created_at, name, state, summary.KEY, config.KEY or METRIC:REDUCTION; a leading - is descending."
)


def run_choice(*, sort: str | None = None, limit: int | None = None) -> Callable[[Command], Command]:
    """Give a command RUNS and the options that narrow it; it gets them as a `RunChoice`, its argument `choice`.

    Args:
        sort: the default of `--sort`; None for the order named, or else oldest first.
        limit: the default of `--limit`.
    """
    options = (
        click.argument("runs", required=False),
        *_condition_options,
        click.option("--sort", default=sort, show_default=sort is not None, metavar="KEY", help=_SORT_HELP),
        click.option(
            "--limit",
            type=click.IntRange(min=1),
            default=limit,
            show_default=limit is not None,
            metavar="N",
            help="Take at most N runs.",
        ),
    )

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_choice(*args: Any, runs: str | None, **options: Any) -> None:
            conditions = {name: options.pop(name) for name in _CONDITIONS}
            command(*args, choice=RunChoice(names=runs, **conditions), **options)

        return functools.reduce(lambda decorated, option: option(decorated), reversed(options), with_choice)

    return decorate


def runs_argument(command: Command) -> Command:
    """Give a command RUNS, the options that narrow it, and the options that say where histories are read."""
    return run_choice()(_engine_options(command))


def _engine_options(command: Command) -> Command:
    """Give a command the options that say where many runs are read; `opened` uses them."""

    @click.option(
        "--workers",
        type=click.IntRange(min=1),
        metavar="N",
        help="Read runs on disk in N processes. Default: as many as the amount of work justifies.",
    )
    @click.option(
        "--engine",
        envvar="WANDB_PLOT_ENGINE",
        metavar="NAME[:ADDRESS]",
        help="Where runs on disk are read: processes, dask:local, dask:ADDRESS, or another installed engine.",
    )
    @click.pass_context
    @functools.wraps(command)
    def with_engine(
        context: click.Context, /, *args: Any, workers: int | None, engine: str | None, **kwargs: Any
    ) -> None:
        context.meta[_ENGINE] = EngineOptions(engine, workers)
        command(*args, **kwargs)
        if lost := context.meta.get(_LOST):
            raise PartialError(f"without {count_text(len(lost), 'run')}: {lost[0].message}", hint=lost[0].hint)

    return with_engine


def common_options(command: Command) -> Command:
    """Give a command `--json`, `-q`, `-v`, `--debug` and `--timeout`, and the console as its first argument."""

    @click.option("--json", "_json", is_flag=True, expose_value=False, callback=_set("json"), help="Write JSON.")
    @click.option(
        "-q", "--quiet", is_flag=True, expose_value=False, callback=_set("quiet"), help="Show no progress and no hints."
    )
    @click.option(
        "-v",
        "--verbose",
        is_flag=True,
        expose_value=False,
        callback=_follow,
        help="Log to stderr what is read and requested.",
    )
    @click.option("--debug", is_flag=True, expose_value=False, callback=_set("debug"), help="Show tracebacks.")
    @click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Give up after so long without data from the server, retries included.",
    )
    @click.pass_obj
    @functools.wraps(command)
    def with_console(console: Console | None, /, *args: Any, **kwargs: Any) -> None:
        command(console or Console(), *args, **kwargs)

    return with_console


@contextmanager
def opened(
    project: str, console: Console, timeout: float, *, cache: bool = True, follow_links: bool = False
) -> Iterator[Source]:
    """The source that PROJECT names, closed afterwards.

    A bare word is a server's project even where a folder has that name; an error then says how to name the folder.
    """
    try:
        engine = replace(click.get_current_context().meta.get(_ENGINE, EngineOptions()), timeout=timeout)
        with open_source(
            project, warn=console.warn, timeout=timeout, cache=cache, follow_links=follow_links, engine=engine
        ) as source:
            if source.worker_access:
                click.get_current_context().meta[_LOST] = source.worker_access.engine.lost
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
    """Show on stderr what our loggers log while the command runs, without secrets, as all that is written there."""
    if not value:
        return
    import logging

    console = context.ensure_object(Console)

    class Notes(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            console.say(f"{record.name}: {record.getMessage()}")

    logger, handler = logging.getLogger("wandb_plot"), Notes()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    context.call_on_close(functools.partial(logger.removeHandler, handler))
    context.call_on_close(functools.partial(logger.setLevel, level))

"""`wandb-plot history`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wandb_plot.commands.drawing import NumberOptions
from wandb_plot.commands.figure_options import NUMBERS, number_options
from wandb_plot.commands.given_options import is_given
from wandb_plot.commands.option_types import Numbers
from wandb_plot.commands.options import common_options, no_cache_option, opened, project_argument, runs_argument
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.output.value_files import FORMATS, values_text, write_values
from wandb_plot.sources.selection.select_runs import select_runs

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 1000
# Options that choose values; a folder gets all.
_OF_VALUES = ("metrics", "include_system", "every", "at", "samples", "wide", "as_drawn", *NUMBERS)
_ONLY_DRAWN = ("smooth", "smoothing", "xscale", "yscale", "ylim", "group_by", "aggregate", "band", "incomplete")


@click.command()
@project_argument
@runs_argument
@click.option(
    "--metrics",
    multiple=True,
    metavar="A,B",
    help="Metric names, globs, or 'NAME = EXPRESSION'. Default: every numeric metric.",
)
@click.option(
    "--include-system", is_flag=True, help="Without --metrics: include the system stream; it needs --x-axis runtime."
)
@click.option(
    "--every", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Take the first point of every N steps."
)
@click.option(
    "--at",
    type=Numbers(),
    metavar="S1,S2",
    help="Take the last point at or before each of these steps; a row shows the step of its point.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    metavar="N",
    help="Read a sample of about N points per metric from a server.",
)
@click.option("--wide", is_flag=True, help="One column per metric, and a row for each step that any of them has.")
@click.option(
    "--as-drawn",
    is_flag=True,
    help="Write the points that `generate --full-res` draws with the group, smoothing and scale options below.",
)
@number_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", *FORMATS]),
    help="Output format. Default: that of the suffix of --output, else table.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help=f"Write all rows to a file; without it at most {_SHOWN:,} are shown. A folder takes whole histories, one "
    "Parquet file per run: it can be read as PROJECT, and the same command resumes an interrupted export.",
)
@click.option(
    "--shard", metavar="I/N", help="With a folder: write only the I-th of N equal shares of the runs, for array jobs."
)
@no_cache_option
@common_options
def history(
    console: Console,
    project: str,
    choice: RunChoice,
    metrics: tuple[str, ...],
    include_system: bool,
    every: float | None,
    at: tuple[float, ...] | None,
    samples: int | None,
    wide: bool,
    as_drawn: bool,
    numbers: NumberOptions,
    form: str | None,
    output: Path | None,
    shard: str | None,
    no_cache: bool,
    timeout: float,
) -> None:
    """Write the values that RUNS logged: one row per value, or with --wide one column per metric.

    Every logged point is read, each metric on its own steps.
    """
    if output is not None and (output.is_dir() or not output.suffix) and form in (None, "parquet"):
        _export(console, project, choice, output, shard, cache=not no_cache, timeout=timeout)
        return
    if shard is not None:
        raise UsageError("--shard is for a folder of histories", hint="name one with --output DIR")
    form = _checked_format(form, output)
    xlim = _limits(numbers, as_drawn=as_drawn, wide=wide)

    from wandb_plot.actions.history import HistoryRequest, read_values
    from wandb_plot.actions.tables.value_table import PointSelection

    request = HistoryRequest(
        metrics=metrics,
        include_system=include_system,
        x_axis=numbers.x_column,
        points=PointSelection(xlim=xlim, every=every, at=at or ()),
        samples=samples,
        wide=wide,
        drawn=numbers.figure_options() if as_drawn else None,
    )
    with opened(project, console, timeout, cache=not no_cache) as source:
        runs = select_runs(source, choice, warn=console.warn)
        table = read_values(source, runs, request, console)
    if output is None:
        _show(console, table, form)
    else:
        _write(console, table, form, output)


def _export(
    console: Console,
    project: str,
    choice: RunChoice,
    folder: Path,
    shard: str | None,
    *,
    cache: bool,
    timeout: float,
) -> None:
    """Write a Parquet file for each run."""
    if given := [name for name in _OF_VALUES if is_given(name)]:
        names = ", ".join("--" + name.replace("_", "-") for name in given)
        raise UsageError(f"a folder gets whole histories, without {names}", hint="name a file to write chosen values")

    from wandb_plot.actions.parquet_export import Shard, export_histories

    chosen = Shard.parse(shard) if shard else None
    with opened(project, console, timeout, cache=cache) as source:
        runs = select_runs(source, choice, warn=console.warn)
        outcome = export_histories(source, runs, folder, console, shard=chosen)
    console.outcome(outcome)
    outcome.raise_for_failures()


def _limits(numbers: NumberOptions, *, as_drawn: bool, wide: bool) -> tuple[float | None, float | None]:
    """The limits of x of logged values; none of those that are drawn, which have the limits of their figure.

    Raises:
        UsageError: options contradict each other, or only a figure has them.
    """
    if as_drawn:
        numbers.check()
        if wide:
            raise UsageError("--wide and --as-drawn contradict each other", hint="give one of them")
        return None, None
    drawn = [name for name in _ONLY_DRAWN if getattr(numbers, name) not in (None, "linear")]
    if drawn:
        raise UsageError(
            f"--{drawn[0].replace('_', '-')} is about figures", hint="add --as-drawn for what a figure shows"
        )
    low, high = numbers.xlim or (None, None)
    if not (isinstance(low, float | None) and isinstance(high, float | None)):
        raise UsageError("--xlim: percentiles are of what is drawn", hint="give numbers, or add --as-drawn")
    return low, high


def _checked_format(form: str | None, output: Path | None) -> str:
    """The format that is asked for, or that the name of the file tells."""
    form = form or _format_of(output)
    if form == "parquet" and output is None:
        raise UsageError("Parquet is no text: it goes to a file", hint="add --output FILE.parquet")
    if form == "table" and output is not None:
        raise UsageError("a table is for reading", hint=f"write a file as one of {', '.join(FORMATS)}")
    return form


def _format_of(output: Path | None) -> str:
    if output is None:
        return "table"
    suffix = output.suffix.removeprefix(".")
    if suffix in FORMATS:
        return suffix
    raise UsageError(
        f"--output {output}: what to write there can't be told from its name",
        hint=f"add --format, or end the name in one of .{', .'.join(FORMATS)}",
    )


def _show(console: Console, table: "pa.Table", form: str) -> None:
    shown = table.slice(0, _SHOWN)
    if console.json:
        console.document(shown.to_pylist())
    elif form == "table":
        rows = [list(row.values()) for row in shown.to_pylist()]
        shown = shown.slice(0, console.fitting(table.column_names, rows))
        console.table(table.column_names, rows[: shown.num_rows])
    else:
        console.lines(values_text(shown, form).removesuffix("\n").split("\n"))  # type: ignore[arg-type]  # a Choice of these
    if shown.num_rows < table.num_rows:
        console.say(
            f"{shown.num_rows:,} of {table.num_rows:,} rows are shown: --output FILE.csv writes all, "
            "--every N, --at and --xlim choose fewer"
        )


def _write(console: Console, table: "pa.Table", form: str, output: Path) -> None:
    write_values(table, output, form)  # type: ignore[arg-type]  # a Choice of these
    if console.json:
        console.document({"output": str(output), "format": form, "rows": table.num_rows, "columns": table.column_names})
    else:
        console.lines([str(output)])
        console.hint(f"{table.num_rows:,} rows")

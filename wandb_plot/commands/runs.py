"""`wandb-plot runs`."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from wandb_plot.basics.formatting import count_text
from wandb_plot.basics.json_text import to_json
from wandb_plot.commands.given_options import is_given
from wandb_plot.commands.options import all_rows_option, common_options, opened, project_argument, run_choice
from wandb_plot.console import Console
from wandb_plot.errors import UsageError
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.model.run import Run
from wandb_plot.sources.selection.names_and_globs import ALL
from wandb_plot.sources.selection.select_runs import find_runs
from wandb_plot.sources.source_protocol import Source

if TYPE_CHECKING:
    from wandb_plot.actions.runs import KeyDocument

# Harnesses of agents cut longer output.
_LARGE = 4000
_NEWEST_FIRST = "-created_at"
_COLUMNS = ("id", "name", "state", "created_at", "last_step", "tags")


@click.command()
@project_argument
@run_choice(sort=_NEWEST_FIRST, limit=100)
@click.option(
    "--fields", metavar="A,B", help="Show only these columns: id, name, summary.KEY, config.KEY, METRIC:REDUCTION, ..."
)
@click.option("--keys", is_flag=True, help="List config and summary keys, how many runs have each, and which vary.")
@all_rows_option
@common_options
def runs(
    console: Console, project: str, choice: RunChoice, fields: str | None, keys: bool, all_rows: bool, timeout: float
) -> None:
    """List runs: all of PROJECT, newest first, or RUNS in the order named."""
    if fields and keys:
        raise UsageError("--fields and --keys contradict each other", hint="--keys lists what --fields can name")
    with opened(project, console, timeout) as source:
        found = find_runs(source, _ordered(choice), warn=console.warn)
        if keys:
            _show_keys(console, found, all_rows=all_rows)
        elif console.json and not fields:
            _show_whole(console, found)
        else:
            _show_fields(console, source, found, _split(fields) or _COLUMNS, all_rows=all_rows)
    if len(found) == choice.limit and not is_given("limit"):
        console.say(f"Stopped at {len(found)}; there may be more runs: --limit N")


def _ordered(choice: RunChoice) -> RunChoice:
    """The choice; named runs stay in the order named unless `--sort` is given."""
    if choice.names == ALL:
        return replace(choice, names=None)
    return choice if is_given("sort") or not choice.names else replace(choice, sort=None)


def _show_whole(console: Console, found: Sequence[Run]) -> None:
    from wandb_plot.actions.runs import run_document

    documents = [run_document(run) for run in found]
    console.document(documents)
    if (size := len(to_json(documents))) > _LARGE:
        console.hint(f"{size // 1000} kB: --fields id,name,config.KEY keeps what it names, and --keys lists the keys")


def _show_fields(
    console: Console, source: Source, found: Sequence[Run], fields: Sequence[str], *, all_rows: bool
) -> None:
    from wandb_plot.actions.runs import list_fields

    rows = list_fields(source, found, fields, warn=console.warn)
    if console.json:
        console.document(rows)
    elif rows:
        console.listing(fields, [list(row.values()) for row in rows], whole=all_rows)
        states = Counter(run.state for run in found)
        counted = ", ".join(f"{count} {state}" for state, count in states.most_common())
        # A part of the answer, which --quiet keeps.
        console.say(f"{count_text(len(found), 'run')}: {counted}")
    else:
        console.say("No runs found")


def _show_keys(console: Console, found: Sequence[Run], *, all_rows: bool) -> None:
    from wandb_plot.actions.runs import list_keys

    documents = list_keys(found)
    if console.json:
        console.document(documents)
        return
    console.hint(f"Keys of {count_text(len(found), 'run')}")
    rows = [[one["key"], one["runs"], "yes" if one["varies"] else "no", _values_text(one)] for one in documents]
    console.listing(("key", "runs", "varies", "values"), rows, whole=all_rows)


def _split(fields: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in fields.split(",") if name.strip()) if fields else ()


def _values_text(document: "KeyDocument") -> str:
    """The values of a key: of many numbers the range, of many other values the first ones."""
    texts = [_value_text(value) for value in document["values"]]
    if document["distinct"] <= len(texts):
        return ", ".join(texts)
    if isinstance(document["values"][0], (int, float)):
        texts = [texts[0], texts[-1]]
    return f"{', '.join(texts[:-1])} ... {texts[-1]} ({document['distinct']} in all)"


def _value_text(value: object) -> str:
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return f"{value:.6g}" if isinstance(value, float) else str(value)

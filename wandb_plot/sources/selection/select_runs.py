"""RUNS: from names and conditions to runs, the same way in every command."""

from collections.abc import Sequence
from dataclasses import replace

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.queries.filters import Filter
from wandb_plot.model.queries.keys import absent_keys
from wandb_plot.model.queries.run_choice import RunChoice
from wandb_plot.model.queries.run_query import RunQuery, filter_key, joined_conditions, sort_runs
from wandb_plot.model.run import Run
from wandb_plot.sources.run_cautions import warn_of_cut_logs
from wandb_plot.sources.selection.conditions import RunConditions
from wandb_plot.sources.selection.names_and_globs import name_runs
from wandb_plot.sources.source_protocol import Source, Warn

# Enough to learn from which keys runs have, and few enough to fetch in a page or two.
_LOOKED_AT = 200


def select_run(source: Source, name: str | None) -> Run:
    """The one run that `name` names, or the only one there is.

    Raises:
        NotFoundError: no run, or several, are called so.
        UsageError: no name is given where there are several, or it names several.
    """
    runs = name_runs(source, name)
    if len(runs) > 1:
        raise UsageError(f"{name!r} names {len(runs)} runs, and one is wanted", hint="name one by its id")
    return runs[0]


def select_runs(source: Source, choice: RunChoice, *, warn: Warn) -> list[Run]:
    """The runs of `choice`, none twice.

    Raises:
        NotFoundError: a name names none or several, or no run meets the conditions.
        UsageError: nothing is said of the runs where there are several, or a condition can't be understood.
    """
    if replace(choice, names=None) == RunChoice():
        runs = name_runs(source, choice.names)
        warn_of_cut_logs(runs, warn)
        return runs
    runs = find_runs(source, choice, warn=warn)
    if not runs:
        raise NotFoundError("no run meets all the conditions", hint="list the runs with: wandb-plot runs PROJECT")
    return runs


def find_runs(source: Source, choice: RunChoice, *, warn: Warn) -> list[Run]:
    """The runs of `choice`, or of all runs where neither it nor PROJECT names one; may be empty.

    Raises:
        NotFoundError: a name names none or several, or no run was found because no run has a key that was asked for.
        UsageError: a condition can't be understood.
    """
    return find_sides(source, [choice], warn=warn)[0]


def find_sides(source: Source, choices: Sequence[RunChoice], *, warn: Warn) -> list[list[Run]]:
    """The runs of each of several choices, as `find_runs` has them; what is odd about their logs is told once."""
    sides: list[list[Run]] = []
    considered: list[Run] = []
    for choice in choices:
        runs, candidates = _find(source, choice, warn)
        sides.append(runs)
        considered += candidates
    warn_of_cut_logs(list({run.id: run for run in considered}.values()), warn)
    return sides


def _find(source: Source, choice: RunChoice, warn: Warn) -> tuple[list[Run], Sequence[Run]]:
    """The runs of a choice, and those whose numbers were looked at to choose them."""
    choice = replace(choice, names=choice.names or source.named_run)
    conditions = RunConditions(choice)
    if choice.names is None:
        candidates = source.runs(conditions.query())
    else:
        candidates = _narrowed(source, name_runs(source, choice.names), conditions.filter)
    _check_keys(source, candidates, conditions, warn)
    found = conditions.keep(source, candidates, warn)
    for text in choice.filters if not found else ():
        if joined := joined_conditions(text):
            warn(f"{text!r} is one condition; repeat the option for each of several: {', then '.join(joined)}")
    found = found[: choice.limit]
    if choice.names is None and choice.sort is None:
        found = sort_runs(found, "created_at", descending=False)
    return found, candidates if conditions.by_metric else found


def _narrowed(source: Source, runs: Sequence[Run], wanted: Filter) -> list[Run]:
    """Those of `runs` that meet the filter, as their source applies it."""
    if not wanted:
        return list(runs)
    ids = {"name": {"$in": [run.id for run in runs]}}
    meeting = {run.id for run in source.runs(RunQuery({"$and": [ids, wanted]}))}
    return [run for run in runs if run.id in meeting]


def _check_keys(source: Source, found: Sequence[Run], conditions: RunConditions, warn: Warn) -> None:
    """Tell of a key that no run has, with the nearest.

    Raises:
        NotFoundError: there is one, and no run was found.
    """
    if not absent_keys(conditions.keys, found):
        return
    runs = source.runs(RunQuery(limit=_LOOKED_AT))
    for key, nearest in absent_keys(conditions.keys, runs).items() if runs else ():
        if len(runs) == _LOOKED_AT and source.runs(RunQuery({filter_key(key): {"$exists": True}}, limit=1)):
            continue  # an older run has it
        words = absent_key_words(key, nearest)
        if not found:
            hint = "list the keys with: wandb-plot runs PROJECT --keys"
            raise NotFoundError(words, hint=hint, candidates=nearest)
        warn(words)


def absent_key_words(key: str, nearest: Sequence[str]) -> str:
    """That no run has a key, and what may be meant."""
    return f"no run has {key}" + (f"; did you mean {' or '.join(nearest)}?" if nearest else "")

"""Runs by what they are called: ids, display names, globs, `latest` and `all`, with commas between."""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.queries.regular_expressions import glob_pattern, is_glob
from wandb_plot.model.queries.run_query import RunQuery, is_filter
from wandb_plot.model.run import Run, runs_named
from wandb_plot.sources.source_protocol import Source

LATEST = "latest"
ALL = "all"

# Enough to find a misspelt name among, and few enough to fetch in a page or two.
_LOOKED_AT = 200
_WILDCARD = re.compile(r"[*?\[\]]")
_SHOWN = 8


def name_runs(source: Source, names: str | None) -> list[Run]:
    """The runs that `names` names, in that order, none twice; runs of one glob, or all, oldest first.

    The whole text is tried as one id, then as one display name, before it is split at commas.

    Args:
        source: holds the runs.
        names: None for the only run that there is.

    Raises:
        NotFoundError: no run, or several, are called so.
        UsageError: nothing is named where there are several runs.
    """
    if names is None:
        return [_only_run(source)]
    listed = [name for text in names.split(",") if (name := text.strip())]
    if not listed:
        raise UsageError("RUNS names no run", hint="give run ids, names or globs with commas between, latest, or all")
    if source.named_run is not None:
        return [_named_by_project(source, names)]
    # All are asked for in one question: a server takes its time for each.
    asked = dict.fromkeys(name for name in (names, *listed) if name not in (LATEST, ALL))
    found = source.find(*asked) if asked else []
    whole = runs_named(found, names)
    if whole:
        return [_one_of(whole, names)]
    runs = [run for name in listed for run in _called(source, name, found)]
    return list({run.id: run for run in runs}.values())


def _called(source: Source, name: str, found: Sequence[Run]) -> list[Run]:
    """The runs that `name` means, of which `found` are those of exactly that id or display name."""
    if name in (LATEST, ALL):
        runs = source.runs(RunQuery(descending=name == LATEST, limit=1 if name == LATEST else None))
        if not runs:
            raise _no_runs()
        return runs
    exact = runs_named(found, name)
    if exact:
        return [_one_of(exact, name)]
    runs = _matching(source, name) if is_glob(name) else []
    if not runs:
        raise _not_found(source, name)
    return runs


def _matching(source: Source, glob: str) -> list[Run]:
    pattern = {"$regex": glob_pattern(glob)}
    either = {"$or": [{"name": pattern}, {"display_name": pattern}]}
    runs = source.runs(RunQuery(either, descending=False))
    return [run for run in runs if fnmatchcase(run.id, glob) or fnmatchcase(run.name, glob)]


def _named_by_project(source: Source, names: str) -> Run:
    run = _only_run(source)
    if names in (LATEST, ALL, source.named_run, run.id, run.name):
        return run
    raise UsageError(f"PROJECT is the run {run}, and RUNS names another: {names!r}", hint="name the run once")


def _one_of(runs: Sequence[Run], name: str) -> Run:
    if len(runs) == 1:
        return runs[0]
    raise NotFoundError(
        f"{len(runs)} runs are called {name!r}",
        hint=f"name one by its id: {_ids(runs)}",
        candidates=[run.id for run in runs],
        code="run_ambiguous",
    )


def _only_run(source: Source) -> Run:
    if source.named_run is not None:
        found = source.find(source.named_run)
        if not found:
            raise _not_found(source, source.named_run)
        return _one_of(found, source.named_run)
    runs = source.runs(RunQuery(limit=_SHOWN + 1))
    if len(runs) == 1:
        return runs[0]
    if not runs:
        raise _no_runs()
    raise UsageError(
        "RUNS is missing, and there are several runs",
        hint=f"name some by id, name or glob, or say latest, all or --filter EXPR; newest are {_ids(runs)}",
        candidates=[run.id for run in runs],
    )


def _no_runs() -> NotFoundError:
    return NotFoundError("there are no runs here", hint="check PROJECT: wandb-plot runs PROJECT")


def _not_found(source: Source, name: str) -> NotFoundError:
    runs = source.runs(RunQuery(limit=_LOOKED_AT))
    as_filter = f"; a condition is written --filter {name!r}" if is_filter(name) else ""
    return NotFoundError(
        f"no run has the id or name {name!r}",
        hint=f"list them with: wandb-plot runs PROJECT{as_filter}",
        candidates=(_nearest(name, runs) or [run.name for run in runs])[:_SHOWN],
    )


def _nearest(name: str, runs: Sequence[Run]) -> list[str]:
    """The names that a misspelt name or glob may mean, or ids where these are nearer to a name; each run once."""
    start = _WILDCARD.split(name)[0] or _WILDCARD.sub("", name)
    # Of a glob, what comes before its first wildcard is compared with as much of the names.
    length = len(start) if name.startswith(start) and start != name else None
    by_text = {text: run for run in runs for text in (run.name, run.id)}
    near = get_close_matches(start, {text[:length] for text in by_text}, n=_LOOKED_AT, cutoff=0.5)
    names: dict[str, str] = {}
    for text in (text for match in near for text in by_text if text[:length] == match):
        run = by_text[text]
        names.setdefault(run.id, run.name if length else text)
    return list(names.values())


def _ids(runs: Sequence[Run]) -> str:
    shown = ", ".join(f"{run.id} ({run.name})" for run in runs[:_SHOWN])
    return f"{shown}, ..." if len(runs) > _SHOWN else shown

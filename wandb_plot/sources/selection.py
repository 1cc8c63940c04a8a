"""From the RUN argument to runs: by id, by display name, `latest`, or several of them with commas between."""

from collections.abc import Sequence
from difflib import get_close_matches

from wandb_plot.errors import NotFoundError, UsageError
from wandb_plot.model.query import RunQuery
from wandb_plot.model.run import Run, runs_named
from wandb_plot.sources.source import Source

LATEST = "latest"

# Enough to find a misspelt name among, and few enough to fetch in a page or two.
_LOOKED_AT = 200
_SHOWN = 8


def select_run(source: Source, name: str | None) -> Run:
    """The one run that RUN names, or the only one there is.

    Raises:
        NotFoundError: no run, or several, are called so.
        UsageError: RUN is left out where there are several.
    """
    if name is None:
        return _only_run(source)
    return _named(source, name)


def select_runs(source: Source, names: str | None) -> list[Run]:
    """The runs that RUN names, in that order, none twice.

    The whole text is tried as one id or name before it is split at commas.

    Raises:
        NotFoundError: no run, or several, are called so.
        UsageError: RUN is left out where there are several.
    """
    if names is None or "," not in names:
        return [select_run(source, names)]
    parts = [name for part in names.split(",") if (name := part.strip())]
    if not parts:
        raise UsageError("RUN names no run", hint="give run ids or names, with commas between")
    # Asked for at once, as a server takes its time to answer.
    found = source.find(names, *parts)
    whole = runs_named(found, names)
    if whole:
        return [_one_of(whole, names)]
    runs = [_named(source, name, runs_named(found, name)) for name in parts]
    return list({run.id: run for run in runs}.values())


def _named(source: Source, name: str, found: Sequence[Run] | None = None) -> Run:
    """The run that `name` means; `found` is what is called so, where that is known already."""
    if source.named_run is not None:
        run = _only_run(source)
        if name in (LATEST, source.named_run, run.id, run.name):
            return run
        raise UsageError(f"PROJECT is the run {run}, and RUN names another: {name!r}", hint="name the run once")
    if name == LATEST:
        return _latest(source)
    found = source.find(name) if found is None else found
    if not found:
        raise _not_found(source, name)
    return _one_of(found, name)


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
        raise NotFoundError("there are no runs here", hint="check PROJECT: wandb-plot runs PROJECT")
    raise UsageError(
        "RUN is missing, and there are several runs",
        hint=f"name one by id or name, or say latest; newest are {_ids(runs)}",
        candidates=[run.id for run in runs],
    )


def _latest(source: Source) -> Run:
    runs = source.runs(RunQuery(limit=1))
    if not runs:
        raise NotFoundError("there are no runs here", hint="check PROJECT: wandb-plot runs PROJECT")
    return runs[0]


def _not_found(source: Source, name: str) -> NotFoundError:
    runs = source.runs(RunQuery(limit=_LOOKED_AT))
    names = [text for run in runs for text in (run.name, run.id)]
    near = list(dict.fromkeys(get_close_matches(name, names, n=_SHOWN, cutoff=0.5)))
    return NotFoundError(
        f"no run has the id or name {name!r}",
        hint="list them with: wandb-plot runs PROJECT",
        candidates=near or [run.id for run in runs[:_SHOWN]],
    )


def _ids(runs: Sequence[Run]) -> str:
    shown = ", ".join(f"{run.id} ({run.name})" for run in runs[:_SHOWN])
    return f"{shown}, ..." if len(runs) > _SHOWN else shown

"""PROJECT, understood as a path or as a project of a server, and opened: the source of its runs."""

import os
from pathlib import Path

from wandb_plot.engines.lazy_engine import EngineOptions
from wandb_plot.sources.source_protocol import Source, Warn


def open_source(
    project: str,
    *,
    warn: Warn,
    timeout: float,
    cache: bool = True,
    follow_links: bool = False,
    engine: EngineOptions | None = None,
) -> Source:
    """Open what PROJECT names, which its form tells.

    Args:
        project: a local path (begins with `.`, `/` or `~`, or ends in `.wandb`), else a server's project.
        warn: called with a line for the user whenever something was skipped or chosen.
        timeout: give up when a server has given nothing for this many seconds.
        cache: keep what a server says of histories, and what finished logs on disk say of their runs, and use what
            was kept.
        engine: who reads many runs on disk; None for as many processes as the work is worth.
        follow_links: take in files outside of a run's folder, too, that symbolic links in it lead to.
    """
    if is_local(project):
        from wandb_plot.sources.local.run_index import user_index
        from wandb_plot.sources.local.source import LocalSource
        from wandb_plot.sources.parquet.source import ParquetSource, holds_runs

        path = Path(os.path.expanduser(project))  # noqa: PTH111 -- it leaves a home that nobody has as it stands
        if holds_runs(path):
            return ParquetSource(path, warn=warn, engine=engine)
        index = user_index() if cache else None
        return LocalSource(path, warn=warn, follow_links=follow_links, index=index, engine=engine)
    from wandb_plot.sources.server.source import ServerSource

    return ServerSource(project, warn=warn, timeout=timeout, cache=cache)


def open_entity(entity: str | None, *, warn: Warn, timeout: float) -> Source:
    """Open an entity of the server, of which only the projects can be listed; None for the account's default."""
    from wandb_plot.sources.server.source import ServerSource

    return ServerSource.for_entity(entity, warn=warn, timeout=timeout)


def is_local(project: str) -> bool:
    """Whether PROJECT names a path: paths have forms of their own, so that no folder hides a project of its name."""
    return project.startswith((".", "/", "~")) or project.endswith(".wandb")

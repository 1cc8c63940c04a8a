"""A Dask cluster as an engine: `dask:ADDRESS` of its scheduler, or `dask:local` for one of this machine's own."""

from concurrent.futures import BrokenExecutor, Executor, Future
from importlib.metadata import version
from typing import Any

from wandb_plot.errors import MachineError

# Longer than a scheduler on the other side of the world takes to answer.
_CONNECT_SECONDS = 20
_LOCAL = "local"


def dask(address: str, workers: int | None) -> Executor:
    """The engine `dask`.

    Args:
        address: of a scheduler, such as `tcp://10.0.0.1:8786`; `local`, or nothing, for a cluster of this machine.
        workers: processes of a local cluster; None for as many as there are cores.

    Raises:
        MachineError: `distributed` is missing, no scheduler answers, or a worker lacks this version of wandb-plot.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise MachineError(
            f"the engine dask needs distributed: {error}", hint="pip install 'wandb-plot[cluster]'", code="environment"
        ) from error
    if address in ("", _LOCAL):
        # Without a port of its own even a dashboard that nobody wants would take one that others may have.
        quiet = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, **quiet)  # type: ignore[no-untyped-call]
        return _DaskExecutor(Client(cluster), cluster)  # type: ignore[no-untyped-call]
    try:
        client = Client(address, timeout=_CONNECT_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise MachineError(
            f"no Dask scheduler answers at {address}: {error}",
            hint="check the address, or start one with: dask scheduler",
            code="environment",
        ) from error
    executor = _DaskExecutor(client, None)
    try:
        _check_workers(client)
    except MachineError:
        executor.shutdown(wait=False)
        raise
    return executor


class _DaskExecutor(Executor):
    """Dask's own executor, which ends its client and its local cluster too."""

    def __init__(self, client: Any, cluster: Any) -> None:
        self._client, self._cluster = client, cluster
        self._executor = client.get_executor(pure=False, retries=2)

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `function` on one of the workers; where that dies, Dask tries another."""
        ended: Future[Any] = Future()
        self._executor.submit(_call, function, args, kwargs).add_done_callback(lambda done: _pass_on(done, ended))
        return ended

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, and end it where it is ours."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()


def _pass_on(done: Future[Any], ended: Future[Any]) -> None:
    if done.cancelled():
        ended.cancel()
    elif (error := done.exception()) is None:
        ended.set_result(done.result())
    elif type(error).__name__ == "KilledWorker":
        ended.set_exception(BrokenExecutor(str(error)))
    else:
        ended.set_exception(error)


def _call(function: Any, args: Any, kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _check_workers(client: Any) -> None:
    """Make sure that there are workers, all with this version of wandb-plot."""

    def find_version() -> str | None:
        # Dask sends a function within a function as it is, also to where our modules can't be imported.
        from importlib.metadata import version
        from importlib.util import find_spec

        return version("wandb-plot") if find_spec("wandb_plot") else None

    found = client.run(find_version)
    ours = version("wandb-plot")
    if not found:
        raise MachineError(
            "the Dask scheduler has no workers", hint="start some with: dask worker ADDRESS", code="environment"
        )
    for worker, theirs in sorted(found.items()):
        if theirs != ours:
            has = f"wandb-plot {theirs}" if theirs else "no wandb-plot"
            raise MachineError(
                f"the Dask worker {worker} has {has}, and this is {ours}",
                hint=f"install it there: pip install wandb-plot=={ours}",
                code="environment",
            )

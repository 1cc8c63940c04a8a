"""The runs of some folders, each described once, when it is first asked for."""

from collections.abc import Iterator, Mapping, Sequence

from wandb_plot.engines.threads import map_concurrently
from wandb_plot.errors import MachineError
from wandb_plot.model.run import Run
from wandb_plot.sources.local.description import LogDescription, describe_log, describe_run
from wandb_plot.sources.local.run_folders import Segment
from wandb_plot.sources.local.run_index import RunIndex
from wandb_plot.sources.log.format.transaction_log import read_ends
from wandb_plot.sources.source_protocol import Warn

# Two hide what a folder on another machine takes to answer; eight contend for Python's lock, and take twice as long.
_THREADS = 2


class DescribedRuns:
    """Describes runs from the index, else from the heads and tails of their logs.

    Args:
        segments: of every run, oldest first, by run id. Segments that can't be read are taken out of it.
        index: what is known of finished logs; None to open each.
        warn: told which runs, or segments of them, were left out.
    """

    def __init__(self, segments: dict[str, list[Segment]], index: RunIndex | None, warn: Warn) -> None:
        self._segments, self._index, self._warn = segments, index, warn
        self._described: dict[str, Run | MachineError] = {}

    def first_started(self, count: int, *, newest: bool) -> list[Run]:
        """The `count` runs that began last, or first, by the names of their folders.

        Names tell no fractions of a second: of runs that began in the same second as the last one, all come.
        """
        by_start: dict[str, list[str]] = {}
        for run_id, segments in self._segments.items():
            by_start.setdefault(segments[0].started, []).append(run_id)
        if "" in by_start:
            return self.listed(list(self._segments))
        runs: list[Run] = []
        waiting: list[str] = []
        for started in sorted(by_start, reverse=newest):
            waiting += by_start[started]
            if len(runs) + len(waiting) >= count:
                runs += self.listed(waiting)
                waiting = []
            if len(runs) >= count:
                return runs
        return runs + self.listed(waiting)

    def listed(self, run_ids: Sequence[str]) -> list[Run]:
        """Some of the runs; those of which nothing can be read are left out, with a warning."""
        self.describe(run_ids)
        runs = []
        for run_id in run_ids:
            try:
                runs.append(self.run(run_id))
            except MachineError as error:
                if len(self._segments) == 1:
                    raise
                self._warn(f"left out run {run_id}: {error}")
        return runs

    def run(self, run_id: str) -> Run:
        """One of the runs that were described.

        Raises:
            MachineError: nothing of it can be read.
        """
        described = self._described[run_id]
        if isinstance(described, MachineError):
            raise described
        return described

    def describe(self, run_ids: Sequence[str]) -> None:
        """Describe those runs that were not yet: from the index, else from the heads and tails of their logs."""
        unknown = [run_id for run_id in run_ids if run_id not in self._described]
        segments = [segment for run_id in unknown for segment in self._segments[run_id]]
        known: dict[Segment, LogDescription | MachineError] = dict(self._index.load(segments)) if self._index else {}
        missing = [segment for segment in segments if segment not in known]
        read = dict(zip(missing, _all_described(missing), strict=True))
        if self._index and read:
            self._index.store({segment: log for segment, log in read.items() if isinstance(log, LogDescription)})
        known |= read
        for run_id in unknown:
            self._described[run_id] = self._joined(run_id, known)

    def _joined(self, run_id: str, known: Mapping[Segment, LogDescription | MachineError]) -> Run | MachineError:
        """A run from what is known of its segments; those that can't be read don't count from here on."""
        found = {segment: known[segment] for segment in self._segments[run_id]}
        logs = {segment: log for segment, log in found.items() if isinstance(log, LogDescription)}
        failures = [log for log in found.values() if isinstance(log, MachineError)]
        if not logs:
            return failures[-1]
        for failure in failures:
            self._warn(f"left out a segment of run {run_id}: {failure}")
        self._segments[run_id] = list(logs)
        return describe_run(run_id, logs)


def _all_described(segments: Sequence[Segment]) -> Iterator[LogDescription | MachineError]:
    if len(segments) == 1:
        return map(_described, segments)
    return map_concurrently(_described, segments, at_once=_THREADS)


def _described(segment: Segment) -> LogDescription | MachineError:
    """What a segment's log says, or why that can't be told."""
    try:
        return describe_log(segment, read_ends(segment.log))
    except MachineError as error:
        return error
    except OSError as error:
        return MachineError(f"can't read {segment.log}: {error.strerror}", hint="check its permissions")
    except Exception as error:  # noqa: BLE001 -- whatever stands in one log, the other runs are to be read
        return MachineError(
            f"what {segment.log} says makes no sense: {type(error).__name__}: {error}",
            hint="the file is damaged, or was not written by wandb",
            code="log_unreadable",
        )

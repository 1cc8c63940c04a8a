"""What values do from their first to their last, found once for words and metadata.json."""

from dataclasses import dataclass

import numpy as np

from wandb_plot.model.history import FloatArray
from wandb_plot.model.metadata_types import Number, Statistics
from wandb_plot.numbers.findings.events import Explosion, NonFinite, divergence, explosion
from wandb_plot.numbers.findings.spikes import Spike, spikes
from wandb_plot.numbers.findings.trend import End, end_of
from wandb_plot.numbers.statistics import statistics_of


@dataclass(frozen=True, kw_only=True)
class SeriesFindings:
    """What values do from their first to their last.

    Attributes:
        statistics: `statistics_of(x, y)`; its `min_step` and `max_step` are x here, whatever the axis is.
        divergence: the NaN or infinite values that they end with after finite ones.
        nan_gaps: NaN values before that.
        inf_gaps: infinite ones.
        end: whether they still fall or rise.
        spikes: those that stand out most first.
        explosion: where they leave for good.
    """

    statistics: Statistics
    divergence: NonFinite | None
    nan_gaps: int
    inf_gaps: int
    end: End | None
    spikes: tuple[Spike, ...]
    explosion: Explosion | None

    @property
    def x_of_min(self) -> Number | None:
        """Where on the x axis the least value is first reached."""
        return self.statistics["min_step"]

    @property
    def x_of_max(self) -> Number | None:
        """Where on the x axis the greatest value is first reached."""
        return self.statistics["max_step"]


def findings_of(x: FloatArray, values: FloatArray) -> SeriesFindings:
    """What `values` do.

    Args:
        x: shape (n,).
        values: shape (n,), NaN and infinities as they were logged.
    """
    at_end = divergence(x, values)
    before = values[: len(values) - at_end.points] if at_end else values
    return SeriesFindings(
        statistics=statistics_of(x, values),
        divergence=at_end,
        nan_gaps=int(np.isnan(before).sum()),
        inf_gaps=int(np.isinf(before).sum()),
        end=end_of(x, values),
        spikes=tuple(spikes(x, values)),
        explosion=explosion(x, values),
    )

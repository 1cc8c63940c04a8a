"""What may be chosen of a figure, and the defaults. It imports no numpy, so the command line can know it."""

from typing import Literal, get_args

XScale = Literal["linear", "log", "time"]
YScale = Literal["linear", "log"]
Aggregate = Literal["mean", "median", "iqm"]
SummedBand = Literal["std", "stderr", "minmax"]
BandKind = Literal["none", SummedBand, "ci"]
# What becomes of a group's line where its runs end or diverge.
Incomplete = Literal["keep", "stop", "drop"]

SCALES: tuple[YScale, ...] = get_args(YScale)
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)
BAND_KINDS: tuple[BandKind, ...] = get_args(BandKind)
INCOMPLETE: tuple[Incomplete, ...] = get_args(Incomplete)

DEFAULT_AGGREGATE: Aggregate = "mean"
DEFAULT_BAND: BandKind = "none"
DEFAULT_INCOMPLETE: Incomplete = "keep"
DEFAULT_STYLE = "screen"
DEFAULT_SIZE = (8.0, 4.5)
DEFAULT_DPI = 100

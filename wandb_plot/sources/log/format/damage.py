"""What damage cost a log: counted extent by extent, added up, and put into words."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from wandb_plot.sources.log.format.blocks import Extent
from wandb_plot.sources.log.format.protobuf import Fields, varints

CUT = "it ends inside a record: it was cut off, or is still being written"

# A record's running number, and what no number of a real log comes near.
_NUM = 1
_LARGEST_NUM = 2**53


@dataclass(frozen=True)
class ExtentDamage:
    """What was lost in one extent of a log.

    Attributes:
        blocks: the first block of the extent, and the one after its last.
        readable: whether any record could be read.
        malformed: records that are no well-formed message.
        numbers: the first and the last running number; None where there is none.
        missing: how many numbers are missing between these.
        reached: as in `blocks.Extent`, like the last three.
    """

    blocks: tuple[int, int]
    readable: bool
    malformed: int
    numbers: tuple[int, int] | None
    missing: int
    reached: int
    continued: list[tuple[int, int]]
    skipped: int
    cut: bool

    @classmethod
    def of(cls, extent: Extent, fields: Fields, first: int, stop: int, *, readable: bool) -> Self:
        """Count what was lost of an extent; `fields` are those of its records."""
        nums = varints(extent.buffer, fields.start[fields.number == _NUM])[0]
        nums = nums[(nums > 0) & (nums < _LARGEST_NUM)]
        steps = np.diff(nums)
        return cls(
            blocks=(first, stop),
            readable=readable,
            malformed=int(np.count_nonzero(fields.broken)),
            numbers=(int(nums[0]), int(nums[-1])) if len(nums) else None,
            missing=int(np.sum(steps[steps > 1] - 1)),
            reached=extent.reached,
            continued=extent.continued,
            skipped=extent.skipped,
            cut=extent.cut,
        )


@dataclass
class Damage:
    """What was lost in all extents added so far, which are added in the order of the file.

    Where an extent doesn't begin where the one before it ended, what lies between doesn't count as lost.
    """

    readable: bool = False
    cut: bool = False
    _malformed: int = 0
    _missing: int = 0
    _skipped: int = 0
    _last_number: int | None = 0
    _stop: int = 0
    _reached: int = field(default=0)

    def add(self, lost: ExtentDamage) -> None:
        """Add what was lost in the next extent."""
        first, stop = lost.blocks
        adjoins = first == self._stop
        if adjoins:
            self._skipped += sum(size for begin, size in lost.continued if begin >= self._reached)
        else:
            self._last_number = None
        if lost.numbers:
            if self._last_number is not None:
                self._missing += max(lost.numbers[0] - self._last_number - 1, 0)
            self._last_number = lost.numbers[1]
        self.readable |= lost.readable
        self.cut |= lost.cut
        self._malformed += lost.malformed
        self._missing += lost.missing
        self._skipped += lost.skipped
        self._stop = stop
        self._reached = max(self._reached, lost.reached)

    def problems(self) -> tuple[str, ...]:
        """A line for the user on each kind of damage."""
        lines = []
        if self._skipped:
            lines.append(f"skipped {self._skipped:,} damaged bytes; what comes before and after them was read")
        if self._malformed:
            lines.append(f"skipped records that are not well-formed: {self._malformed:,}")
        if self._missing:
            lines.append(f"lost records: {self._missing:,}, as the gaps in their numbering show")
        if self.cut:
            lines.append(CUT)
        return tuple(lines)

"""An option of `generate` that its user gave."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GivenOption:
    """An option that was given, other than its default.

    Attributes:
        name: on the command line, without its dashes: `share-y`.
        value: as text, spelled one way; None for a flag.
        makes_other_picture: whether another value of it makes another picture of the same metrics, in a file of its
            own, rather than the same one finer or coarser.
    """

    name: str
    value: str | None
    makes_other_picture: bool

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}={self.value}"

    @property
    def words(self) -> list[str]:
        """The words of a command that give it."""
        return [f"--{self.name}", *([] if self.value is None else [self.value])]

"""Who is told, while the work goes on, what is being done and what went wrong."""

from typing import Protocol


class Listener(Protocol):
    """Such as the console of a command; may be called from several threads."""

    def progress(self, message: str) -> None:
        """Take what is being done now."""

    def warn(self, message: str) -> None:
        """Take what the user should know though the work goes on."""

    def hint(self, message: str) -> None:
        """Take what could be done better."""

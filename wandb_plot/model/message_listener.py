"""Messages while the work goes on: what is being done, what went wrong, what could be done better."""

from typing import Protocol


class Listener(Protocol):
    """Takes messages, as the console of a command does; may be called from several threads."""

    def progress(self, message: str) -> None:
        """Say what is being done now."""

    def warn(self, message: str) -> None:
        """Say what the user should know though the work goes on."""

    def hint(self, message: str) -> None:
        """Say what the user could do better."""

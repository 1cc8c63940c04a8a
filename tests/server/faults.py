"""What can be made to go wrong, how often, and for which requests."""

import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

Kind = Literal["status", "cut", "garble", "hang", "refuse", "trickle", "flood", "bomb"]


@dataclass
class Fault:
    """One way for a request to fail.

    Attributes:
        kind: `status` answers with `status`; `cut` ends the connection within the body; `garble` changes bytes of the
            body, not their number; `hang` says nothing until the server closes; `refuse` closes without an answer;
            `trickle` sends one byte a second; `flood` sends bytes without end; `bomb` sends what unpacks to 64 GB.
        match: a glob over the name of the GraphQL operation, or over the path of any other request.
        times: how many requests still fail; None for all of them.
        status: for `status`; below 400 the GraphQL answer is well-formed and holds `message` among its `errors`.
        retry_after: seconds, sent as `Retry-After`.
    """

    kind: Kind
    match: str
    times: int | None
    status: int = 500
    retry_after: float | None = None
    message: str = "a fault was asked for"


class Faults:
    """The faults a server still has in store; the one set first strikes first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Have `fault` strike from the next request on."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._faults.clear()

    def strike(self, operation: str) -> Fault | None:
        """The fault that befalls this request, which is used up by it, if any does."""
        with self._lock:
            for fault in self._faults:
                if fault.times != 0 and fnmatchcase(operation, fault.match):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

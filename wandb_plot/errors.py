"""The ways a command can fail, each with its exit code and its `error.code`.

* WandbPlotError           1  internal
  + UsageError             2  usage
  + NotFoundError          3  project_not_found, run_not_found, run_ambiguous, metric_not_found, path_not_found
  + AccessError            4  not_logged_in, forbidden
  + ServerError            5  server, network, timeout
  + MachineError           6  filesystem, environment, log_unreadable
    - RendererError        6  renderer_failed
  + PartialError           7  partial
  + GateError              8  gate
"""

import errno
from collections.abc import Sequence

FULL_DISK = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
"""The `errno` of an `OSError` of a full disk, or of a quota that is used up."""


class WandbPlotError(Exception):
    """An end of a command that its user can understand.

    Attributes:
        message: what happened, and why, in one line.
        hint: what to do next, in one line; may be empty.
        candidates: names that could have been meant, best first.
        code: the stable word that scripts compare with.
        exit_code: what the process ends with.
    """

    exit_code = 1
    code = "internal"

    def __init__(
        self, message: str, *, hint: str = "", candidates: Sequence[str] = (), code: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.candidates = tuple(candidates)
        if code is not None:
            self.code = code


class UsageError(WandbPlotError):
    """The request can't be understood, or the named renderer or engine can't do it."""

    exit_code = 2
    code = "usage"


class NotFoundError(WandbPlotError):
    """A project, run, metric or path that was named isn't there."""

    exit_code = 3
    code = "run_not_found"


class AccessError(WandbPlotError):
    """Not logged in, or not allowed."""

    exit_code = 4
    code = "not_logged_in"


class ServerError(WandbPlotError):
    """The server or the network failed, after bounded retries."""

    exit_code = 5
    code = "server"


class MachineError(WandbPlotError):
    """Something about this machine: a folder, a disk, a missing dependency, an unreadable log."""

    exit_code = 6
    code = "filesystem"


class RendererError(MachineError):
    """A renderer could not be loaded, or failed to draw; renderers may raise it themselves."""

    code = "renderer_failed"


class PartialError(WandbPlotError):
    """Some of what was asked for was made and some was not; the output has the one and names the other."""

    exit_code = 7
    code = "partial"


class GateError(WandbPlotError):
    """What `--gate` asked was answered with no; the result is on stdout all the same."""

    exit_code = 8
    code = "gate"


class WandbPlotWarning(UserWarning):
    """What the user of the library should know though the work goes on; a command says it on stderr."""


class SubstituteFont(UserWarning):
    """A renderer took an installed font, which it names, for characters that its own fonts have no glyphs for.

    Users aren't warned of it: metadata.json names the fonts of each figure.
    """

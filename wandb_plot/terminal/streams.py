"""stdout and stderr, whatever they are: a terminal of any encoding, a pipe that nobody reads, a full disk, nothing.

stdout carries the result: what it can't take ends the command. stderr carries what is said beside: the work goes on
without it.
"""

import os
import select
import sys
from typing import TextIO


class StdoutClosedError(Exception):
    """The reader of stdout has closed it, as `head` does once it has its lines."""


def write_out(text: str) -> None:
    """Write to stdout.

    Raises:
        StdoutClosedError: nobody reads it any more.
        OSError: it can't be written to, such as a file on a full disk.
    """
    try:
        _write(sys.stdout, text)
    except BrokenPipeError as error:
        raise StdoutClosedError from error


def write_err(text: str) -> None:
    """Write to stderr where that is possible."""
    try:
        _write(sys.stderr, text)
    except (OSError, ValueError):
        leave_to_nobody("stderr")


def open_missing() -> None:
    """Give the process the standard streams that it was started without, leading nowhere.

    Otherwise the next file it opens gets the number of one of them, and whatever is printed there goes into the file.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number and not _is_open(number):
                os.dup2(nowhere, number)
            setattr(sys, name, os.fdopen(nowhere, "r" if name == "stdin" else "w", encoding="utf-8"))


def leave_to_nobody(name: str) -> None:
    """Have a standard stream lead nowhere from now on, with what it still holds."""
    stream: TextIO = getattr(sys, name)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):  # one that was closed, or that tests put in place
        setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))
    else:
        os.close(nowhere)


def is_stdout_read() -> bool:
    """Whether somebody may still read what is written to stdout."""
    if not hasattr(select, "poll"):
        return False
    poller = select.poll()
    poller.register(sys.stdout, 0)
    return not any(flags & (select.POLLERR | select.POLLHUP) for _, flags in poller.poll(0))


def flush_all() -> OSError | None:
    """Flush both streams; the failure of stdout, if there was one."""
    failure = None
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except (OSError, ValueError) as error:
            leave_to_nobody(name)
            if name == "stdout" and isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                failure = error
    return failure


def encoding_of(stream: TextIO) -> str:
    """What text is encoded in there: the terminal's own encoding, or else UTF-8 in every locale."""
    return (stream.encoding or "ascii") if stream.isatty() else "utf-8"


def _write(stream: TextIO, text: str) -> None:
    # Bytes, so that a locale can't change them. A stream that tests put in place may have no buffer.
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(text)
        return
    stream.flush()
    buffer.write(text.encode(encoding_of(stream), "backslashreplace"))
    buffer.flush()


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True

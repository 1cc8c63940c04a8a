"""stdout and stderr, whatever they are: a terminal of any encoding, a pipe that nobody reads, a full disk, nothing.

stdout carries the result: if it can't be written, the command ends. stderr carries messages: if they can't be written,
the work goes on.
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
        redirect_to_null("stderr")


def open_missing() -> None:
    """Open each standard stream that the process was started without, on the null device.

    Otherwise the next file it opens gets the number of one of them, and whatever is printed there goes into the file.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number and not _is_open(number):
                os.dup2(nowhere, number)
            setattr(sys, name, os.fdopen(nowhere, "r" if name == "stdin" else "w", encoding="utf-8"))


def redirect_to_null(name: str) -> None:
    """Send a standard stream to the null device from now on, with what it still holds."""
    stream: TextIO = getattr(sys, name)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):  # one that was closed, or that tests put in place
        setattr(sys, name, os.fdopen(nowhere, "w", encoding="utf-8"))
    else:
        os.close(nowhere)


def is_stdout_read() -> bool:
    """Whether stdout may still have a reader."""
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
            redirect_to_null(name)
            if name == "stdout" and isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
                failure = error
    return failure


def encoding_of(stream: TextIO) -> str:
    """The encoding to write with: the terminal's own, or else UTF-8 in every locale."""
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

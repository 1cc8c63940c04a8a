"""The boundary: runs the command group, maps every way out to a message and an exit code, and ends the process.

What it needs is imported once signals are caught, so that an interruption has the same end at every moment.
"""

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from wandb_plot.console import Console
    from wandb_plot.errors import WandbPlotError

# Windows has fewer.
_SIGNALS = {
    number: what
    for name, what in (("SIGINT", "interrupted"), ("SIGTERM", "terminated"), ("SIGHUP", "the terminal was closed"))
    if (number := getattr(signal, name, None))
}

# What a result that this machine can't take ends with (errors.MachineError, which isn't imported that early).
_UNWRITTEN = 6

# numpy starts a thread a core for linear algebra, which costs 0.08 s of a processor and isn't used here.
_NO_THREADS = "OPENBLAS_NUM_THREADS"

_received: list[int] = []


def main() -> NoReturn:
    """Run the command line and end the process."""
    code = 128 + signal.SIGINT
    try:
        for number in _SIGNALS:
            # A command that runs in the background or under nohup was started to ignore some of them.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _interrupt)
        os.environ.setdefault(_NO_THREADS, "1")
        from wandb_plot.terminal.streams import flush_all, open_missing

        open_missing()
        code = run(sys.argv[1:])
        if flush_all() is not None:
            code = code or _UNWRITTEN
    except KeyboardInterrupt:
        code = 128 + (_received or [signal.SIGINT])[-1]
    finally:
        # Everything is closed and flushed here. An orderly end would wait for threads whose answer may never come, and
        # take some tenths of a second longer once a figure was drawn.
        os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; why it failed was told on stderr."""
    given = list(arguments)
    options = given[: given.index("--")] if "--" in given else given
    console = None
    try:
        from wandb_plot.cli import cli
        from wandb_plot.console import Console

        # Click reads the options too, but a usage error may come before it got that far.
        console = Console(json="--json" in options, debug="--debug" in options, arguments=given)
        if "_WANDB_PLOT_COMPLETE" in os.environ:
            cli.main(given, prog_name="wandb-plot")
        # What click's own main makes of interruptions and closed streams is not what is promised here.
        with cli.make_context("wandb-plot", given, obj=console) as context:
            cli.invoke(context)
    except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 -- the boundary
        return _end(error, console)
    finally:
        if console is not None:
            console.end_progress()
    return 0


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    """Unwind, which removes what is half done; every library knows how to let a Ctrl-C pass."""
    _received.append(number)
    raise KeyboardInterrupt


def _end(error: BaseException, console: "Console | None") -> int:
    """Say on stderr what ended the command, and give its exit code."""
    from wandb_plot.terminal.streams import StdoutClosedError, is_stdout_read, redirect_to_null, write_err

    if console is not None:
        console.end_progress()
    if _is_interruption(error):
        number = (_received or [signal.SIGINT])[-1]
        write_err(f"Warning: {_SIGNALS[number]}; what was done stays valid\n")
        return 128 + number
    if isinstance(error, StdoutClosedError) or (isinstance(error, BrokenPipeError) and not is_stdout_read()):
        # The reader of stdout has closed it, as `head` does: nothing failed.
        redirect_to_null("stdout")
        return 0

    from click.exceptions import Exit, NoArgsIsHelpError

    if isinstance(error, Exit):
        return error.exit_code
    if isinstance(error, NoArgsIsHelpError):
        write_err(f"{error.format_message()}\n")
        return 2
    known = _explain(error)
    if console is None:
        write_err(f"Error: {known.message}\n")
        return known.exit_code
    if console.debug:
        console.traceback(error)
    console.error(known)
    return known.exit_code


def _is_interruption(error: BaseException) -> bool:
    """Whether a signal is behind it; an import or a callback that was interrupted fails in a way of its own."""
    if _received:
        return True
    link: BaseException | None = error
    seen = set()
    while link is not None and id(link) not in seen:
        if isinstance(link, KeyboardInterrupt):
            return True
        seen.add(id(link))
        link = link.__cause__ or link.__context__
    return False


def _explain(error: BaseException) -> "WandbPlotError":
    import click

    from wandb_plot.errors import FULL_DISK, MachineError, UsageError, WandbPlotError

    if isinstance(error, WandbPlotError):
        return error
    if isinstance(error, click.UsageError):
        command = error.ctx.command_path if error.ctx else "wandb-plot"
        return UsageError(error.format_message(), hint=f"see {command} --help")
    if isinstance(error, click.ClickException):
        return UsageError(error.format_message())
    if isinstance(error, OSError) and error.errno is not None:
        name = f"{error.filename}: " if error.filename else ""
        hint = "free some space" if error.errno in FULL_DISK else "check the path and its permissions"
        return MachineError(f"{name}{os.strerror(error.errno)}", hint=hint)
    if isinstance(error, MemoryError):
        return MachineError("out of memory", hint="ask for fewer metrics, or a smaller --size", code="environment")
    return WandbPlotError(
        f"this is a defect of wandb-plot: {type(error).__name__}: {error}",
        hint="please report it, with the traceback that --debug shows",
    )


if __name__ == "__main__":
    main()
